"""Two plans side by side: who changed, what is covered otherwise, which rules differ."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from data.plans import StoredPlan
from matcher.pairing.plan import Plan, Team
from matcher.pairing.problem import Problem

SAME = 1e-6


@dataclass(frozen=True, slots=True)
class TeamChange:
    """A hub whose team differs.

    Attributes:
        lead: (before, after); None on either side for no lead or no such hub.
        joined: Members of the second plan only.
        left: Members of the first plan only.
        value: What the team covers in the second plan less what it covers in the first.
    """

    hub: str
    lead: tuple[str | None, str | None]
    joined: tuple[str, ...]
    left: tuple[str, ...]
    value: float


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A need that one hub's team covers at another level; 0 is not at all."""

    need: str
    hub: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class PlanComparison:
    """How the second of two plans differs from the first.

    Attributes:
        first: Version.
        second: Version.
        teams: Hubs whose teams differ, in the order of the plans.
        levels: Needs that are covered at another level, the largest loss first.
        objective: Part of the objective to (first, second); worths compare only between
            plans of the same needs and weights.
        inputs: Kinds of input that differ, such as ``forbidden``.
        needs_gone: Needs of the first plan that are not in the second.
        needs_new: Needs of the second plan that are not in the first.
    """

    first: int
    second: int
    teams: tuple[TeamChange, ...]
    levels: tuple[LevelChange, ...]
    objective: Mapping[str, tuple[float, float]]
    inputs: tuple[str, ...]
    needs_gone: tuple[str, ...]
    needs_new: tuple[str, ...]


def compare_plans(first: StoredPlan, second: StoredPlan) -> PlanComparison:
    """How the second plan differs from the first."""
    before, after = asdict(first.plan.objective), asdict(second.plan.objective)
    before["total"], after["total"] = first.plan.objective.total, second.plan.objective.total
    old = {need.id for need in first.problem.needs}
    new = {need.id for need in second.problem.needs}
    return PlanComparison(
        first=first.version,
        second=second.version,
        teams=tuple(_teams(first.plan, second.plan)),
        levels=tuple(_levels(first.plan, second.plan)),
        objective={part: (before[part], after[part]) for part in before},
        inputs=tuple(_inputs(first.problem, second.problem)),
        needs_gone=tuple(sorted(old - new)),
        needs_new=tuple(sorted(new - old)),
    )


def _teams(first: Plan, second: Plan) -> Iterator[TeamChange]:
    before, after = ({team.hub: team for team in plan.teams} for plan in (first, second))
    for hub in dict.fromkeys((*before, *after)):
        old, new = before.get(hub, Team(hub, None)), after.get(hub, Team(hub, None))
        joined = tuple(m for m in new.members if m not in old.members)
        left = tuple(m for m in old.members if m not in new.members)
        if joined or left or old.lead != new.lead:
            value = _covered(second, hub) - _covered(first, hub)
            yield TeamChange(hub, (old.lead, new.lead), joined, left, value)


def _covered(plan: Plan, hub: str) -> float:
    return sum(one.value for one in plan.coverage if one.hub == hub)


def _levels(first: Plan, second: Plan) -> list[LevelChange]:
    before, after = ({(c.need, c.hub): c.level for c in p.coverage} for p in (first, second))
    found = [
        LevelChange(*key, before.get(key, 0.0), after.get(key, 0.0))
        for key in dict.fromkeys((*before, *after))
        if abs(before.get(key, 0.0) - after.get(key, 0.0)) > SAME
    ]
    return sorted(found, key=lambda change: change.after - change.before)


def _inputs(first: Problem, second: Problem) -> Iterator[str]:
    for name in ("hubs", "suppliers", "needs", "weights", "min_county_share", "couplings"):
        if getattr(first, name) != getattr(second, name):
            yield name
    for name in ("fixed", "forbidden"):
        if set(getattr(first, name)) != set(getattr(second, name)):
            yield name
    if _level_of(first) != _level_of(second):
        yield "levels"
    for name in ("cooperation", "distance_km"):
        if _rows(first, name) != _rows(second, name):
            yield name


def _level_of(problem: Problem) -> dict[tuple[str, str], float]:
    levels = problem.levels.tocoo()
    return {
        (problem.needs[i].id, problem.suppliers[j].id): level
        for i, j, level in zip(levels.row, levels.col, levels.data.tolist(), strict=True)
    }


def _rows(problem: Problem, name: str) -> object:
    matrix = getattr(problem, name)
    return None if matrix is None else matrix.tolist()
