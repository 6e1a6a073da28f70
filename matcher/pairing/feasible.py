"""Whether some rules can be kept together, and one choice that keeps them."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from matcher.errors import MatcherError
from matcher.pairing.model import Model
from matcher.pairing.program import program_of
from matcher.pairing.rules import Rule
from matcher.pairing.score import Choice

INFEASIBLE = 2
"""SciPy's status of a programme without solution."""


class NoPlanInTime(MatcherError):
    """The time was up before any plan was found.

    Attributes:
        time_limit_s: The limit that was too short.
    """

    def __init__(self, time_limit_s: float) -> None:
        super().__init__(
            f"{time_limit_s:g} 秒内未求得方案，请放宽时间限制。"
            f" / no plan was found within {time_limit_s:g} s; allow more time"
        )
        self.time_limit_s = time_limit_s


def choice_under(model: Model, rules: Sequence[Rule], *, time_limit_s: float) -> Choice | None:
    """The choice of fewest seats that keeps these rules, with strong suppliers; None for none.

    Raises:
        NoPlanInTime: the time was up before either was known.
    """
    program = program_of(model, rules, worth=False)
    columns = model.shape[0] * model.shape[1]
    # any seat costs more than the strongest can be worth, so no seat is taken without need
    worth = model.alone / max(float(model.alone.max(initial=0.0)), 1e-9) - 1.5
    program.worth[:columns] = worth.ravel()
    result = milp(
        -program.worth,
        integrality=program.integer,
        bounds=Bounds(0, program.most),
        constraints=LinearConstraint(program.rows, program.lower, program.upper),
        options={"time_limit": max(time_limit_s, 0.01), "mip_rel_gap": 0.05},
    )
    if result.status == INFEASIBLE:
        return None
    if result.x is None:
        raise NoPlanInTime(time_limit_s)
    seats = result.x[:columns].reshape(model.shape) > 0.5
    leading = result.x[columns : 2 * columns].reshape(model.shape) > 0.5
    return Choice(seats, np.where(leading.any(axis=1), leading.argmax(axis=1), -1))
