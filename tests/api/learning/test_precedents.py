"""A broker's decision moves the next list, in the same process, and the list says why."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
import pytest

from api.answers import answer_as_json
from api.cli.console import out
from api.cli.match import print_answer
from api.learning.cited_precedents import cited_matches
from api.service import Answer, MatchService
from data.decisions import DecisionRepository
from data.precedent_files import load_precedents, save_precedents
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from matcher.decision import Decision
from matcher.pipeline import Pipeline
from matcher.signals import NAMES
from matcher.types import Achievement, Need, Status, Visibility
from tests.api.conftest import settings_for

DYEING = Need(id="n1", title="靛蓝染色不用保险粉")
MOTOR = Need(id="n2", title="电机异响")


@pytest.fixture
def service(home: Path, model_folder: Path) -> MatchService:
    made = MatchService(settings_for(home, model_folder))
    with session_scope(made.engine) as session:
        NeedRepository(session).upsert_many([DYEING, MOTOR])
        AchievementRepository(session).upsert_many(
            [
                Achievement(id="a1", title="靛蓝电化学还原染色"),
                Achievement(id="a2", title="陶瓷轴承润滑"),
            ]
        )
    return made


def decide(
    service: MatchService, document_id: str, level: int, *, id_: str = "d1", need_id: str = "n1"
) -> None:
    decision = Decision(
        id=id_,
        query_id=need_id,
        document_id=document_id,
        level=level,
        who="李工",
        made_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
    )
    with session_scope(service.engine) as session:
        DecisionRepository(session).add(decision)


def fair(service: MatchService, need: Need) -> dict[str, float]:
    return {m.document_id: m.fair for m in service.match(need, k=5).matches.matches}


def again(home: Path, model_folder: Path) -> dict[str, float]:
    """What the next process finds for the need that was judged."""
    return fair(MatchService(settings_for(home, model_folder)), DYEING)


def test_a_decision_moves_the_next_list_and_is_named(service: MatchService):
    before = fair(service, DYEING)

    decide(service, "a1", 1)
    after = service.match(DYEING, k=5).matches.matches

    judged = next(match for match in after if match.document_id == "a1")
    assert judged.fair < before["a1"] / 2
    assert judged.precedent.precedent.level == 1


def printed(answer: Answer) -> str:
    with out.capture() as captured:
        print_answer(answer)
    return "".join(captured.get().split())


def test_the_printed_list_names_a_near_precedent_and_no_far_one(service: MatchService):
    decide(service, "a1", 4)

    words = printed(service.match(DYEING, k=5)) + printed(service.match(MOTOR, k=5))

    assert words.count("先例：2026-03-02此匹配已判为4级/thismatchwasjudgedlevel4on2026-03-02") == 1
    assert words.count("先例") == 1


def close(service: MatchService, need: Need, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Of the match with ``a3``, the precedent as JSON; any one counts as close."""
    monkeypatch.setattr("api.learning.cited_precedents.CLOSE_PRECEDENT", 0.0)
    found = answer_as_json(service.match(need, k=5))["matches"]
    cited: dict[str, Any] = next(m for m in found if m["document_id"] == "a3")["precedent"]
    return cited


ALIKE = Achievement(id="a3", title="靛蓝电化学还原染色机")
OTHER = Need(id="n3", title="靛蓝染色少用保险粉")


@pytest.fixture
def crowded(service: MatchService) -> MatchService:
    with session_scope(service.engine) as session:
        NeedRepository(session).upsert_many([OTHER])
        AchievementRepository(session).upsert_many([ALIKE])
    return service


def test_a_precedent_of_the_same_need_names_the_other_achievement(
    crowded: MatchService, monkeypatch: pytest.MonkeyPatch
):
    decide(crowded, "a1", 4)

    cited = close(crowded, DYEING, monkeypatch)

    assert cited["zh"] == "相近先例：2026-03-02 对成果「靛蓝电化学还原染色」判为 4 级"
    assert cited["en"] == "like a match judged level 4 on 2026-03-02"
    assert cited["achievement"] == {"id": "a1", "title": "靛蓝电化学还原染色"}
    assert (cited["level"], cited["judged_on"]) == (4, "2026-03-02")


def test_a_precedent_of_another_need_names_it(
    crowded: MatchService, monkeypatch: pytest.MonkeyPatch
):
    decide(crowded, "a3", 2)

    cited = close(crowded, OTHER, monkeypatch)

    assert cited["zh"] == "相近先例：2026-03-02 对需求「靛蓝染色不用保险粉」与本成果判为 2 级"
    assert cited["need"] == {"id": "n1", "title": "靛蓝染色不用保险粉"}


@pytest.mark.parametrize("visibility", [Visibility.MASKED, Visibility.BROKER])
def test_items_that_are_not_public_are_not_named(
    crowded: MatchService, monkeypatch: pytest.MonkeyPatch, visibility: Visibility
):
    with session_scope(crowded.engine) as session:
        NeedRepository(session).upsert_many([replace(DYEING, visibility=visibility)])
        hidden = Achievement(id="a1", title="靛蓝电化学还原染色", visibility=visibility)
        AchievementRepository(session).upsert_many([hidden])
    decide(crowded, "a1", 4)

    cited = close(crowded, OTHER, monkeypatch)

    assert cited["zh"] == "相近先例：2026-03-02 对另一需求与另一成果判为 4 级"
    assert cited["need"] == cited["achievement"] == {"id": None, "title": None}


