"""The few that cover most: exactly for a handful of candidates, else one after another."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from matcher.pairing.problem import FloatArray

EXACT_CANDIDATES = 200
"""Candidates up to which the best panel is proven; beyond that it is built seat by seat."""

TIME_LIMIT_S = 10.0
"""After which the best panel so far is taken, with the bound known by then."""

SURE = 1e-6
"""Distance to the bound at which a panel counts as proven."""


@dataclass(frozen=True, slots=True, eq=False)
class Seats:
    """Whom to choose from.

    Attributes:
        worth: (candidates, items) ≥ 0, what each one's answer to each item is worth.
        cost: (candidates,) ≥ 0.
        most: Seats.
        apart: Pairs that must not both be chosen.
        must: Who has a seat in any case; None for nobody.
    """

    worth: FloatArray
    cost: FloatArray
    most: int
    apart: tuple[tuple[int, int], ...] = ()
    must: int | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who sits, what that is worth, and what nothing exceeds."""

    members: tuple[int, ...]
    value: float
    bound: float

    @property
    def proven(self) -> bool:
        """Whether nothing better exists."""
        return self.bound <= self.value + SURE


class Search:
    """Searches the seats of one panel."""

    def __init__(self, seats: Seats) -> None:
        self._seats = seats
        self._apart: dict[int, set[int]] = {}
        for a, b in seats.apart:
            self._apart.setdefault(a, set()).add(b)
            self._apart.setdefault(b, set()).add(a)

    def best(self) -> Chosen:
        """The panel of greatest value; seats that cost more than they bring stay empty."""
        greedy = self.greedy()
        if greedy.proven or len(self._seats.cost) > EXACT_CANDIDATES:
            return greedy
        solved = self._solved()
        if solved is None:
            return greedy
        best = max(solved, greedy, key=lambda chosen: chosen.value)
        return Chosen(best.members, best.value, max(best.value, min(solved.bound, greedy.bound)))

    def greedy(self) -> Chosen:
        """One seat after another, always the one that adds most.

        Coverage is submodular, so no panel is worth more than any one's coverage plus the best
        single gains beside it, each less its cost (Minoux 1978, "Accelerated greedy algorithms
        for maximizing submodular set functions").
        """
        members = [] if self._seats.must is None else [self._seats.must]
        while len(members) < self._seats.most:
            gain = self._gains(members)
            taken = {*members, *(b for m in members for b in self._apart.get(m, ()))}
            gain[list(taken)] = -np.inf
            if not len(gain) or gain.max() <= 0:
                break
            members.append(int(gain.argmax()))
        bound = min(self._bound([]), self._bound(members))
        value = self._value(members)
        return Chosen(tuple(sorted(members)), value, max(bound, value))

    def _covered(self, members: list[int]) -> FloatArray:
        return np.asarray(self._seats.worth[members].max(axis=0, initial=0.0))

    def _value(self, members: list[int]) -> float:
        return float(self._covered(members).sum() - self._seats.cost[members].sum())

    def _gains(self, members: list[int]) -> FloatArray:
        more = np.maximum(self._seats.worth - self._covered(members), 0.0).sum(axis=1)
        return np.asarray(more - self._seats.cost)

    def _bound(self, members: list[int]) -> float:
        gains, base = self._gains(members), float(self._covered(members).sum())
        places = self._seats.most
        if self._seats.must is not None:
            base += float(gains[self._seats.must])
            gains[self._seats.must] = 0.0
            places -= 1
        return base + float(np.maximum(np.sort(gains)[::-1][:places], 0.0).sum())

    def _solved(self) -> Chosen | None:
        """By integer programming: a column per seat, then one per answer that is used."""
        seats = self._seats
        n = len(seats.cost)
        who, item = np.nonzero(seats.worth)
        answers = np.arange(len(who))
        width = n + len(who)
        signs = np.repeat([1.0, -1.0], len(who))
        places = np.tile(answers, 2), np.concatenate([n + answers, who])
        own_seat = sparse.csr_array((signs, places), shape=(len(who), width))
        once = sparse.csr_array(
            (np.ones(len(who)), (item, n + answers)), shape=(seats.worth.shape[1], width)
        )
        seated = np.concatenate([np.ones(n), np.zeros(len(who))])[None, :]
        apart = np.zeros((len(seats.apart), width))
        for row, pair in enumerate(seats.apart):
            apart[row, list(pair)] = 1.0
        least = np.zeros(width)
        if seats.must is not None:
            least[seats.must] = 1.0
        result = milp(
            np.concatenate([seats.cost, -seats.worth[who, item]]),
            integrality=np.concatenate([np.ones(n), np.zeros(len(who))]),
            bounds=Bounds(least, 1.0),
            constraints=[
                LinearConstraint(own_seat, ub=0),
                LinearConstraint(once, ub=1),
                LinearConstraint(seated, ub=seats.most),
                LinearConstraint(apart, ub=1),
            ],
            options={"time_limit": TIME_LIMIT_S, "mip_rel_gap": 0.0},
        )
        if result.x is None:
            return None
        members = np.flatnonzero(result.x[:n] > 0.5).tolist()
        return Chosen(tuple(members), self._value(members), float(-result.mip_dual_bound))
