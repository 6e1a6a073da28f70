"""The best teams of one hub under given prices: branch and bound over who joins.

Coverage is submodular, so beside any members the rest of a team adds at most the sum of the
best single gains; a branch whose sum falls short of what is already known is not entered
(Nemhauser and Wolsey 1981, "Maximizing submodular set functions"). Gains beside the same
members do not depend on prices, and are kept from one call to the next.
"""

from dataclasses import dataclass

import numpy as np

from matcher.pairing.gains import Gains
from matcher.pairing.model import BoolArray, IntArray
from matcher.pairing.problem import FloatArray
from matcher.pairing.score import covered_by
from matcher.pairing.seating import Seating

KEPT_GAINS = 100_000_000
"""Numbers that the searches of all hubs may keep together, 800 MB; a search that has used up
its part forgets and starts again."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A team of a hub.

    Attributes:
        value: What it is worth under the prices that were asked for.
        members: The lead first; empty for no team at all.
    """

    value: float
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brought.

    Attributes:
        teams: Best first.
        bound: No team of the hub is worth more.
        complete: Whether every team above the floor is there.
    """

    teams: tuple[Candidate, ...]
    bound: float
    complete: bool


class TeamSearch:
    """Searches the teams of one hub, whose needs may count more by (needs,) factors."""

    def __init__(
        self, gains: Gains, seating: Seating, h: int, need_factor: FloatArray | None = None
    ) -> None:
        model = gains.model
        self._gains, self._h, self._factor = gains, h, need_factor
        self.allowed = seating.allowed[h]
        self.fixed = frozenset(np.flatnonzero(seating.fixed[h]).tolist())
        musts = np.flatnonzero(seating.must_lead[h])
        self.may_lead: BoolArray = seating.may_lead[h] & self.allowed
        if len(musts):
            self.may_lead = self.may_lead & seating.must_lead[h]
        self.local, self.min_local = seating.local, int(seating.min_local[h])
        self.smallest, self.largest = int(seating.min_team[h]), int(seating.max_team[h])
        self.optional = not seating.required[h] and not self.fixed and self.min_local == 0
        self._suppliers = model.shape[1]
        self._kept: dict[tuple[int, ...], FloatArray] = {}
        self._most_kept = max(KEPT_GAINS // (model.shape[0] * self._suppliers), 1)

    def search(
        self,
        price: FloatArray,
        lead_worth: FloatArray,
        *,
        floor: float | None = None,
        every_lead: bool = False,
        keep: int = 8,
        max_nodes: int = 20_000,
    ) -> Found:
        """The best teams, or with a ``floor`` all that are worth at least that.

        Args:
            price: (suppliers,) what a member is worth apart from coverage, less its price.
            lead_worth: (suppliers,) what is added when it leads.
            floor: Least worth of a team; None asks for the best only.
            every_lead: Whether a team comes once with each lead that it may have, or only
                with the one that adds most.
            keep: Teams at most. Without a floor those met on the way to the best come too;
                with one, the search gives up when there are more.
            max_nodes: Branches to enter at most.
        """
        return _Run(self, price, lead_worth, floor, every_lead, keep, max_nodes).run()

    def gains_beside(self, members: tuple[int, ...]) -> FloatArray:
        """(suppliers,) coverage that each adds beside these members."""
        key = tuple(sorted(members))
        kept = self._kept.get(key)
        if kept is None:
            if len(self._kept) >= self._most_kept:
                self._kept.clear()
            best, _ = covered_by(self._gains.model, self._h, key)
            kept = self._kept[key] = self._gains.covered(self._h, best, self._factor)
        return kept


class _Run:
    def __init__(
        self,
        of: TeamSearch,
        price: FloatArray,
        lead_worth: FloatArray,
        floor: float | None,
        every_lead: bool,
        keep: int,
        max_nodes: int,
    ) -> None:
        self.of, self.price, self.lead_worth = of, price, lead_worth
        self.all = floor is not None
        self.floor = -np.inf if floor is None else floor
        self.every_lead, self.keep, self.nodes_left = every_lead, keep, max_nodes
        self.found: list[Candidate] = []
        self.best = -np.inf
        self.skipped = -np.inf

    def run(self) -> Found:
        if self.of.optional:
            self._offer(0.0, ())
        fixed = tuple(sorted(self.of.fixed))
        leads = np.flatnonzero(self.of.may_lead)
        alone = self.of.gains_beside(())
        bounds = self._bounds_of_leads(leads, alone)
        for i in np.argsort(-bounds, kind="stable").tolist():
            if bounds[i] < self._least():
                break
            lead = int(leads[i])
            members: tuple[int, ...] = (lead,)
            value = float(alone[lead] + self.price[lead] + self.lead_worth[lead])
            for s in fixed:
                if s != lead:
                    value += float(self.of.gains_beside(members)[s] + self.price[s])
                    members = (*members, s)
            others = self._others(lead, members)
            if others is not None and len(members) <= self.of.largest:
                self._grow(members, value, float(bounds[i]), others)
        self.found.sort(key=lambda c: (-c.value, c.members))
        teams = tuple(self.found if self.all else self.found[: self.keep])
        return Found(teams, max(self.best, self.skipped), self.skipped == -np.inf)

    def _bounds_of_leads(self, leads: IntArray, alone: FloatArray) -> FloatArray:
        """The most that a team with each of these leads can be worth."""
        single = np.where(self.of.allowed, alone + self.price, -np.inf)
        must = sum(float(single[s]) for s in self.of.fixed)
        places = self.of.largest - 1 - len(self.of.fixed)
        free = np.maximum(np.delete(single, list(self.of.fixed)), 0.0)
        top = np.sort(free)[::-1][: max(places, 0) + 1]
        bounds = np.empty(len(leads))
        for i, lead in enumerate(leads.tolist()):
            own = float(single[lead] + self.lead_worth[lead])
            if lead in self.of.fixed:
                bounds[i] = own + must - float(single[lead]) + float(top.sum())
            else:
                bounds[i] = own + must + float(top[: max(places, 0)].sum())
        return bounds

    def _others(self, lead: int, members: tuple[int, ...]) -> BoolArray | None:
        """Who may still join; None where the team is met under a better lead anyway."""
        others = self.of.allowed.copy()
        if not self.every_lead:
            rank, number = self.lead_worth, np.arange(len(self.lead_worth))
            better = (rank > rank[lead]) | ((rank == rank[lead]) & (number < lead))
            others &= ~(better & self.of.may_lead)
            if not others[list(members)].all():
                return None
        others[list(members)] = False
        return np.asarray(others)

    def _grow(
        self, members: tuple[int, ...], value: float, bound: float, others: BoolArray
    ) -> None:
        if self.nodes_left <= 0:
            self.skipped = max(self.skipped, bound)
            return
        self.nodes_left -= 1
        places = self.of.largest - len(members)
        locals_short = self.of.min_local - int(self.of.local[list(members)].sum())
        if len(members) >= self.of.smallest and locals_short <= 0:
            self._offer(value, members)
        if places == 0 or locals_short > places:
            return
        if locals_short == places:
            others = others & self.of.local
        joiners = np.flatnonzero(others)
        gain = self.of.gains_beside(members)[joiners] + self.price[joiners]
        order = np.argsort(-gain, kind="stable")
        joiners, gain = joiners[order], gain[order]
        if places == 1:
            self._complete(members, value, joiners, gain)
        else:
            self._branch(members, value, joiners, gain, others)

    def _complete(
        self, members: tuple[int, ...], value: float, joiners: IntArray, gain: FloatArray
    ) -> None:
        """Offers the team with each one who may take the last place, best first."""
        for s, more in zip(joiners.tolist(), gain.tolist(), strict=True):
            if value + more < self._least():
                return
            self._offer(value + more, (*members, s))

    def _branch(
        self,
        members: tuple[int, ...],
        value: float,
        joiners: IntArray,
        gain: FloatArray,
        others: BoolArray,
    ) -> None:
        places = self.of.largest - len(members)
        # beside a joiner, those after it in the order can add at most their gains now
        sums = np.concatenate([[0.0], np.cumsum(np.maximum(gain, 0.0))])
        last = np.minimum(np.arange(1, len(gain) + 1) + places - 1, len(gain))
        bounds = value + gain + sums[last] - sums[1:]
        remaining = others.copy()
        for i, s in enumerate(joiners.tolist()):
            remaining[s] = False
            if bounds[i] < self._least():
                break
            self._grow((*members, s), value + float(gain[i]), float(bounds[i]), remaining.copy())

    def _least(self) -> float:
        return self.floor if self.all else self.best

    def _offer(self, value: float, members: tuple[int, ...]) -> None:
        if self.all and value < self.floor:
            return
        if self.all and len(self.found) >= self.keep:
            self.nodes_left, self.skipped = 0, np.inf
            return
        if self.all or value > self.best or len(self.found) < self.keep:
            self.found.append(Candidate(value, members))
        self.best = max(self.best, value)
