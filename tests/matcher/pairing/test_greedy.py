from math import e

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.pairing.exchange import improve
from matcher.pairing.gains import Gains
from matcher.pairing.greedy import greedy, greedy_bound
from matcher.pairing.model import Model, compile_problem
from matcher.pairing.problem import Hub, OpenNeed, Problem, Supplier, Weights
from matcher.pairing.score import Choice, objective_of
from matcher.pairing.seating import seating_of
from tests.matcher.pairing.pairing_builders import best_by_trying, make_problem

NO_EXTRAS = Weights(lead=0, cooperation=0, distance_per_100km=0, overload=0, coupling=0)
quick = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def coverage_only(draw: st.DrawFn, hubs: int) -> Problem:
    needs = tuple(OpenNeed(id=f"n{i}", hubs=(f"c{i % hubs}",)) for i in range(8))
    suppliers = tuple(Supplier(id=f"u{j}", max_hubs=draw(st.integers(1, 2))) for j in range(4))
    levels = [
        (n.id, s.id, draw(st.integers(1, 10)) / 10)
        for n in needs
        for s in suppliers
        if draw(st.booleans())
    ]
    teams = tuple(
        Hub(id=f"c{h}", max_partners=draw(st.integers(0, 2)), lead_required=False)
        for h in range(hubs)
    )
    return make_problem(levels, hubs=teams, suppliers=suppliers, needs=needs, weights=NO_EXTRAS)


def greedy_choice(model: Model) -> Choice:
    seating = seating_of(model)
    seats = greedy(Gains(model), seating, seating.fixed)
    leads = seating.leads(seats)
    assert leads is not None
    return Choice(seats, leads)


@quick
@given(coverage_only(hubs=1))
def test_for_one_chain_greedy_reaches_its_guarantee(problem: Problem):
    model = compile_problem(problem)

    value = objective_of(model, greedy_choice(model)).total

    assert value >= (1 - 1 / e) * (best_by_trying(problem) or 0.0) - 1e-9


@quick
@given(coverage_only(hubs=2))
def test_for_several_chains_greedy_reaches_a_third(problem: Problem):
    model = compile_problem(problem)

    value = objective_of(model, greedy_choice(model)).total

    assert value >= (best_by_trying(problem) or 0.0) / 3 - 1e-9


@quick
@given(coverage_only(hubs=2), st.booleans())
def test_no_plan_beats_the_greedy_bound(problem: Problem, beside_greedy: bool):
    model = compile_problem(problem)
    gains, seating = Gains(model), seating_of(model)
    seats = greedy_choice(model).seats if beside_greedy else np.zeros(model.shape, dtype=bool)

    bound = greedy_bound(gains, seating, seats)

    assert bound >= (best_by_trying(problem) or 0.0) - 1e-9


def test_exchange_mends_what_greedy_does_too_early():
    problem = make_problem(
        # each half is best covered by a specialist; the generalist looks best at first
        {("n1", "left"): 1.0, ("n2", "right"): 1.0, ("n1", "all"): 0.6, ("n2", "all"): 0.6},
        hubs=(Hub(id="c", max_partners=1),),
        suppliers=tuple(Supplier(id=i) for i in ("all", "left", "right")),
        needs=(OpenNeed(id="n1", hubs=("c",)), OpenNeed(id="n2", hubs=("c",))),
        weights=NO_EXTRAS,
    )
    model = compile_problem(problem)
    start = greedy_choice(model)

    better = improve(Gains(model), seating_of(model), start, deadline=float("inf"))

    assert objective_of(model, start).total == pytest.approx(1.6)
    assert objective_of(model, better).total == pytest.approx(2.0)


def test_exchange_takes_a_university_from_a_chain_that_can_spare_it():
    problem = make_problem(
        {
            ("n1", "star"): 1.0,
            ("n2", "star"): 0.9,
            ("n1", "spare"): 0.95,
        },
        hubs=(Hub(id="c1", max_partners=0), Hub(id="c2", max_partners=0)),
        suppliers=(Supplier(id="star", max_hubs=1), Supplier(id="spare", max_hubs=1)),
        needs=(OpenNeed(id="n1", hubs=("c1",)), OpenNeed(id="n2", hubs=("c2",))),
        weights=NO_EXTRAS,
    )
    model = compile_problem(problem)
    seats = np.array([[True, False], [False, False]])
    problem_start = Choice(seats, np.array([0, -1]))

    better = improve(Gains(model), seating_of(model), problem_start, deadline=float("inf"))

    assert better.seats.tolist() == [[False, True], [True, False]]
