"""Random walk with restart, solved exactly for many starts at once.

The scores of a walk that starts at s, and at every step returns there with probability r,
solve ``x = (1 - r) Pᵀ x + r s`` (personalised PageRank). Most nodes of a city graph are
postings, which touch only hubs: segments, chains, counties, organisations. Eliminating them
leaves a system over the hubs alone, small enough to factorise once: the block elimination
of Shin, Jung, Sael and Kang, "BEAR: Block Elimination Approach for Random Walk with Restart
on Large Graphs" (SIGMOD 2015). By linearity (Jeh and Widom, "Scaling Personalized Web
Search", WWW 2003) a start that nothing leads to needs no place in the matrix: its scores
follow from those of the nodes that it points at.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

FloatArray = NDArray[np.float32]


class Walk:
    """A random walk with restart over one weighted directed graph.

    There is no iteration, hence no tolerance: scores carry the rounding of float32, a
    relative error of about 1e-6. Weight at a node without a way out returns to the start.

    Args:
        weights: (nodes, nodes) weights of the edges from row to column, at least 0; only
            their proportions within a row matter.
        hubs: (nodes,) bool; every edge starts or ends at a hub.
        restart: Probability of returning to the start, in (0, 1).

    Raises:
        ValueError: a weight is negative or not finite, two nodes that are no hubs are
            joined, or ``restart`` is out of range.
    """

    def __init__(
        self, weights: sparse.csr_array, hubs: NDArray[np.bool_], *, restart: float
    ) -> None:
        if not 0 < restart < 1:
            raise ValueError(f"restart lies between 0 and 1: {restart}")
        if not np.all(np.isfinite(weights.data)) or np.any(weights.data < 0):
            raise ValueError("weights are finite and not negative")
        self.restart = restart
        self._onward = 1 - restart
        self._aside = (~hubs).astype(float)
        places, rest = np.flatnonzero(hubs), np.flatnonzero(~hubs)
        self._is_hub = hubs
        self._place = np.where(hubs, np.cumsum(hubs), np.cumsum(~hubs)) - 1
        steps = self._onward * _row_stochastic(weights)
        if steps[rest][:, rest].count_nonzero():
            raise ValueError("an edge joins two nodes of which neither is a hub")
        # from hub to the rest, from the rest to hub
        self._out = sparse.csc_array(steps[places][:, rest])
        self._back = sparse.csr_array(steps[rest][:, places])
        self._hubs, self._rest = places, rest
        among = steps[places][:, places] + self._out @ self._back
        system = sparse.eye_array(len(places)) - among.T
        # the ordering for symmetric patterns: a few busy hubs and many quiet ones stay sparse
        self._solver = (
            splu(sparse.csc_array(system), permc_spec="MMD_AT_PLUS_A") if len(places) else None
        )
        self._reach = self._reach_of_hubs(weights.shape[0])
        self._mass = np.asarray(self._reach.sum(axis=0), np.float64)
        self._averaged: tuple[NDArray[np.intp], NDArray[np.float64]] | None = None

    def from_nodes(
        self, starts: sparse.csr_array, targets: NDArray[np.intp] | None = None
    ) -> FloatArray:
        """Scores of walks that start at nodes of the graph.

        Args:
            starts: (walks, nodes) where each walk starts; rows are scaled to sum 1.
            targets: Nodes to be scored; all when None.

        Returns:
            (walks, targets) float32; over all nodes a row sums to 1. A row of zeros gives
            NaN: a walk that starts nowhere.
        """
        return self._scores(_row_stochastic(starts), 1.0, 0.0, targets)

    def from_outside(
        self, links: sparse.csr_array, targets: NDArray[np.intp] | None = None
    ) -> FloatArray:
        """Scores of walks that start at nodes which lead into the graph, and nothing to them.

        They equal what the graph with all those nodes in it would give.

        Args:
            links: (walks, nodes) weights of the edges from each start.
            targets: Nodes to be scored; all when None.

        Returns:
            (walks, targets) float32; the start itself, which is no node, has what is
            missing from 1. A row of zeros gives NaN: nothing is known.
        """
        return self._scores(_row_stochastic(links), self._onward, 1.0, targets)

    def mean_from_outside(
        self, links: sparse.csr_array, targets: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """(walks,) means of what ``from_outside`` gives over targets that no link leads to.

        The sum over the targets is taken once and remembered, so that asking again for the
        same array costs a product over the hubs and not one over the targets.
        """
        if self._averaged is None or self._averaged[0] is not targets:
            total = np.asarray(self._reach[targets].sum(axis=0), np.float64)
            self._averaged = (targets, total / max(1, len(targets)))
        hubs, _ = self._visits(_row_stochastic(links), self._onward, 1.0)
        return np.asarray(self._averaged[1] @ hubs)

    def _scores(
        self,
        starts: sparse.csr_array,
        share: float,
        own: float,
        targets: NDArray[np.intp] | None,
    ) -> FloatArray:
        hubs, scale = self._visits(starts, share, own)
        places = np.arange(starts.shape[1]) if targets is None else targets
        scores = (self._reach[places] @ hubs.astype(np.float32)).T
        # a start that is no hub was there before it came through one
        begun = sparse.coo_array(starts[:, places] @ sparse.diags_array(self._aside[places]))
        np.add.at(scores, (begun.row, begun.col), begun.data * scale[begun.row])
        return scores

    def _visits(
        self, starts: sparse.csr_array, share: float, own: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(hubs, walks) scores of the hubs, and (walks,) what scales visits to scores."""
        at_hubs, at_rest = self._parted(starts)
        at_hubs = at_hubs + at_rest @ self._back
        hubs = np.ascontiguousarray(at_hubs.toarray().T, np.float64)
        if self._solver is not None:
            hubs = self._solver.solve(hubs)
        # visits are in proportion to scores; dangling weight restarts, so scaling is all it does
        total = own + share * (self._mass @ hubs + at_rest.sum(axis=1))
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(starts.sum(axis=1) > 0, share / total, np.nan)
        return hubs * scale, scale

    def _parted(self, starts: sparse.csr_array) -> tuple[sparse.csr_array, sparse.csr_array]:
        """The columns of the hubs and those of the rest.

        Picking columns by index would look at every node, however few a walk starts at.
        """
        cells = sparse.coo_array(starts)
        at_hub = self._is_hub[cells.col]
        hubs, rest = (
            sparse.csr_array(
                (cells.data[chosen], (cells.row[chosen], self._place[cells.col[chosen]])),
                shape=(starts.shape[0], len(nodes)),
            )
            for chosen, nodes in ((at_hub, self._hubs), (~at_hub, self._rest))
        )
        return hubs, rest

    def _reach_of_hubs(self, nodes: int) -> sparse.csr_array:
        """(nodes, hubs) float32: visits to each node for one visit to each hub."""
        out = sparse.coo_array(self._out.T)
        rows = np.concatenate([self._hubs, self._rest[out.row]])
        columns = np.concatenate([np.arange(len(self._hubs)), out.col])
        values = np.concatenate([np.ones(len(self._hubs)), out.data])
        shape = (nodes, len(self._hubs))
        return sparse.csr_array((values.astype(np.float32), (rows, columns)), shape=shape)


def _row_stochastic(weights: sparse.csr_array) -> sparse.csr_array:
    """Rows scaled to sum 1 in float64; a row of zeros stays."""
    sums = np.asarray(weights.sum(axis=1), np.float64)
    scale = np.divide(1.0, sums, out=np.zeros_like(sums), where=sums > 0)
    return sparse.csr_array(sparse.diags_array(scale) @ weights)
