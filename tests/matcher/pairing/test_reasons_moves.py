"""Single changes of a plan: what they are said to gain is what they gain."""

from dataclasses import replace

import numpy as np
import pytest

from matcher.pairing.problem import Coupling, Fixed, Hub, Problem, Role, Weights
from matcher.pairing.reasons_moves import NOBODY, Moves
from matcher.pairing.score import Choice, objective_of
from matcher.pairing.solve import solve
from tests.matcher.pairing.small_city import make_city

WEIGHTS = Weights(lead=0.1, cooperation=0.3, distance_per_100km=0.05, overload=0.2, coupling=0.4)


def make_odd_city(seed: int, **changes: object) -> Problem:
    """The small city with everything that an objective can hold, drawn at random."""
    draw = np.random.default_rng(seed)
    city = make_city()
    suppliers = tuple(replace(s, max_hubs=2, comfortable_hubs=1) for s in city.suppliers)
    levels = city.levels.copy()
    levels.data = draw.uniform(0.1, 1.0, len(levels.data))
    return replace(
        city,
        suppliers=suppliers,
        levels=levels,
        hubs=tuple(replace(hub, max_partners=1) for hub in city.hubs),
        cooperation=draw.uniform(0, 1, (3, 4)),
        distance_km=draw.uniform(0, 300, (3, 4)),
        couplings=(Coupling(first="motors", second="textiles", strength=0.7),),
        weights=WEIGHTS,
        **changes,
    )


def best_by_trying(moves: Moves, ways: list[tuple[int, int, int]]) -> float | None:
    """The gain of the best of these ways that keeps every rule, each counted in full."""
    now = objective_of(moves.model, Choice(moves.seats, moves.seating.leads(moves.seats))).total
    gains = []
    for h, out, into in ways:
        seats = moves.seats.copy()
        if out != NOBODY:
            seats[h, out] = False
        if into != NOBODY:
            seats[h, into] = True
        leads = moves.seating.leads(seats)
        if leads is not None and moves.seating.feasible(seats):
            gains.append(objective_of(moves.model, Choice(seats, leads)).total - now)
    return max(gains, default=None)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"weights": replace(WEIGHTS, balance=0.2)},
        {"hubs": (Hub(id="motors", max_partners=1), *make_city().hubs[1:])},
    ],
)
def test_the_best_change_is_the_one_that_trying_all_finds(seed, changes):
    city = replace(make_odd_city(seed), **changes)
    needs = tuple(replace(n, county="east" if n.id[1] == "1" else "west") for n in city.needs)
    city = replace(city, needs=needs)

    moves = Moves(city, solve(city))

    hubs, suppliers = moves.model.shape
    for h in range(hubs):
        members = np.flatnonzero(moves.seats[h]).tolist()
        others = [s for s in range(suppliers) if s not in members]
        for s in members:
            found = moves.replacing(h, s)
            expected = best_by_trying(moves, [(h, s, t) for t in (*others, NOBODY)])
            assert (found and found.gain) == (expected and pytest.approx(expected))
        for s in others:
            outs = members if moves.full(h) else [*members, NOBODY]
            found = moves.joining(s, [h])
            expected = best_by_trying(moves, [(h, out, s) for out in outs])
            assert (found and found.gain) == (expected and pytest.approx(expected))


def test_who_must_lead_is_counted_as_the_lead():
    city = make_odd_city(7, fixed=(Fixed(hub="motors", supplier="Q", role=Role.LEAD),))

    moves = Moves(city, solve(city))

    found = moves.joining(3, [0])
    members = np.flatnonzero(moves.seats[0]).tolist()
    outs = members if moves.full(0) else [*members, NOBODY]
    expected = best_by_trying(moves, [(0, out, 3) for out in outs])
    assert (found and found.gain) == (expected and pytest.approx(expected))
