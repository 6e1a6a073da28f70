"""How much a need counts in a plan."""

from collections.abc import Collection
from datetime import date
from math import log10

from matcher.types import Need

USUAL_BUDGET_CNY = 500_000
"""A need of this budget counts as one without any."""

SOON_DAYS = 180
SOON, MUST_HAVES, LEADER, OVERDUE = 1.25, 1.1, 1.5, 0.5


def importance(need: Need, *, today: date, leaders: Collection[str] = ()) -> float:
    """The weight of a need, 1 for a usual one.

    A budget ten times the usual one counts half as much again, a tenth of it half as much;
    beyond that it makes no difference. A deadline within half a year adds a quarter, and one
    that has passed halves; stated must-haves add a tenth, for such a need is thought through.

    Needs of chain leaders, by organisation id, count half as much again.
    """
    weight = 1.0
    if need.budget_cny is not None and need.budget_cny > 0:
        tens = log10(need.budget_cny / USUAL_BUDGET_CNY)
        weight *= 1 + 0.5 * min(max(tens, -1.0), 1.0)
    if need.deadline is not None:
        days = (need.deadline - today).days
        weight *= OVERDUE if days < 0 else SOON if days <= SOON_DAYS else 1.0
    if need.must_have:
        weight *= MUST_HAVES
    if need.organization in leaders:
        weight *= LEADER
    return weight
