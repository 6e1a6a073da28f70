"""What a choice of seats and leads is worth, and the plan that it makes."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from matcher.pairing.model import BoolArray, IntArray, Model
from matcher.pairing.plan import Coverage, Notice, Objective, Plan, Solver, Team
from matcher.pairing.problem import FloatArray


@dataclass(frozen=True, eq=False)
class Choice:
    """Who sits where.

    Attributes:
        seats: (hubs, suppliers) True where a supplier is in a hub's team.
        leads: (hubs,) column of the lead, -1 for none.
    """

    seats: BoolArray
    leads: IntArray


def covered_by(model: Model, h: int, team: Iterable[int]) -> tuple[FloatArray, IntArray]:
    """Per need of a hub the worth that a team covers, and by whom (-1 for nobody)."""
    links = model.links[h]
    best, by = np.zeros(len(links.needs)), np.full(len(links.needs), -1)
    for s in team:
        rows, worth = links.of(s)
        better = worth > best[rows]
        best[rows[better]] = worth[better]
        by[rows[better]] = s
    return best, by


def county_shares(model: Model, seats: BoolArray) -> FloatArray:
    """(counties,) the covered share of each county's needs, in [0, 1]."""
    covered = np.zeros(len(model.counties))
    for h, links in enumerate(model.links):
        best, _ = covered_by(model, h, np.flatnonzero(seats[h]))
        county = model.county_of[links.needs]
        np.add.at(covered, county[county >= 0], best[county >= 0])
    return covered / model.county_weight


def comfortable(model: Model) -> IntArray:
    """(suppliers,) how many teams each takes without strain."""
    suppliers = model.problem.suppliers
    easy = [s.max_hubs if s.comfortable_hubs is None else s.comfortable_hubs for s in suppliers]
    return np.array(easy, dtype=np.int64)


def objective_of(model: Model, choice: Choice) -> Objective:
    """What a choice is worth, part by part."""
    problem, seats, weights = model.problem, choice.seats, model.problem.weights
    teams = [np.flatnonzero(row) for row in seats]
    covered = sum(float(covered_by(model, h, team)[0].sum()) for h, team in enumerate(teams))
    led = np.flatnonzero(choice.leads >= 0)
    first, second = model.coupled[:, 0], model.coupled[:, 1]
    shared = (seats[first] & seats[second]).sum(axis=1)
    cooperation = 0.0 if problem.cooperation is None else problem.cooperation[seats].sum()
    distance = 0.0 if problem.distance_km is None else problem.distance_km[seats].sum()
    beyond = np.maximum(seats.sum(axis=0) - comfortable(model), 0)
    balanced = model.balance > 0 and len(model.counties) > 0
    return Objective(
        coverage=covered,
        lead=float(model.lead_gain[led, choice.leads[led]].sum()),
        cooperation=float(weights.cooperation * cooperation),
        coupling=float(model.coupling_gain @ shared),
        balance=model.balance * float(county_shares(model, seats).min()) if balanced else 0.0,
        distance=float(weights.distance_per_100km * distance / 100),
        overload=float(weights.overload * beyond.sum()),
    )


def plan_of(
    model: Model,
    choice: Choice,
    *,
    bound: float,
    solver: Solver,
    seconds: float,
    notices: tuple[Notice, ...] = (),
) -> Plan:
    """The plan that a choice makes; its parts are counted afresh, not taken from a solver."""
    objective = objective_of(model, choice)
    hubs = range(model.shape[0])
    return Plan(
        teams=tuple(_team(model, h, choice) for h in hubs),
        coverage=tuple(c for h in hubs for c in _coverage(model, h, choice.seats[h])),
        objective=objective,
        # a bound that rounding put a hair below the plan itself proves it optimal
        bound=max(bound, objective.total),
        solver=solver,
        seconds=seconds,
        notices=notices,
    )


def _coverage(model: Model, h: int, seated: BoolArray) -> list[Coverage]:
    problem, links = model.problem, model.links[h]
    best, by = covered_by(model, h, np.flatnonzero(seated))
    return [
        Coverage(
            need=problem.needs[links.needs[i]].id,
            hub=problem.hubs[h].id,
            supplier=problem.suppliers[by[i]].id,
            level=float(best[i] / links.weight[i]),
            value=float(best[i]),
        )
        for i in np.flatnonzero(by >= 0)
    ]


def _team(model: Model, h: int, choice: Choice) -> Team:
    names = [supplier.id for supplier in model.problem.suppliers]
    lead = int(choice.leads[h])
    others = [int(s) for s in np.flatnonzero(choice.seats[h]) if s != lead]
    others.sort(key=lambda s: (-model.alone[h, s], names[s]))
    return Team(
        model.problem.hubs[h].id,
        names[lead] if lead >= 0 else None,
        tuple(names[s] for s in others),
    )
