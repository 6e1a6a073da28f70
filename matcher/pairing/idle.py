"""Gives back seats that bring nothing: a plan names nobody without a reason."""

import numpy as np

from matcher.pairing.gains import Gains, two_best
from matcher.pairing.score import Choice, objective_of
from matcher.pairing.seating import Seating

NOTHING = 1e-9


def without_idle(gains: Gains, seating: Seating, choice: Choice) -> Choice:
    """A choice worth as much, without those who cover nothing and earn nothing otherwise.

    Whom a rule keeps in a team stays.
    """
    value = objective_of(gains.model, choice).total
    for h, s in np.argwhere(choice.seats & ~seating.fixed).tolist():
        best, second, by = two_best(gains.model, h, np.flatnonzero(choice.seats[h]))
        if (best - second)[by == s].sum() > NOTHING:
            continue
        seats = choice.seats.copy()
        seats[h, s] = False
        leads = seating.leads(seats)
        if leads is None or not seating.feasible(seats):
            continue
        fewer = Choice(seats, leads)
        if objective_of(gains.model, fewer).total >= value - NOTHING:
            choice = fewer
    return choice
