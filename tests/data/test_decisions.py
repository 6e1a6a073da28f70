"""Decisions are kept as made."""

from datetime import timedelta

from sqlalchemy import Engine

from data.decisions import DecisionRepository, Shown, last_shown
from data.match_runs import MatchRunRepository
from data.repository import BATCH, UpsertCounts
from data.session import session_scope
from data.versions import data_version
from matcher.decision import ReasonCode, Verdict
from tests.data.builders import MOMENT, make_decision
from tests.data.test_match_runs import make_run


def test_a_decision_comes_back_as_it_was_made(engine: Engine):
    full = make_decision(
        "d1",
        level=4,
        verdict=Verdict.REJECT,
        reason=ReasonCode.PRICE,
        note="差 20 万",
        run_id="r1",
        rank=3,
    )
    bare = make_decision("d2", level=1, made_at=MOMENT + timedelta(microseconds=1))

    with session_scope(engine) as session:
        DecisionRepository(session).add_many([bare, full])

    with session_scope(engine, write=False) as session:
        stored = DecisionRepository(session)
        assert stored.all() == (full, bare)
        assert stored.get("d1") == full
        assert stored.get("d3") is None


def test_a_decision_of_a_known_id_stays_as_it_was(engine: Engine):
    with session_scope(engine) as session:
        stored = DecisionRepository(session)
        first = stored.add(make_decision("d1", level=4))
        again = stored.add(make_decision("d1", level=1))
        twice_in_one = stored.add_many([make_decision("d2", level=2)] * 2)

        assert (first, again) == (True, False)
        assert twice_in_one == UpsertCounts(added=1, unchanged=1)
        assert [d.level for d in stored.all()] == [4, 2]


def test_more_decisions_than_one_statement_takes_are_stored(engine: Engine):
    many = [make_decision(f"d{i:04}", level=2) for i in range(BATCH + 1)]

    with session_scope(engine) as session:
        counts = DecisionRepository(session).add_many(many)

        assert counts == UpsertCounts(added=BATCH + 1)
        assert DecisionRepository(session).count() == BATCH + 1


def test_decisions_are_read_by_need_or_newest_first(engine: Engine):
    with session_scope(engine) as session:
        stored = DecisionRepository(session)
        for minute, (decision_id, need) in enumerate([("d3", "n1"), ("d1", "n2"), ("d2", "n1")]):
            made_at = MOMENT + timedelta(minutes=minute)
            stored.add(make_decision(decision_id, level=2, query_id=need, made_at=made_at))

        assert [d.id for d in stored.of_query("n1")] == ["d3", "d2"]
        assert [d.id for d in stored.latest(k=2)] == ["d2", "d1"]


def test_a_decision_leaves_the_indexes_current(engine: Engine):
    with session_scope(engine) as session:
        before = data_version(session)
        DecisionRepository(session).add(make_decision(level=4))

        assert data_version(session) == before


def test_a_match_was_last_shown_in_the_latest_run_or_not_at_all(engine: Engine):
    def listing(run_id: str, minute: int, *found: str):
        matches = [{"document_id": a, "rank": rank} for rank, a in enumerate(found, start=1)]
        return make_run(run_id, minute, result={"matches": matches})

    with session_scope(engine) as session:
        runs = MatchRunRepository(session)
        runs.add(listing("r1", 0, "a1", "a2"))
        runs.add(listing("r2", 1, "a3", "a1"))

        assert last_shown(session, "n1", "a1") == Shown("r2", 2)
        assert last_shown(session, "n1", "a2") is None
        assert last_shown(session, "n2", "a1") is None
