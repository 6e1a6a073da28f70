"""Plans kept, opened again with their reasons, and told when they are out of date."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, count

from sqlalchemy import Engine

from data.plans import Named, PlanEntry, PlanRepository, Staleness, StoredPlan
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from data.versions import data_version
from matcher.pairing.plan import Plan
from matcher.pairing.problem import Problem
from matcher.pairing.reasons import explain
from matcher.pairing.reasons_solved import Solve
from matcher.pairing.reasons_types import Reasons
from matcher.pairing.solve import solve

FAIR_LEVEL = 3 / 7
"""Expected gain of a level 3 match as share of the highest: below it a need counts as open."""

SOLVE_AGAIN_S = 30.0
"""Time for each solution that a reason asks for."""

Advance = Callable[[int, int | None], None]
"""Told the steps done and the steps in all, None where nobody knows."""


@dataclass(frozen=True, slots=True, eq=False)
class ExplainedPlan:
    """A stored plan with its reasons, and what has happened since.

    Attributes:
        least: Level below which a need counts as open.
    """

    stored: StoredPlan
    reasons: Reasons
    staleness: Staleness
    least: float


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A plan that is not kept, with what it was made from."""

    problem: Problem
    plan: Plan
    named: Named


def seen_data(engine: Engine) -> int:
    """Version of the data now; to be asked for before a problem is made from it."""
    with session_scope(engine, write=False) as session:
        return data_version(session)


def names_of(engine: Engine, problem: Problem) -> Named:
    """Titles of the needs and achievements of a problem, and the people behind these."""
    with session_scope(engine, write=False) as session:
        needs = NeedRepository(session).get_many([need.id for need in problem.needs])
        ids = sorted(set(chain.from_iterable(problem.evidence.values())))
        achievements = AchievementRepository(session).get_many(ids)
    titles = {item.id: item.title for item in chain(needs.values(), achievements.values())}
    teams = {item.id: item.team for item in achievements.values() if item.team}
    return Named(titles=titles, teams=teams)


def keep_plan(
    engine: Engine,
    problem: Problem,
    plan: Plan,
    *,
    author: str,
    seen: int,
    name: str = "",
    note: str = "",
) -> int:
    """Keeps a plan with all that it was made from, and returns its version.

    Args:
        engine: Where the problem came from.
        problem: What the plan was made from.
        plan: The plan.
        author: Who made it.
        seen: Version of the data that the problem was made from (``seen_data``): what changes
            while the solver works makes the plan stale from the start.
        name: What people call it.
        note: Anything to add.
    """
    named = names_of(engine, problem)
    with session_scope(engine) as session:
        return PlanRepository(session).add(
            problem,
            plan,
            named,
            author=author,
            data_version=seen,
            name=name,
            note=note,
        )


def open_plan(
    engine: Engine,
    version: int,
    *,
    solve_again: bool = False,
    least: float = FAIR_LEVEL,
    advance: Advance = lambda done, total: None,
) -> ExplainedPlan:
    """A stored plan with its reasons, found anew from what was stored with it.

    Args:
        engine: Where it is stored.
        version: Which.
        solve_again: Whether runners-up and sensitivity are solved as whole plans, which
            takes as often as long as there are pairs; else they are single swaps.
        least: Level below which a need counts as open, in [0, 1].
        advance: Told after each plan that is solved again how many there were so far.

    Raises:
        UnknownPlan: there is none of this version.
    """
    with session_scope(engine, write=False) as session:
        plans = PlanRepository(session)
        stored = plans.get(version)
        staleness = plans.staleness(stored)
    solver = _counted(advance) if solve_again else None
    reasons = explain(stored.problem, stored.plan, solve=solver, least=least)
    return ExplainedPlan(stored, reasons, staleness, least)


def load_plans(engine: Engine, *versions: int) -> list[StoredPlan]:
    """Stored plans of these versions, in their order.

    Raises:
        UnknownPlan: there is none of one of these versions.
    """
    with session_scope(engine, write=False) as session:
        plans = PlanRepository(session)
        return [plans.get(version) for version in versions]


def stored_plans(engine: Engine) -> tuple[tuple[PlanEntry, ...], int]:
    """Every stored plan, the oldest first, and the version of the data now."""
    with session_scope(engine, write=False) as session:
        return PlanRepository(session).entries(), data_version(session)


def _counted(advance: Advance) -> Solve:
    done = count(1)

    def solved(problem: Problem) -> Plan:
        plan = solve(problem, time_limit_s=SOLVE_AGAIN_S)
        advance(next(done), None)
        return plan

    return solved
