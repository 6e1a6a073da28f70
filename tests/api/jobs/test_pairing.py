"""A pairing solved by a job: cut off and made again, it leaves one plan."""

from collections.abc import Mapping
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine

from api.jobs.handlers import make_handlers
from api.jobs.work import Work
from api.plans.ordering import Solved
from data.jobs import Job, JobKind, JobStore
from data.plans import Named, PlanRepository
from data.session import session_scope
from matcher.pairing.problem import Hub, HubKind, OpenNeed, Supplier
from matcher.pairing.solve import solve
from tests.api.jobs.conftest import OFFICE
from tests.matcher.pairing.pairing_builders import make_problem


def attempt(engine: Engine, job: Job) -> int:
    handlers = make_handlers(SimpleNamespace(engine=engine))
    work = Work(job, OFFICE, engine, Event(), lambda name, step: step())
    version: int = handlers[JobKind.PAIR](work)["version"]
    return version


def ordered(engine: Engine, name: str) -> Job:
    with session_scope(engine) as session:
        return JobStore(session).add(JobKind.PAIR, {"name": name, "note": ""}, OFFICE.id)


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = make_problem(
        {("n1", "u1"): 0.8},
        hubs=(Hub(id="c1", kind=HubKind.CHAIN, name="船舶"),),
        suppliers=(Supplier(id="u1", name="示例大学甲", local=True),),
        needs=(OpenNeed(id="n1", hubs=("c1",)),),
    )
    plan = solve(problem)

    def solve_order(service: object, asked: Mapping[str, Any], *, seen: int, **_: object) -> Solved:
        about = {"data_version": seen, "name": asked["name"], "note": asked["note"]}
        return Solved(problem, plan, Named(titles={}, teams={}), about)

    monkeypatch.setattr("api.plans.ordering.solve_order", solve_order)


@pytest.mark.usefixtures("solved")
def test_an_attempt_after_one_that_was_cut_off_keeps_no_second_plan(sqlite_engine: Engine):
    job = ordered(sqlite_engine, "首轮")

    first, again = attempt(sqlite_engine, job), attempt(sqlite_engine, job)

    assert first == again
    with session_scope(sqlite_engine, write=False) as session:
        assert len(PlanRepository(session).entries()) == 1


@pytest.mark.usefixtures("solved")
def test_another_order_keeps_a_plan_of_its_own(sqlite_engine: Engine):
    first = attempt(sqlite_engine, ordered(sqlite_engine, "首轮"))
    renamed = attempt(sqlite_engine, ordered(sqlite_engine, "次轮"))
    later = attempt(sqlite_engine, ordered(sqlite_engine, "首轮"))

    assert len({first, renamed, later}) == 3
