"""The walk over a city graph: from needs to achievements, or the other way.

Postings of the side that is ranked are in the matrix; those of the asking side are starts
outside it, so that one more of them changes nothing else. Experts, levels given by brokers
and nodes that are missing take no part: co-authors mostly share an organisation, and a
level that led a walk would be its own evidence.

At each node the walk first chooses a relation and the kind of node that it leads to, then an
edge by its weight. A segment's one neighbour downstream is thus not drowned by the thousands
of achievements on it, and a ranking does not drift as a city's data grow.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.graph.schema import NodeKind, Relation, kind_of
from matcher.walk import FloatArray, Walk

_HUBS = (NodeKind.CHAIN, NodeKind.SEGMENT, NodeKind.COUNTY, NodeKind.ORGANIZATION)
_ASKING = {NodeKind.ACHIEVEMENT: NodeKind.NEED, NodeKind.NEED: NodeKind.ACHIEVEMENT}
_KINDS = list(NodeKind)

_RELATIONS: Mapping[Relation, float] = MappingProxyType(
    {
        Relation.MEMBER_OF: 1.0,
        Relation.SUPPLIES: 0.5,
        Relation.ASKS: 0.5,
        Relation.COOPERATES_WITH: 0.5,
        Relation.FEEDS: 0.25,
        Relation.LOCATED_IN: 0.1,
        Relation.STRONG_IN: 0.1,
    }
)

Links = Mapping[tuple[Relation, str], float]
"""Edges from one node, whichever way they point: relation and other end to weight."""


@dataclass(frozen=True, slots=True)
class WalkConfig:
    """How the walk goes; set by judgement, to be fitted where judgements are.

    Attributes:
        restart: Probability of returning to the start at each step, in (0, 1).
        relations: How much each relation draws, beside the others of the same node.
    """

    restart: float = 0.3
    relations: Mapping[Relation, float] = field(default_factory=lambda: _RELATIONS)

    def __post_init__(self) -> None:
        if not set(self.relations) <= set(_RELATIONS):
            raise ValueError(f"the walk follows only {', '.join(_RELATIONS)}: {self}")
        if not 0 < self.restart < 1 or min(self.relations.values(), default=0) < 0:
            raise ValueError(f"restart lies between 0 and 1, relations at 0 or above: {self}")


@dataclass(frozen=True, slots=True, eq=False)
class WalkParts:
    """All that a walk reads off a graph, which takes long for a large one.

    Attributes:
        nodes: Every node that is scored, in the order of the columns.
        weights: (nodes, nodes) float64, what draws a walk from row to column.
    """

    nodes: Sequence[str]
    weights: sparse.csr_array


class CityWalk:
    """Scores every posting of one side for any posting of the other.

    Sees the graph as it was when made. Askers that are put in later are known at once;
    other changes need a new walk.

    Args:
        graph: A city graph, or the parts of a walk over one with the same settings.
        towards: ``ACHIEVEMENT`` to rank achievements for needs, ``NEED`` for the reverse.
        config: Settings of the method; defaults when None.

    Attributes:
        towards: The kind that is ranked.
        nodes: Every node that is scored, in the order of the columns.
        column: Node to its place in ``nodes``.
        targets: (targets,) places of the nodes of the kind ``towards``.
    """

    def __init__(
        self,
        graph: nx.MultiDiGraph | WalkParts,
        *,
        towards: NodeKind = NodeKind.ACHIEVEMENT,
        config: WalkConfig | None = None,
    ) -> None:
        if towards not in _ASKING:
            raise ValueError(f"a walk leads to needs or to achievements, not to {towards!r}")
        self.config = config or WalkConfig()
        self.towards = towards
        self.nodes: list[str] = (
            list(graph.nodes) if isinstance(graph, WalkParts) else self._scored(graph)
        )
        self.column: Mapping[str, int] = {name: i for i, name in enumerate(self.nodes)}
        self._kinds = np.array([_KINDS.index(kind_of(n)) for n in self.nodes], np.int64)
        place = _KINDS.index(towards)
        self.targets = np.flatnonzero(self._kinds == place)
        self.weights = graph.weights if isinstance(graph, WalkParts) else self._weights(graph)
        self._walk = Walk(self.weights, self._hubs(), restart=self.config.restart)

    @property
    def parts(self) -> WalkParts:
        """What a walk over the same graph can be made from without reading it."""
        return WalkParts(self.nodes, self.weights)

    def links(self, graph: nx.MultiDiGraph, name: str) -> Links:
        """The edges by which a posting of the asking side enters the walk.

        Args:
            graph: The graph as it is now; it may hold askers that the walk has not seen.
            name: Node of the asker; none of its edges count when it is not in the graph.
        """
        ends = [
            *((key, head, w) for _, head, key, w in graph.out_edges([name], "weight", keys=True)),
            *((key, tail, w) for tail, _, key, w in graph.in_edges([name], "weight", keys=True)),
        ]
        return {
            (Relation(key), end): weight
            for key, end, weight in ends
            if end in self.column and key in self.config.relations
        }

    def scores(
        self, askers: Sequence[Links], targets: NDArray[np.intp] | None = None
    ) -> FloatArray:
        """Scores for askers outside the matrix.

        Args:
            askers: From ``links``, or made by hand for a text with tags.
            targets: Places in ``nodes``; ``self.targets`` when None.

        Returns:
            (askers, targets) float32 in [0, 1]; NaN for an asker without a single link.
        """
        where = self.targets if targets is None else targets
        return self._walk.from_outside(self.rows(askers), where)

    def means(self, askers: Sequence[Links]) -> NDArray[np.float64]:
        """(askers,) means of ``scores`` over all targets, without a look at each target."""
        return self._walk.mean_from_outside(self.rows(askers), self.targets)

    @cached_property
    def from_anywhere(self) -> FloatArray:
        """(nodes,) scores of a walk that starts, and starts again, at any node alike.

        The common PageRank of the graph: how much of every walk a node draws.
        """
        anywhere = sparse.csr_array(np.ones((1, len(self.nodes))))
        return np.asarray(self._walk.from_nodes(anywhere)[0])

    def from_nodes(
        self, starts: Sequence[Mapping[str, float]], targets: NDArray[np.intp] | None = None
    ) -> FloatArray:
        """Scores for walks that start within the graph, at a mixture of nodes each.

        Args:
            starts: Node to weight; nodes that are not in the walk are left out.
            targets: Places in ``nodes``; ``self.targets`` when None.

        Returns:
            (starts, targets) float32 in [0, 1]; NaN for a start without a known node.
        """
        cells = [
            (row, self.column[name], weight)
            for row, start in enumerate(starts)
            for name, weight in start.items()
            if name in self.column
        ]
        rows = _matrix(cells, (len(starts), len(self.nodes)))
        return self._walk.from_nodes(rows, self.targets if targets is None else targets)

    def _scored(self, graph: nx.MultiDiGraph) -> list[str]:
        within = (*_HUBS, self.towards)
        return [
            name
            for name, facts in graph.nodes(data=True)
            if facts["kind"] in within and not facts.get("missing")
        ]

    def _hubs(self) -> NDArray[np.bool_]:
        """(nodes,) everything but the postings, and the organisations that touch none of them.

        Such an organisation is no hub either unless it touches another one of its sort.
        """
        ranked = self._kinds == _KINDS.index(self.towards)
        organizations = self._kinds == _KINDS.index(NodeKind.ORGANIZATION)
        aside = organizations & (self.weights @ ranked == 0)
        aside &= self.weights @ aside == 0
        return np.asarray(~(ranked | aside), np.bool_)

    def rows(self, askers: Sequence[Links]) -> sparse.csr_array:
        edges = [
            (row, self.column[end], self.config.relations[relation], weight, relation)
            for row, links in enumerate(askers)
            for (relation, end), weight in links.items()
        ]
        return self._typed(edges, len(askers))

    def _weights(self, graph: nx.MultiDiGraph) -> sparse.csr_array:
        return self._typed(list(self._both_ways(graph)), len(self.nodes))

    def _both_ways(self, graph: nx.MultiDiGraph) -> "Iterator[_Edge]":
        draws = {relation.value: draw for relation, draw in self.config.relations.items()}
        for tail, head, key, weight in graph.edges(data="weight", keys=True):
            a, b = self.column.get(tail), self.column.get(head)
            if key in draws and a is not None and b is not None and a != b:
                yield a, b, draws[key], weight, key
                yield b, a, draws[key], weight, key

    def _typed(self, edges: "Sequence[_Edge]", height: int) -> sparse.csr_array:
        """Weights of which each row's group (relation, kind) has its share, split by edges.

        A group's share is what its relation draws, less where all its edges together weigh
        less than 1: an unsure membership must not lead the walk as a sure one does.
        """
        if not edges:
            return sparse.csr_array((height, len(self.nodes)))
        relations = {key: i for i, key in enumerate(Relation)}
        rows, columns = (np.fromiter((e[i] for e in edges), np.int64, len(edges)) for i in (0, 1))
        draws, weights = (np.fromiter((e[i] for e in edges), float, len(edges)) for i in (2, 3))
        keys = np.fromiter((relations[Relation(e[4])] for e in edges), np.int64, len(edges))
        group = (rows * len(relations) + keys) * len(_KINDS) + self._kinds[columns]
        _, group = np.unique(group, return_inverse=True)
        sums = np.bincount(group, weights)[group]
        values = draws * weights / np.maximum(sums, 1)
        shape = (height, len(self.nodes))
        matrix = sparse.csr_array(sparse.coo_array((values, (rows, columns)), shape=shape))
        matrix.eliminate_zeros()
        return matrix


_Edge = tuple[int, int, float, float, str]
"""Row, column, what the relation draws, the edge's weight, the relation."""


def _matrix(cells: Iterable[tuple[int, int, float]], shape: tuple[int, int]) -> sparse.csr_array:
    rows, columns, values = zip(*cells, strict=True) if cells else ((), (), ())
    return sparse.csr_array(
        (np.array(values, float), (np.array(rows, np.int64), np.array(columns, np.int64))),
        shape=shape,
    )
