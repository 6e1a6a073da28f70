"""The small city of the pairing tests as stored records and a kept plan, without a model."""

from sqlalchemy import Engine

from api.plans.kept import keep_plan, seen_data
from data.migrate import upgrade
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import make_engine, session_scope
from matcher.pairing.plan import Plan
from matcher.pairing.problem import Problem
from matcher.types import Achievement, Need, Organization, OrganizationKind
from tests.matcher.pairing.small_city import make_city, make_plan

NEEDS = ("m1", "m2", "m3", "b1", "b2", "t1", "t2", "t3")


def make_store(url: object) -> Engine:
    """A database with the city's records."""
    engine = make_engine(url)
    upgrade(engine)
    with session_scope(engine) as session:
        OrganizationRepository(session).upsert_many(
            [Organization(id=i, name=f"{i}大学", kind=OrganizationKind.UNIVERSITY) for i in "PQRS"]
        )
        NeedRepository(session).upsert_many([Need(id=i, title=f"需求{i}") for i in NEEDS])
        AchievementRepository(session).upsert_many(
            [
                Achievement(
                    id="a-sleeve", title="碳纤维护套", organization="P", team=("张工（示例）",)
                ),
                Achievement(id="a-rotor", title="转子动平衡", organization="P"),
            ]
        )
    return engine


def keep(engine: Engine, problem: Problem | None = None, plan: Plan | None = None, **about: str):
    """Keeps the city's plan, or another one; returns its version."""
    about = {"author": "李工", "name": "二季度"} | about
    seen = seen_data(engine)
    return keep_plan(engine, problem or make_city(), plan or make_plan(), seen=seen, **about)
