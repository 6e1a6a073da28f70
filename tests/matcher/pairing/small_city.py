"""A city small enough to be paired by hand.

Levels (a dot is nothing), and how many teams each may be in:

    ======  ===============  =========  ===============  =====
            motors           batteries  textiles         teams
            m1   m2   m3     b1   b2    t1   t2   t3
    ======  ===============  =========  ===============  =====
    P       .9   .8   .      .9   .2    .    .    .      1
    Q       .    .6   .5     .6   .     .    .3   .      2
    R       .    .    .      .5   .4    .7   .    .      1
    S       .    .    .      .    .     .6   .    .      1
    ======  ===============  =========  ===============  =====

Motors may have a lead and a partner, the other two a lead only. A lead earns a tenth of what
it would cover alone. The best plan is worth 4.02:

    motors     P leads, Q joins   .9 + .8 + .5 = 2.2   lead .17
    batteries  R leads            .5 + .4      =  .9   lead .09
    textiles   S leads            .6           =  .6   lead .06

P in batteries would leave motors to Q: 1.21 + 1.21 + .77 (R in textiles) = 3.19.
"""

from collections.abc import Sequence
from typing import Any

from matcher.pairing.plan import Coverage, Objective, Plan, Solver, Team
from matcher.pairing.problem import Hub, OpenNeed, Problem, Supplier, Weights, level_matrix

LEVELS = {
    "P": {"m1": 0.9, "m2": 0.8, "b1": 0.9, "b2": 0.2},
    "Q": {"m2": 0.6, "m3": 0.5, "b1": 0.6, "t2": 0.3},
    "R": {"b1": 0.5, "b2": 0.4, "t1": 0.7},
    "S": {"t1": 0.6},
}
HUBS = {"m": "motors", "b": "batteries", "t": "textiles"}
WORTH = 4.02


def make_city(
    more: Sequence[Supplier] = (), levels: dict[str, dict[str, float]] | None = None, **changes: Any
) -> Problem:
    """The city, with more suppliers and their levels."""
    names = ("m1", "m2", "m3", "b1", "b2", "t1", "t2", "t3")
    needs = tuple(OpenNeed(id=name, hubs=(HUBS[name[0]],)) for name in names)
    suppliers = (
        Supplier(id="P", max_hubs=1),
        Supplier(id="Q", max_hubs=2),
        Supplier(id="R", max_hubs=1),
        Supplier(id="S", max_hubs=1),
        *more,
    )
    known = LEVELS | (levels or {})
    values: dict[str, Any] = {
        "hubs": (
            Hub(id="motors", max_partners=1),
            Hub(id="batteries", max_partners=0),
            Hub(id="textiles", max_partners=0),
        ),
        "suppliers": suppliers,
        "needs": needs,
        "levels": level_matrix(
            needs,
            suppliers,
            [(n, s, level) for s, theirs in known.items() for n, level in theirs.items()],
        ),
        "weights": Weights(lead=0.1),
        "evidence": {("m1", "P"): ("a-sleeve", "a-rotor")},
    }
    return Problem(**(values | changes))


def make_plan(**changes: Any) -> Plan:
    """The best plan of the city, as worked out above."""
    covered = [
        ("m1", "motors", "P", 0.9),
        ("m2", "motors", "P", 0.8),
        ("m3", "motors", "Q", 0.5),
        ("b1", "batteries", "R", 0.5),
        ("b2", "batteries", "R", 0.4),
        ("t1", "textiles", "S", 0.6),
    ]
    values: dict[str, Any] = {
        "teams": (
            Team("motors", "P", ("Q",)),
            Team("batteries", "R"),
            Team("textiles", "S"),
        ),
        "coverage": tuple(Coverage(n, h, s, level, level) for n, h, s, level in covered),
        "objective": Objective(coverage=3.7, lead=0.32),
        "bound": WORTH,
        "solver": Solver.EXACT,
        "seconds": 0.0,
    }
    return Plan(**(values | changes))
