"""OR-tools solves the same problems, written down a second time in its own terms."""

import numpy as np
import pytest
from ortools.sat.python import cp_model

from api.bench.city import CitySize, invented_city
from matcher.pairing.problem import Problem
from matcher.pairing.solve import solve

SCALE = 10_000
Term = cp_model.LinearExprT
Seats = dict[tuple[str, str], cp_model.IntVar]


def by_constraint_programming(problem: Problem) -> float:
    """What the best plan is worth, in needs of average importance."""
    model = cp_model.CpModel()
    suppliers = [supplier.id for supplier in problem.suppliers]
    hubs = [hub.id for hub in problem.hubs]
    seat = {(h, s): model.new_bool_var("") for h in hubs for s in suppliers}
    lead = {(h, s): model.new_bool_var("") for h in hubs for s in suppliers}
    for hub in problem.hubs:
        model.add_exactly_one(lead[hub.id, s] for s in suppliers)
        model.add(sum(seat[hub.id, s] for s in suppliers) <= 1 + hub.max_partners)
    for pair in seat:
        model.add_implication(lead[pair], seat[pair])
    for supplier in problem.suppliers:
        model.add(sum(seat[h, supplier.id] for h in hubs) <= supplier.max_hubs)
    model.maximize(sum([*_coverage(model, problem, seat, lead), *_extras(model, problem, seat)]))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = 60
    assert solver.solve(model) == cp_model.OPTIMAL
    return solver.objective_value / SCALE


def _coverage(model: cp_model.CpModel, problem: Problem, seat: Seats, lead: Seats) -> list[Term]:
    worth: list[Term] = []
    mean = np.mean([need.weight for need in problem.needs])
    alone = dict.fromkeys(seat, 0.0)
    levels = problem.levels.toarray()
    for i, need in enumerate(problem.needs):
        share = need.weight / mean / len(need.hubs)
        for h in need.hubs:
            takes = []
            for j in np.flatnonzero(levels[i]):
                pair = h, problem.suppliers[j].id
                takes.append(model.new_bool_var(""))
                model.add_implication(takes[-1], seat[pair])
                worth.append(round(SCALE * share * levels[i, j]) * takes[-1])
                alone[pair] += share * levels[i, j]
            model.add_at_most_one(takes)
    rate = SCALE * problem.weights.lead
    return [*worth, *(round(rate * alone[pair]) * lead[pair] for pair in lead)]


def _extras(model: cp_model.CpModel, problem: Problem, seat: Seats) -> list[Term]:
    weights = problem.weights
    gain = weights.cooperation * problem.cooperation
    gain = gain - weights.distance_per_100km * problem.distance_km / 100
    # the order of seats is that of hubs and suppliers
    worth = [round(SCALE * g) * seat[pair] for g, pair in zip(gain.ravel(), seat, strict=True)]
    for coupling in problem.couplings:
        for supplier in problem.suppliers:
            both = model.new_bool_var("")
            model.add_implication(both, seat[coupling.first, supplier.id])
            model.add_implication(both, seat[coupling.second, supplier.id])
            worth.append(round(SCALE * weights.coupling * coupling.strength) * both)
    return worth


@pytest.mark.parametrize("seed", [0, 1])
def test_a_middle_sized_city_is_worth_the_same_to_both_solvers(seed: int):
    size = CitySize(chains=2, counties=2, universities=8, needs=40, capacity=2)
    problem = invented_city(size, seed=seed).problem

    plan = solve(problem, gap=1e-9)

    assert plan.gap <= 1e-6
    assert plan.objective.total == pytest.approx(by_constraint_programming(problem), abs=0.02)
