"""What changes when a seat is taken, given up or swapped: the arithmetic of the heuristics."""

import numpy as np

from matcher.pairing.model import BoolArray, IntArray, Model
from matcher.pairing.problem import FloatArray
from matcher.pairing.score import comfortable


class Gains:
    """Gains of seats beside given teams.

    The worst-off county and limits on leads are left out; who uses these numbers to choose
    a move checks the move against the whole objective.

    Attributes:
        neighbours: Per hub the hubs whose gains change with its team, itself included.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        hubs, suppliers = model.shape
        self._supplier_of = tuple(
            np.repeat(np.arange(suppliers), np.diff(links.worth.indptr)) for links in model.links
        )
        self._coupling = np.zeros((hubs, hubs))
        for (a, b), gain in zip(model.coupled.tolist(), model.coupling_gain, strict=True):
            self._coupling[a, b] += gain
            self._coupling[b, a] += gain
        self.neighbours = tuple(
            np.flatnonzero(row) for row in np.eye(hubs, dtype=bool) | (self._coupling > 0)
        )
        self._easy = comfortable(model)
        self._overload = model.problem.weights.overload

    def covered(self, h: int, best: FloatArray, factor: FloatArray | None = None) -> FloatArray:
        """(suppliers,) worth that each adds in a hub where ``best`` is covered already.

        Both are (needs of the hub,); ``factor`` tells how much more each counts, None once.
        """
        worth = self.model.links[h].worth
        more = np.maximum(worth.data - best[worth.indices], 0.0)
        if factor is not None:
            more *= factor[worth.indices]
        count = np.bincount(self._supplier_of[h], weights=more, minlength=self.model.shape[1])
        return count.astype(np.float64, copy=False)

    def beside(self, h: int, seats: BoolArray) -> FloatArray:
        """(suppliers,) what a seat of a hub is worth apart from coverage and leading."""
        return np.asarray(self.model.gain[h] + self._coupling[h] @ seats)

    def strain(self, load: IntArray) -> FloatArray:
        """(suppliers,) cost of one more team."""
        return np.where(load >= self._easy, self._overload, 0.0)

    def led(self, h: int, team: IntArray, may_lead: BoolArray) -> tuple[float, FloatArray]:
        """The gain of a team's best lead, and (suppliers,) that gain with each one added."""
        worth = np.where(may_lead[h], self.model.lead_gain[h], 0.0)
        now = float(worth[team].max(initial=0.0))
        return now, np.maximum(worth, now)


def two_best(model: Model, h: int, team: IntArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """Per need of a hub the best and second best worth in a team, and the best supplier or -1."""
    links = model.links[h]
    n = len(links.needs)
    best, second, by = np.zeros(n), np.zeros(n), np.full(n, -1)
    for s in team.tolist():
        rows, worth = links.of(s)
        old = best[rows]
        better = worth > old
        second[rows] = np.maximum(second[rows], np.minimum(worth, old))
        best[rows[better]] = worth[better]
        by[rows[better]] = s
    return best, second, by
