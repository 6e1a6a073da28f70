"""The service over its lifetime: stale, damaged, concurrent."""

import shutil
import threading
from pathlib import Path

import pytest

from api.plans.pairing import pair
from api.service import MatchService
from data.match_runs import MatchRunRepository
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import session_scope
from data.versions import data_version
from matcher.types import Achievement, Need, Organization, OrganizationKind, Status
from tests.api.conftest import settings_for


@pytest.fixture
def messages() -> list[str]:
    return []


@pytest.fixture
def service(home: Path, model_folder: Path, messages: list[str]) -> MatchService:
    return MatchService(settings_for(home, model_folder), notify=messages.append)


def store(service: MatchService, *achievements: Achievement) -> None:
    with session_scope(service.engine) as session:
        AchievementRepository(session).upsert_many(achievements)


def found(service: MatchService, text: str) -> list[str]:
    return [m.document_id for m in service.match_text(text, k=10).matches.matches]


def test_a_new_achievement_is_found_by_the_next_question(service: MatchService):
    store(service, Achievement(id="a1", title="陶瓷轴承"))
    assert found(service, "轴承") == ["a1"]

    store(service, Achievement(id="a2", title="磁悬浮轴承"))

    assert set(found(service, "轴承")) == {"a1", "a2"}


def test_a_withdrawn_achievement_is_no_longer_found(service: MatchService):
    store(service, Achievement(id="a1", title="陶瓷轴承"), Achievement(id="a2", title="轴承钢"))
    found(service, "轴承")

    store(service, Achievement(id="a2", title="轴承钢", status=Status.WITHDRAWN))

    assert found(service, "轴承") == ["a1"]


def test_an_index_older_than_the_data_follows_and_says_so(
    service: MatchService, messages: list[str], home: Path, model_folder: Path
):
    store(service, Achievement(id="a1", title="陶瓷轴承"))
    service.refresh()
    store(service, Achievement(id="a2", title="磁悬浮轴承"))

    later = MatchService(settings_for(home, model_folder), notify=messages.append)

    assert set(found(later, "轴承")) == {"a1", "a2"}
    assert any("up to the data" in message for message in messages)


def test_a_damaged_index_is_rebuilt_and_said(
    service: MatchService, messages: list[str], home: Path, model_folder: Path
):
    store(service, Achievement(id="a1", title="陶瓷轴承"))
    service.refresh()
    for file in (home / "indexes" / "achievements" / "lexical").rglob("*.npy"):
        file.write_bytes(file.read_bytes()[:-1])

    later = MatchService(settings_for(home, model_folder), notify=messages.append)

    assert found(later, "轴承") == ["a1"]
    assert any("lexical" in message for message in messages)


def test_an_index_of_another_database_is_not_trusted(
    service: MatchService, messages: list[str], home: Path, model_folder: Path
):
    store(service, Achievement(id="old", title="陶瓷轴承"))
    service.refresh()
    service.close()
    for file in home.glob("yilian.sqlite*"):
        file.unlink()

    later = MatchService(settings_for(home, model_folder), notify=messages.append)
    store(later, Achievement(id="new", title="陶瓷轴承"))

    assert found(later, "轴承") == ["new"]
    assert any("another database" in message for message in messages)


def test_an_index_from_before_a_restored_backup_is_not_trusted(
    service: MatchService, messages: list[str], home: Path, model_folder: Path
):
    """The restored database reaches the same version number again, with other content."""
    store(service, Achievement(id="a", title="陶瓷轴承"))
    service.close()
    shutil.copy(home / "yilian.sqlite", home / "backup.sqlite")
    store(service, Achievement(id="b", title="轴承钢"))
    service.refresh()
    service.close()
    for file in home.glob("yilian.sqlite*"):
        file.unlink()
    shutil.copy(home / "backup.sqlite", home / "yilian.sqlite")

    later = MatchService(settings_for(home, model_folder), notify=messages.append)
    store(later, Achievement(id="c", title="轴承润滑"))

    assert set(found(later, "轴承")) == {"a", "c"}
    assert any("went back" in message for message in messages)


def test_an_answer_does_not_wait_for_a_writer(service: MatchService, messages: list[str]):
    store(service, Achievement(id="a1", title="陶瓷轴承"))
    service.refresh()

    with session_scope(service.engine) as writing:
        data_version(writing)  # a transaction begins with its first statement
        answer = found(service, "轴承")

    assert answer == ["a1"]
    assert any("not kept" in message for message in messages)


def test_the_same_answer_is_kept_once(service: MatchService):
    store(service, Achievement(id="a1", title="陶瓷轴承"))
    for _ in range(3):
        found(service, "轴承")

    with session_scope(service.engine, write=False) as session:
        assert MatchRunRepository(session).count() == 1


def test_only_published_needs_and_universities_are_paired(service: MatchService):
    with session_scope(service.engine) as session:
        OrganizationRepository(session).upsert_many(
            [
                Organization(id="e", name="某企业", kind=OrganizationKind.ENTERPRISE),
                Organization(id="u", name="某大学", kind=OrganizationKind.UNIVERSITY),
            ]
        )
        NeedRepository(session).upsert_many(
            [
                Need(id="n1", title="轴承异响", chains=("robot",)),
                Need(id="n2", title="轴承寿命", chains=("nev",), status=Status.WITHDRAWN),
            ]
        )
        AchievementRepository(session).upsert_many(
            [
                Achievement(id="a1", title="轴承异响诊断", organization="e"),
                Achievement(id="a2", title="轴承润滑", organization="u"),
            ]
        )

    plan = pair(service)

    assert [(team.hub, team.lead, team.partners) for team in plan.teams] == [("robot", "u", ())]


def test_a_need_that_names_no_chain_is_paired_by_its_wording(service: MatchService):
    with session_scope(service.engine) as session:
        OrganizationRepository(session).upsert_many(
            [Organization(id="u", name="某大学", kind=OrganizationKind.UNIVERSITY)]
        )
        NeedRepository(session).upsert_many(
            [
                Need(id="n1", title="工业机器人谐波减速器寿命提升"),
                Need(id="n2", title="高速公路边坡防护"),
            ]
        )
        AchievementRepository(session).upsert_many(
            [Achievement(id="a1", title="谐波减速器柔轮疲劳试验", organization="u")]
        )

    plan = pair(service)

    assert [(c.hub, c.need) for c in plan.coverage] == [("robot", "n1")]


def test_a_second_process_encodes_nothing(service: MatchService, home: Path, model_folder: Path):
    store(service, Achievement(id="a1", title="陶瓷轴承"), Achievement(id="a2", title="轴承钢"))
    service.refresh()
    found(service, "轴承")
    later = MatchService(settings_for(home, model_folder))

    later.refresh()
    found(later, "轴承")

    assert later.encoder.misses == 0


def test_every_match_is_kept_as_a_run(service: MatchService):
    store(service, Achievement(id="a1", title="陶瓷轴承"))

    asked = service.records.posting("a1")
    service.match(asked, k=3)

    with session_scope(service.engine, write=False) as session:
        (run,) = MatchRunRepository(session).latest("achievement", "a1")
    assert run.model == service.encoder.fingerprint
    assert run.result["query_id"] == "a1"


def test_threads_get_the_same_list(service: MatchService):
    store(service, *(Achievement(id=f"a{i}", title=f"轴承方案{i}") for i in range(20)))
    answers: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(found(service, "轴承方案")))
        for _ in range(6)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 6
    assert all(answer == answers[0] for answer in answers)
