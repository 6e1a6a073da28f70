"""One seat after another, always the one that adds most.

With limits on teams and suppliers alone, coverage is a monotone submodular function under two
partition matroids, and the greedy plan covers at least 1/3 of the best possible; with a single
hub, at least 1 - 1/e (Nemhauser, Wolsey and Fisher 1978; Fisher, Nemhauser and Wolsey 1978,
"An analysis of approximations for maximizing submodular set functions I, II"). Couplings,
costs and minima void these guarantees; ``greedy_bound`` holds always.
"""

import numpy as np

from matcher.pairing.gains import Gains
from matcher.pairing.model import BoolArray
from matcher.pairing.score import covered_by
from matcher.pairing.seating import Seating


def greedy(gains: Gains, seating: Seating, base: BoolArray) -> BoolArray:
    """Adds seats to ``base`` for as long as one is allowed and gains, or a lead is missing."""
    model = gains.model
    seats = base.copy()
    worth = np.empty(model.shape)
    outdated: set[int] = set(range(model.shape[0]))
    while True:
        load = seats.sum(axis=0)
        for h in outdated:
            team = np.flatnonzero(seats[h])
            best, _ = covered_by(model, h, team)
            led, with_each = gains.led(h, team, seating.may_lead)
            worth[h] = gains.covered(h, best) + gains.beside(h, seats) + with_each - led
        free = seating.allowed & ~seats & (load < seating.max_hubs)
        free &= (seats.sum(axis=1) < seating.max_team)[:, None]
        empty = ~seats.any(axis=1)
        free[empty] &= seating.may_lead[empty]
        value = np.where(free, worth - gains.strain(load), -np.inf)
        h, s = divmod(int(value.argmax()), model.shape[1])
        if value[h, s] <= 0:
            # a hub that must have a lead takes the least bad one
            value[~(empty & seating.required)] = -np.inf
            h, s = divmod(int(value.argmax()), model.shape[1])
            if not np.isfinite(value[h, s]):
                return seats
        seats[h, s] = True
        outdated = set(gains.neighbours[h].tolist())


def greedy_bound(gains: Gains, seating: Seating, seats: BoolArray) -> float:
    """No plan is worth more than this.

    A submodular function rises by no more than the sum of single gains beside any set
    (Minoux 1978); each hub takes its best seats, whatever the others do.
    """
    model = gains.model
    total = model.balance
    for h in range(model.shape[0]):
        best, _ = covered_by(model, h, np.flatnonzero(seats[h]))
        total += float(best.sum())
        single = np.where(seating.allowed[h], gains.covered(h, best) + model.gain[h], -np.inf)
        top = np.sort(single)[::-1][: seating.max_team[h]]
        total += float(np.maximum(top, 0.0).sum())
        lead = np.where(seating.may_lead[h], model.lead_gain[h], 0.0)
        total += float(lead.max(initial=0.0))
    sizes = seating.max_team[model.coupled]
    return total + float(model.coupling_gain @ sizes.min(axis=1, initial=2**31))
