"""A server's service: nobody waits for what takes long, and nothing is forgotten."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import pytest

from api.live.reindexing import Reindexer, reindex
from api.live.service import LiveMatchService
from api.service import MatchService
from api.settings import Settings
from data.decisions import DecisionRepository
from data.index_store import IndexStore
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from embeddings.hashing_encoder import HashingEncoder
from matcher.decision import Decision
from matcher.graph.schema import NodeKind
from matcher.types import Achievement, Need, Status
from tests.api.conftest import settings_for

NEED = Need(id="n1", title="轴承异响诊断")


@pytest.fixture(autouse=True)
def quick_model(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "model_folder" not in request.fixturenames:
        monkeypatch.setattr("api.parts.open_encoder", lambda name: HashingEncoder(dim=32))


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty achievements are many, of which three may be laid over; the graph may wait."""
    for module in ("data.index_store", "api.live.service"):
        monkeypatch.setattr(f"{module}.SMALL", 20)
    monkeypatch.setattr("data.index_store.MOST_LAID_OVER", 0.1)
    monkeypatch.setattr("api.live.service.LEAST_BETWEEN_S", 0.0)
    monkeypatch.setattr("api.live.service.GRAPH_BEHIND", 10.0)


@pytest.fixture
def settings(home: Path) -> Settings:
    return settings_for(home, home / "no model")


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Event]:
    """Lets a reindexing, done in this process here, begin; set unless a test clears it."""
    may_run = Event()
    may_run.set()

    def run(self: Reindexer) -> bool:
        assert may_run.wait(60)
        reindex(settings)
        return True

    monkeypatch.setattr(Reindexer, "run", run)
    yield may_run
    may_run.set()


@pytest.fixture
def service(settings: Settings, runs: Event) -> Iterator[LiveMatchService]:
    first = MatchService(settings)
    with session_scope(first.engine) as session:
        NeedRepository(session).upsert_many([NEED])
        AchievementRepository(session).upsert_many(
            Achievement(id=f"a{i:02}", title=f"陶瓷轴承方案{i}") for i in range(30)
        )
    first.refresh()
    first.close()
    live = LiveMatchService(settings)
    yield live
    runs.set()
    live.close()


def store(service: MatchService, *achievements: Achievement) -> None:
    with session_scope(service.engine) as session:
        AchievementRepository(session).upsert_many(achievements)


def found(service: MatchService, text: str = "轴承") -> set[str]:
    return {m.document_id for m in service.match_text(text, k=100).matches.matches}


def soon(happened: Callable[[], bool]) -> bool:
    end = monotonic() + 60
    while not happened() and monotonic() < end:
        sleep(0.02)
    return happened()


def generations(home: Path) -> set[Path]:
    return set((home / "indexes").rglob("generation-*"))


def many() -> list[Achievement]:
    return [Achievement(id=f"b{i}", title=f"磁悬浮轴承{i}") for i in range(9)]


def test_a_small_change_is_found_by_the_next_question_and_writes_nothing(service, home):
    before, files = found(service), generations(home)

    store(service, Achievement(id="b", title="磁悬浮轴承"))

    assert found(service) == before | {"b"}
    assert generations(home) == files


def test_a_withdrawn_achievement_is_gone_from_the_next_answer(service):
    before = found(service)

    store(service, Achievement(id="a07", title="陶瓷轴承方案7", status=Status.WITHDRAWN))

    assert found(service) == before - {"a07"}


def test_whoever_asks_while_a_change_is_heard_gets_the_answer_of_before(service, monkeypatch):
    before = found(service)
    hearing, may_go_on = Event(), Event()
    followed = IndexStore.followed

    def slow(self, index):
        hearing.set()
        assert may_go_on.wait(60)
        return followed(self, index)

    monkeypatch.setattr(IndexStore, "followed", slow)
    store(service, Achievement(id="b", title="磁悬浮轴承"))
    answers: list[set[str]] = []
    first = Thread(target=lambda: answers.append(found(service)))
    first.start()
    assert hearing.wait(60)

    meanwhile = found(service)
    may_go_on.set()
    first.join()

    assert meanwhile == before
    assert answers == [before | {"b"}]


def test_many_changes_are_indexed_beside_the_answers(service, runs, home):
    before, files = found(service), generations(home)
    runs.clear()

    store(service, *many())

    assert found(service) == before
    runs.set()
    assert soon(lambda: found(service) == before | {a.id for a in many()})
    assert generations(home) != files


