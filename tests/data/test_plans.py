"""Stored plans: with all that they were made from, and honest about their age."""

from collections.abc import Mapping
from dataclasses import fields, replace

import numpy as np
import pytest
from alembic import command
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data.errors import FrozenPlan, UnknownPlan
from data.migrate import Readiness, check, config, upgrade
from data.plans import Named, PlanRepository
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import session_scope
from data.versions import data_version
from matcher.pairing.plan import Notice
from matcher.pairing.problem import Coupling, Fixed, Forbidden, HubKind, Problem, Role
from matcher.types import Status
from tests.data.builders import make_achievement, make_need, make_organization
from tests.matcher.pairing.small_city import make_city, make_plan

NAMED = Named(titles={"m1": "电机护套"}, teams={"a-sleeve": ("张工（示例）",)})


def keep(session: Session, problem: Problem | None = None, seen: int = 0) -> int:
    return PlanRepository(session).add(
        problem or make_city(),
        make_plan(notices=(Notice("注意", "note"),)),
        NAMED,
        author="李工",
        data_version=seen,
        name="二季度",
        note="初稿",
    )


def full_city() -> Problem:
    """The small city with every field of a problem filled."""
    city = make_city()
    return replace(
        city,
        hubs=(replace(city.hubs[0], kind=HubKind.COUNTY, name="电机"), *city.hubs[1:]),
        cooperation=np.linspace(0, 1, 12).reshape(3, 4),
        distance_km=np.arange(12.0).reshape(3, 4),
        fixed=(Fixed(hub="motors", supplier="P", role=Role.LEAD),),
        forbidden=(Forbidden(hub="textiles", supplier="Q", reason="利益冲突"),),
        couplings=(Coupling(first="motors", second="textiles", strength=0.1 + 0.2),),
        min_county_share=0.1,
    )


@pytest.mark.parametrize("problem", [make_city(), full_city()])
def test_a_plan_comes_back_with_all_that_it_was_made_from(engine: Engine, problem: Problem):
    with session_scope(engine) as session:
        version = keep(session, problem, seen=7)

    with session_scope(engine, write=False) as session:
        stored = PlanRepository(session).get(version)
    assert stored.plan == make_plan(notices=(Notice("注意", "note"),))
    assert (stored.author, stored.name, stored.note) == ("李工", "二季度", "初稿")
    assert (stored.data_version, stored.named) == (7, NAMED)
    for field in fields(Problem):
        before, after = getattr(problem, field.name), getattr(stored.problem, field.name)
        if field.name == "levels":
            assert (before != after).nnz == 0
        elif isinstance(before, np.ndarray):
            assert before.tolist() == after.tolist()
        else:
            assert type(after) is type(before) or isinstance(after, Mapping)
            assert after == before


def test_a_database_of_the_third_revision_is_brought_up_to_date_without_loss(
    empty_engine: Engine,
):
    with empty_engine.begin() as connection:
        command.upgrade(config(connection), "0003")
    with session_scope(empty_engine) as session:
        OrganizationRepository(session).upsert_many([make_organization("u1")])

    upgrade(empty_engine)

    assert check(empty_engine).readiness is Readiness.CURRENT
    with session_scope(empty_engine) as session:
        assert OrganizationRepository(session).all() == (make_organization("u1"),)
        assert PlanRepository(session).get(keep(session)).author == "李工"


def test_versions_rise_and_are_listed_without_their_inputs(engine: Engine):
    with session_scope(engine) as session:
        first, second = keep(session), keep(session)
        entries = PlanRepository(session).entries()

    assert first < second
    assert [entry.version for entry in entries] == [first, second]
    assert entries[0].plan.objective.total == pytest.approx(4.02)


def test_keeping_a_plan_is_no_change_of_the_data(engine: Engine):
    with session_scope(engine) as session:
        before = data_version(session)
        keep(session)

        assert data_version(session) == before


def test_a_frozen_plan_says_by_whom_and_can_neither_be_removed_nor_frozen_again(engine: Engine):
    with session_scope(engine) as session:
        plans, version = PlanRepository(session), keep(session)
        plans.freeze(version, who="王主任")

        assert plans.get(version).frozen_by == "王主任"
        assert plans.entries()[0].frozen_at is not None
        with pytest.raises(FrozenPlan):
            plans.freeze(version, who="别人")
        with pytest.raises(FrozenPlan, match=r"冻结.*frozen"):
            plans.remove(version)
        assert plans.get(version).frozen_by == "王主任"


def test_a_draft_can_be_removed_and_its_version_is_not_given_again(engine: Engine):
    with session_scope(engine) as session:
        plans, kept, draft = PlanRepository(session), keep(session), keep(session)
        plans.remove(draft)

        assert [entry.version for entry in plans.entries()] == [kept]
        # or people would speak of two plans by one number
        assert keep(session) > draft


@pytest.mark.parametrize("call", ["get", "remove", "freeze"])
def test_a_version_that_is_not_there_is_said_to_be_unknown(engine: Engine, call: str):
    arguments = {"who": "王主任"} if call == "freeze" else {}
    with session_scope(engine) as session, pytest.raises(UnknownPlan) as caught:
        getattr(PlanRepository(session), call)(99, **arguments)

    assert caught.value.version == 99


def test_a_plan_is_fresh_until_the_data_moves_on(engine: Engine):
    with session_scope(engine) as session:
        names = ["m1", "m2", "m3", "b1", "b2", "t1", "t2", "t3"]
        NeedRepository(session).upsert_many([make_need(name) for name in names])
        organizations = [make_organization(name) for name in "PQRS"]
        OrganizationRepository(session).upsert_many(organizations)
        AchievementRepository(session).upsert_many([make_achievement("a1")])
        plans = PlanRepository(session)
        stored = plans.get(keep(session, seen=data_version(session)))

        assert not plans.staleness(stored).stale

        withdrawn = make_need("m1", status=Status.WITHDRAWN)
        altered, added = make_need("m2", title="改了"), make_need("new")
        draft = make_need("draft", status=Status.DRAFT)
        NeedRepository(session).upsert_many([withdrawn, altered, added, draft])
        NeedRepository(session).remove_many(["t3"])
        AchievementRepository(session).upsert_many([make_achievement("a2")])
        OrganizationRepository(session).remove_many(["S"])
        found = plans.staleness(stored)

    assert found.stale
    assert found.withdrawn == ("m1", "t3")
    assert (found.altered, found.added) == (("m2",), ("new",))
    assert found.suppliers_gone == ("S",)
    assert found.achievements == 1
