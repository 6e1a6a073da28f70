"""Which seats and leads are allowed, and the best leads of given teams."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from matcher.pairing.model import BoolArray, IntArray, Model
from matcher.pairing.problem import Role
from matcher.pairing.score import county_shares

NEVER = -1e12
"""Worth of a lead that is not allowed."""


@dataclass(frozen=True, eq=False)
class Seating:
    """The rules of a problem as masks and limits.

    Attributes:
        allowed: (hubs, suppliers) False where a seat is forbidden.
        may_lead: (hubs, suppliers) False where leading is.
        fixed: (hubs, suppliers) True where a seat must be taken.
        must_lead: (hubs, suppliers) True where a supplier must lead.
        local: (suppliers,)
        required: (hubs,) True where a lead is.
        max_team: (hubs,) with the lead.
        min_team: (hubs,) with the lead, where there is one at all.
        min_local: (hubs,)
        max_hubs: (suppliers,)
        min_hubs: (suppliers,)
        max_leads: (suppliers,)
    """

    model: Model
    allowed: BoolArray
    may_lead: BoolArray
    fixed: BoolArray
    must_lead: BoolArray
    local: BoolArray
    required: BoolArray
    max_team: IntArray
    min_team: IntArray
    min_local: IntArray
    max_hubs: IntArray
    min_hubs: IntArray
    max_leads: IntArray

    def leads(self, seats: BoolArray) -> IntArray | None:
        """(hubs,) the best allowed lead of each team, -1 where nobody sits; None if impossible."""
        worth = np.where(seats & self.may_lead, self.model.lead_gain, NEVER)
        worth = np.where(self.must_lead, worth + 1e9, worth)
        taken = seats.any(axis=1)
        best = np.where(taken, worth.argmax(axis=1), -1)
        hubs = np.flatnonzero(taken)
        if (worth[hubs, best[hubs]] <= NEVER / 2).any():
            return None
        counts = np.bincount(best[hubs], minlength=len(self.max_leads))
        if (counts > self.max_leads).any():
            return self._shared_leads(worth, hubs)
        return self._checked(best)

    def feasible(self, seats: BoolArray) -> bool:
        """Whether these teams break no rule, apart from what ``leads`` tells."""
        size, load = seats.sum(axis=1), seats.sum(axis=0)
        taken = size > 0
        problem = self.model.problem
        return bool(
            not (seats & ~self.allowed).any()
            and not (self.fixed & ~seats).any()
            and (size <= self.max_team).all()
            and (size[taken] >= self.min_team[taken]).all()
            and (taken | ~self.required).all()
            and (load <= self.max_hubs).all()
            and (load >= self.min_hubs).all()
            and (seats[:, self.local].sum(axis=1) >= self.min_local).all()
            and (problem.min_county_share <= 0 or self._fair(seats))
        )

    def _fair(self, seats: BoolArray) -> bool:
        least = self.model.problem.min_county_share - 1e-9
        return bool((county_shares(self.model, seats) >= least).all())

    def _shared_leads(
        self, worth: np.ndarray[tuple[int, int], np.dtype[np.float64]], hubs: IntArray
    ) -> IntArray | None:
        places = np.minimum(self.max_leads, len(hubs))
        slots = np.repeat(np.arange(len(places)), places)
        if len(slots) < len(hubs):
            return None
        table = worth[np.ix_(hubs, slots)]
        rows, columns = linear_sum_assignment(table, maximize=True)
        if (table[rows, columns] <= NEVER / 2).any():
            return None
        leads = np.full(worth.shape[0], -1)
        leads[hubs[rows]] = slots[columns]
        return self._checked(leads)

    def _checked(self, leads: IntArray) -> IntArray | None:
        """The leads, unless somebody who must lead does not."""
        hubs, suppliers = np.nonzero(self.must_lead)
        return leads if (leads[hubs] == suppliers).all() else None


def seating_of(model: Model) -> Seating:
    """The seating rules of a model."""
    problem, shape = model.problem, model.shape
    allowed, may_lead = np.ones(shape, dtype=bool), np.ones(shape, dtype=bool)
    fixed, must_lead = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    local = np.array([s.local for s in problem.suppliers], dtype=bool)
    for h, hub in enumerate(problem.hubs):
        if hub.local_lead:
            may_lead[h, ~local] = False
    for pair in problem.fixed:
        at = model.hub_index[pair.hub], model.supplier_index[pair.supplier]
        fixed[at] = True
        must_lead[at] |= pair.role is Role.LEAD
        may_lead[at] &= pair.role is not Role.PARTNER
    for ban in problem.forbidden:
        at = model.hub_index[ban.hub], model.supplier_index[ban.supplier]
        allowed[at] &= ban.lead_only
        may_lead[at] = False
    return Seating(
        model=model,
        allowed=allowed,
        may_lead=may_lead,
        fixed=fixed,
        must_lead=must_lead,
        local=local,
        required=np.array([hub.lead_required for hub in problem.hubs], dtype=bool),
        max_team=np.array([1 + hub.max_partners for hub in problem.hubs], dtype=np.int64),
        min_team=np.array([1 + hub.min_partners for hub in problem.hubs], dtype=np.int64),
        min_local=np.array([hub.min_local for hub in problem.hubs], dtype=np.int64),
        max_hubs=np.array([s.max_hubs for s in problem.suppliers], dtype=np.int64),
        min_hubs=np.array([s.min_hubs for s in problem.suppliers], dtype=np.int64),
        max_leads=np.array(
            [s.max_hubs if s.max_leads is None else s.max_leads for s in problem.suppliers],
            dtype=np.int64,
        ),
    )