def test_an_item_withdrawn_meanwhile_is_not_named(crowded: MatchService):
    decide(crowded, "a1", 4)
    listed = crowded.match(DYEING, k=5).matches.matches
    with session_scope(crowded.engine) as session:
        gone = Achievement(id="a1", title="靛蓝电化学还原染色", status=Status.WITHDRAWN)
        AchievementRepository(session).upsert_many([gone])

        told = cited_matches(session, "n1", listed)

    assert told["a3"].achievement.title is None
    assert told["a3"].level == 4


def test_a_far_precedent_is_not_put_in_words(service: MatchService):
    decide(service, "a1", 4)
    (one,) = [
        m for m in answer_as_json(service.match(DYEING, k=5))["matches"] if m["document_id"] == "a2"
    ]

    assert one["precedent"]["likeness"] < 0.25
    assert (one["precedent"]["zh"], one["precedent"]["en"]) == (None, None)


def test_the_day_is_that_of_the_decision_that_counts(service: MatchService):
    decide(service, "a1", 1)
    later = Decision(
        id="d2",
        query_id="n1",
        document_id="a1",
        level=3,
        who="李工",
        made_at=datetime(2026, 4, 5, 12, tzinfo=UTC),
    )
    with session_scope(service.engine) as session:
        DecisionRepository(session).add(later)

    assert "2026-04-05此匹配已判为3级" in printed(service.match(DYEING, k=5))


def test_another_need_is_left_as_it_was(service: MatchService):
    before = fair(service, MOTOR)

    decide(service, "a1", 1)

    assert fair(service, MOTOR) == pytest.approx(before)


def test_without_a_new_decision_nothing_is_learnt_again(service: MatchService, monkeypatch):
    decide(service, "a1", 4)
    first = fair(service, DYEING)
    monkeypatch.setattr("matcher.precedent_learning.learn_precedents", None)

    assert fair(service, DYEING) == first


def test_the_next_process_learns_nothing_again(
    service: MatchService, home: Path, model_folder: Path, monkeypatch
):
    decide(service, "a1", 4)
    first = fair(service, DYEING)
    monkeypatch.setattr("matcher.precedent_learning.learn_precedents", None)

    assert again(home, model_folder) == first


def test_one_more_decision_measures_one_more_pair(service: MatchService, monkeypatch):
    decide(service, "a1", 4)
    fair(service, DYEING)
    measured = []
    monkeypatch.setattr(
        Pipeline,
        "measure",
        lambda self, query, ids: measured.append(list(ids)) or np.zeros((len(ids), len(NAMES))),
    )

    decide(service, "a2", 1, id_="d2")
    fair(service, DYEING)

    assert measured == [["a2"]]


def test_what_was_measured_on_other_data_is_measured_again(
    service: MatchService, home: Path, model_folder: Path
):
    decide(service, "a1", 4)
    fair(service, DYEING)

    with session_scope(service.engine) as session:
        longer = replace(DYEING, text="牛仔纱线，成本不高于现有工艺。")
        NeedRepository(session).upsert_many([longer])
    after = again(home, model_folder)

    rmtree(home / "indexes" / "precedents")
    assert again(home, model_folder) == after


def test_what_was_measured_where_documents_lay_elsewhere_is_measured_again(
    service: MatchService, home: Path, model_folder: Path
):
    decide(service, "a1", 4)
    first = fair(service, DYEING)
    folder = home / "indexes" / "precedents"
    saved = load_precedents(folder)
    elsewhere = replace(saved.measured, documents=-saved.measured.documents)
    pairs = replace(saved.precedents.pairs, documents=elsewhere.documents)
    moved = replace(saved, measured=elsewhere, precedents=replace(saved.precedents, pairs=pairs))
    save_precedents(moved, folder)

    assert again(home, model_folder) == first


def test_damaged_files_are_learnt_anew(service: MatchService, home: Path, model_folder: Path):
    decide(service, "a1", 4)
    first = fair(service, DYEING)
    (home / "indexes" / "precedents" / "manifest.json").write_text("{")
    told = []

    mended = fair(MatchService(settings_for(home, model_folder), notify=told.append), DYEING)

    assert mended == first
    assert any("先例文件不可用" in words for words in told)


def test_where_nothing_can_be_saved_the_list_is_still_made(service: MatchService, home: Path):
    decide(service, "a1", 4)
    (home / "indexes").mkdir(exist_ok=True)
    (home / "indexes" / "precedents").write_text("a file where a folder should be")

    assert fair(service, DYEING)["a1"] > 0


def test_strong_matches_hear_the_precedents_too(service: MatchService):
    decide(service, "a1", 1)

    grader = service.grader([Achievement(id="a1", title="靛蓝电化学还原染色")])

    assert grader.precedents is not None
