"""What a plan would be worth with one team changed, everything else as it is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

import numpy as np

from matcher.pairing.gains import Gains, two_best
from matcher.pairing.model import BoolArray, IntArray, Model, compile_problem
from matcher.pairing.plan import Plan
from matcher.pairing.problem import FloatArray, Problem
from matcher.pairing.score import Choice, objective_of
from matcher.pairing.seating import Seating, seating_of

NOBODY = -1
TRIED = 24
"""Moves, the most promising first, that are checked against all rules."""


@dataclass(frozen=True, slots=True)
class Move:
    """In one hub a supplier leaves and another comes; ``NOBODY`` for neither.

    Attributes:
        gain: What the plan gains, all parts counted.
    """

    hub: int
    out: int
    into: int
    gain: float


class Moves:
    """Changes of single teams of a plan.

    Attributes:
        model: The problem as arrays.
        seats: (hubs, suppliers) the plan.
        load: (suppliers,) teams that each is in.
    """

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.model: Model = compile_problem(problem)
        self.seating: Seating = seating_of(self.model)
        choice = _choice(self.model, plan)
        self.seats: BoolArray = choice.seats
        self._leads: IntArray = choice.leads
        self.load: IntArray = self.seats.sum(axis=0)
        self._value = objective_of(self.model, choice).total
        self._gains = Gains(self.model)

    @cached_property
    def room(self) -> BoolArray:
        """(suppliers,) whether each could take one more team."""
        return np.asarray(self.load < self.seating.max_hubs)

    def full(self, h: int) -> bool:
        """Whether a hub's team has no free seat."""
        return bool(self.seats[h].sum() >= self.seating.max_team[h])

    def replacing(self, h: int, s: int) -> Move | None:
        """The best that a hub can do without a member, nobody in its place included.

        A rule that fixes the member is set aside.
        """
        free = self.room & self.seating.allowed[h] & ~self.seats[h]
        order = np.argsort(-self._estimates(h)[s], kind="stable").tolist()
        nobody = len(free)
        comers = [NOBODY if t == nobody else t for t in order if t == nobody or free[t]]
        return self._best(((h, s, t) for t in comers), seating=self._without_fix(h, s))

    def dropping(self, h: int, s: int) -> float:
        """What the plan loses when a member leaves and nobody comes, whatever the rules."""
        seats = self._changed((h, s, NOBODY))
        leads = self._without_fix(h, s).leads(seats)
        if leads is None:
            # whoever stays must not lead: a team without a lead
            leads = np.where(np.arange(len(self._leads)) == h, -1, self._leads)
        return self._value - objective_of(self.model, Choice(seats, leads)).total

    def joining(
        self, s: int, hubs: Iterable[int] | None = None, *, spare: bool = False
    ) -> Move | None:
        """The best way for a supplier into one more team, with or without somebody leaving.

        Args:
            s: Who.
            hubs: Into which; all when None.
            spare: As if it had capacity for one more team.
        """
        if not spare and not self.room[s]:
            return None
        wanted = range(self.model.shape[0]) if hubs is None else hubs
        ways = [
            (h, out, s)
            for h in wanted
            if self.seating.allowed[h, s] and not self.seats[h, s]
            for out in self._leavers(h)
        ]
        ways.sort(key=lambda way: -self._estimates(way[0])[way[1]][s])
        if not spare or self.room[s]:
            return self._best(ways, seating=self.seating)
        supplier, one = self.model.problem.suppliers[s], np.arange(len(self.load)) == s
        looser = replace(
            self.seating,
            max_hubs=self.seating.max_hubs + one,
            max_leads=self.seating.max_leads + (one if supplier.max_leads is None else 0),
        )
        move = self._best(ways, seating=looser)
        if move is None or supplier.comfortable_hubs is not None:
            return move
        # whoever takes all that it may with ease would take one more with ease, too
        return replace(move, gain=move.gain + self.model.problem.weights.overload)

    def promise(self, h: int) -> FloatArray:
        """(suppliers,) about what the plan gains with each in a hub's team, rules aside."""
        ways = [self._estimates(h)[out][:-1] for out in self._leavers(h)]
        return np.asarray(np.max(ways, axis=0, initial=-np.inf))

    def adding(self, h: int) -> Move | None:
        """The best supplier with capacity for one more seat in a hub's team."""
        free = self.room & self.seating.allowed[h] & ~self.seats[h]
        estimate = self._added(h)
        order = [t for t in np.argsort(-estimate, kind="stable").tolist() if free[t]]
        larger = self.seating.max_team + (np.arange(self.model.shape[0]) == h)
        return self._best(
            ((h, NOBODY, t) for t in order), seating=replace(self.seating, max_team=larger)
        )

    def levels(self, h: int, change: Move | None = None) -> FloatArray:
        """(needs of the hub,) level at which its team covers each, before or after a move."""
        row = self.seats[h] if change is None else self._changed(_way(change))[h]
        best, _, _ = two_best(self.model, h, np.flatnonzero(row))
        return np.asarray(best / self.model.links[h].weight)

    def covered(self, h: int) -> tuple[FloatArray, FloatArray, IntArray]:
        """Per need of a hub the best and second best worth in its team, and by whom or -1."""
        return two_best(self.model, h, np.flatnonzero(self.seats[h]))

    def _leavers(self, h: int) -> Iterator[int]:
        if not self.full(h):
            yield NOBODY
        yield from (s for s in np.flatnonzero(self.seats[h]).tolist())

    def _best(self, ways: Iterable[tuple[int, int, int]], *, seating: Seating) -> Move | None:
        """The best of ways that come in the order of their estimates, the best first."""
        best: Move | None = None
        for way in islice(ways, TRIED):
            gain = self._gain(way, seating)
            if gain is not None and (best is None or gain > best.gain):
                best = Move(*way, gain)
            if best is not None and self._simple:
                break
        return best

    def _gain(self, way: tuple[int, int, int], seating: Seating) -> float | None:
        """What the plan gains; None when a rule is broken."""
        seats = self._changed(way)
        leads = seating.leads(seats)
        if leads is None or not seating.feasible(seats):
            return None
        if self._simple:
            h, out, into = way
            return float(self._estimates(h)[out][into])
        return objective_of(self.model, Choice(seats, leads)).total - self._value

    @cached_property
    def _simple(self) -> bool:
        """Whether estimates are exact: no worst-off county, and no rule picks the leads."""
        free = all(s.max_leads is None for s in self.model.problem.suppliers)
        return self.model.balance == 0 and free and not self.seating.must_lead.any()

    def _changed(self, way: tuple[int, int, int]) -> BoolArray:
        h, out, into = way
        seats = self.seats.copy()
        if out != NOBODY:
            seats[h, out] = False
        if into != NOBODY:
            seats[h, into] = True
        return seats

    def _without_fix(self, h: int, s: int) -> Seating:
        fixed, must_lead = self.seating.fixed.copy(), self.seating.must_lead.copy()
        fixed[h, s] = must_lead[h, s] = False
        return replace(self.seating, fixed=fixed, must_lead=must_lead)

    def _estimates(self, h: int) -> dict[int, FloatArray]:
        """Per leaver (suppliers + 1,) the gain with each who may come; the last is nobody.

        Exact but for the worst-off county and limits on leads; then only the order is used.
        """
        if h not in self._estimated:
            team = np.flatnonzero(self.seats[h])
            best, second, by = two_best(self.model, h, team)
            beside = self._gains.beside(h, self.seats)
            led_now = self._gains.led(h, team, self.seating.may_lead)[0]
            found = {}
            for out in [NOBODY, *team.tolist()]:
                without, lost, rest = best, 0.0, team
                if out != NOBODY:
                    without = np.where(by == out, second, best)
                    lost = float((best - without).sum() + beside[out])
                    lost -= float(self._gains.strain(self.load - 1)[out])
                    rest = team[team != out]
                led_rest, led_with = self._gains.led(h, rest, self.seating.may_lead)
                come = self._gains.covered(h, without) + beside
                come += led_with - led_now - self._gains.strain(self.load)
                found[out] = np.append(come - lost, led_rest - led_now - lost)
            self._estimated[h] = found
        return self._estimated[h]

    def _added(self, h: int) -> FloatArray:
        return self._estimates(h)[NOBODY][:-1]

    @cached_property
    def _estimated(self) -> dict[int, dict[int, FloatArray]]:
        return {}


def _choice(model: Model, plan: Plan) -> Choice:
    seats = np.zeros(model.shape, dtype=bool)
    leads = np.full(model.shape[0], -1)
    for team in plan.teams:
        h = model.hub_index[team.hub]
        for member in team.members:
            seats[h, model.supplier_index[member]] = True
        if team.lead is not None:
            leads[h] = model.supplier_index[team.lead]
    return Choice(seats, leads)


def _way(move: Move) -> tuple[int, int, int]:
    return move.hub, move.out, move.into