def test_what_changes_while_files_are_written_is_not_forgotten(service, runs):
    before = found(service)
    runs.clear()
    store(service, *many())
    found(service)

    store(service, Achievement(id="late", title="油膜轴承"))
    runs.set()

    assert soon(lambda: found(service) == before | {"late"} | {a.id for a in many()})


def test_files_that_could_not_be_written_are_tried_again(service, monkeypatch, settings):
    before, tried, may_succeed = found(service), Event(), Event()

    def failing(self: Reindexer) -> bool:
        tried.set()
        if may_succeed.is_set():
            reindex(settings)
        return may_succeed.is_set()

    monkeypatch.setattr(Reindexer, "run", failing)
    monkeypatch.setattr("api.live.service.LEAST_BETWEEN_S", 0.05)
    store(service, *many())

    assert found(service) == before
    assert tried.wait(60)
    assert found(service) == before
    may_succeed.set()
    assert soon(lambda: found(service) == before | {a.id for a in many()})


def test_a_small_corpus_is_indexed_at_once_at_the_start_too(service, monkeypatch):
    runs: list[Reindexer] = []
    monkeypatch.setattr(Reindexer, "run", lambda self: runs.append(self))
    with session_scope(service.engine) as session:
        NeedRepository(session).upsert_many([Need(id="n2", title="轴承润滑")])

    asked = service.records.posting("a01")
    answer = service.match(asked, k=9)

    assert {m.document_id for m in answer.matches.matches} == {"n1", "n2"}
    assert not runs


def test_the_graph_follows_once_much_has_changed(service, monkeypatch):
    def in_the_graph(need_id: str) -> bool:
        city = service.current(AchievementRepository).city
        assert city is not None
        return city.holds(NodeKind.NEED, need_id)

    assert in_the_graph("n1")
    with session_scope(service.engine) as session:
        NeedRepository(session).upsert_many([Need(id="n2", title="轴承润滑")])
    assert not in_the_graph("n2")
    monkeypatch.setattr("api.live.service.GRAPH_BEHIND", 0.01)
    with session_scope(service.engine) as session:
        NeedRepository(session).upsert_many([Need(id="n3", title="轴承密封")])

    assert soon(lambda: in_the_graph("n2"))
    assert in_the_graph("n3")


def test_refreshing_waits_until_small_changes_are_heard(service):
    found(service)
    store(service, Achievement(id="b", title="磁悬浮轴承"))

    service.refresh()

    assert "b" in service.rank_for(NEED, k=100)


def test_a_decision_is_learnt_beside_the_answers(service):
    def levels() -> dict[str, float | None]:
        return {m.document_id: m.fair for m in service.match(NEED, k=5).matches.matches}

    before = levels()
    judged = next(iter(before))
    decision = Decision(
        id="d", query_id="n1", document_id=judged, level=1, who="李", made_at=datetime.now(UTC)
    )
    with session_scope(service.engine) as session:
        DecisionRepository(session).add(decision)

    assert soon(lambda: levels().get(judged, 0.0) != before[judged])


def test_the_first_start_over_many_records_writes_their_files_first(settings, runs, home):
    first = MatchService(settings)
    store(first, *(Achievement(id=f"a{i:02}", title=f"陶瓷轴承方案{i}") for i in range(30)))
    first.close()
    live = LiveMatchService(settings)

    live.refresh()
    answer = found(live)
    live.close()

    assert len(answer) == 30
    assert generations(home)


def test_an_empty_city_answers_with_nothing(settings, runs):
    live = LiveMatchService(settings)

    live.refresh()
    answer = found(live)
    live.close()

    assert answer == set()


def test_files_are_brought_up_to_date_by_a_process_of_its_own(home: Path, model_folder: Path):
    settings = settings_for(home, model_folder)
    service = MatchService(settings)
    store(service, Achievement(id="a", title="陶瓷轴承"))
    service.close()

    assert Reindexer(settings).run()
    assert (home / "indexes" / "achievements" / "lexical" / "manifest.json").exists()
    assert (home / "indexes" / "graph" / "manifest.json").exists()


def test_a_stopped_reindexer_runs_nothing(settings: Settings):
    reindexer = Reindexer(settings)

    reindexer.stop()

    assert not reindexer.run()
