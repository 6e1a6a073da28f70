"""The whole programme at once, by HiGHS."""

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from matcher.pairing.model import Model
from matcher.pairing.program import program_of
from matcher.pairing.rules import rules_of
from matcher.pairing.score import Choice

MOST_LINKS = 200_000
"""Needs times suppliers beyond which the programme takes gigabytes and comes to no end."""


def solve_whole(model: Model, *, time_limit_s: float, gap: float) -> tuple[Choice | None, float]:
    """The best choice found, None if there is none, and a bound for all choices."""
    if sum(links.worth.nnz for links in model.links) > MOST_LINKS:
        return None, np.inf
    program = program_of(model, rules_of(model))
    result = milp(
        -program.worth,
        integrality=program.integer,
        bounds=Bounds(0, program.most),
        constraints=LinearConstraint(program.rows, program.lower, program.upper),
        options={"time_limit": max(time_limit_s, 0.01), "mip_rel_gap": gap / 2},
    )
    bound = np.inf if result.mip_dual_bound is None else -float(result.mip_dual_bound)
    if result.x is None:
        return None, bound
    seats, leads = np.split(result.x[: 2 * model.gain.size].reshape(2, *model.shape) > 0.5, 2)
    leading = leads[0]
    led = np.where(leading.any(axis=1), leading.argmax(axis=1), -1)
    return Choice(seats[0], led), bound
