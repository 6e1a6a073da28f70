"""Match runs are kept as given."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Engine

from data.match_runs import MatchRun, MatchRunRepository
from data.session import session_scope
from tests.data.builders import MOMENT


def make_run(id: str, minute: int = 0, **changes: Any) -> MatchRun:
    values: dict[str, Any] = {
        "created_at": MOMENT + timedelta(minutes=minute),
        "query_kind": "need",
        "query_id": "n1",
        "model": "hashing-64",
        "config": {"k": 10, "weights": [0.5, 1]},
        "data_version": 7,
        "result": {"matches": [{"id": "a1", "score": 0.25, "reasons": ["护套"]}]},
    }
    return MatchRun(id=id, **(values | changes))


def test_a_run_comes_back_as_it_was_given(engine: Engine):
    with session_scope(engine) as session:
        MatchRunRepository(session).add(make_run("r1"))

    with session_scope(engine, write=False) as session:
        assert MatchRunRepository(session).get("r1") == make_run("r1")
        assert MatchRunRepository(session).get("r2") is None


def test_the_latest_runs_of_a_query_come_newest_first(engine: Engine):
    with session_scope(engine) as session:
        repository = MatchRunRepository(session)
        for minute, run_id in enumerate(["r3", "r1", "r2"]):
            repository.add(make_run(run_id, minute))

        assert [run.id for run in repository.latest("need", "n1", k=2)] == ["r2", "r1"]
        assert repository.latest("achievement", "n1") == ()
        assert repository.count() == 3
