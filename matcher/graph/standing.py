"""Where postings stand: what a match asks of a city graph, in a tenth of its memory.

Chains, segments, counties and organisations stay a graph, the core. A need or an achievement
is but its edges to the core, and there are hundreds of thousands of those: they lie in arrays.
Experts and what brokers decided take no part in matching, and are left out.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.graph.places import others, places, widened
from matcher.graph.schema import NodeKind, Relation, kind_of

if TYPE_CHECKING:
    import networkx as nx

POSTINGS = (NodeKind.NEED, NodeKind.ACHIEVEMENT)
_SKELETON = (NodeKind.CHAIN, NodeKind.SEGMENT, NodeKind.COUNTY)
_FROM_POSTING = (Relation.MEMBER_OF, Relation.LOCATED_IN)
_TO_POSTING = (Relation.ASKS, Relation.SUPPLIES)
_RELATIONS = list(Relation)


@dataclass(frozen=True, slots=True)
class Link:
    """An edge of a posting, whichever way it points; ``end`` is a node of the core."""

    relation: Relation
    end: str
    weight: float


@dataclass(frozen=True, eq=False)
class Standing:
    """A city graph as far as matching goes; never altered.

    Attributes:
        core: Chains, segments, counties and organisations, with the edges among them.
        names: Nodes of the postings.
        starts: (postings + 1,) int64 where the links of each begin.
        ends: (links,) int32 places in the order of the core's nodes.
        relations: (links,) uint8 places in ``Relation``.
        weights: (links,) float64 in [0, 1].
    """

    core: "nx.MultiDiGraph"
    names: Sequence[str]
    starts: NDArray[np.int64]
    ends: NDArray[np.int32]
    relations: NDArray[np.uint8]
    weights: NDArray[np.float64]

    @classmethod
    def of(cls, graph: "nx.MultiDiGraph") -> "Standing":
        """What a city graph says; the graph is not needed any more."""
        within = (*_SKELETON, NodeKind.ORGANIZATION)
        core = graph.subgraph([n for n in graph if kind_of(n) in within]).copy()
        place = {name: i for i, name in enumerate(core)}
        names = [
            name
            for name, facts in graph.nodes(data=True)
            if facts["kind"] in POSTINGS and not facts.get("missing")
        ]
        links = [list(_links(graph, name)) for name in names]
        flat = [link for own in links for link in own]
        return cls(
            core,
            names,
            np.cumsum([0, *map(len, links)], dtype=np.int64),
            np.array([place[link.end] for link in flat], np.int32),
            np.array([_RELATIONS.index(link.relation) for link in flat], np.uint8),
            np.array([link.weight for link in flat], np.float64),
        )

    @property
    def has_chains(self) -> bool:
        """Whether there is a chain; without any nobody stands anywhere."""
        return any(
            facts["kind"] == NodeKind.CHAIN and not facts.get("missing")
            for _, facts in self.core.nodes(data=True)
        )

    def holds(self, name: str) -> bool:
        """Whether a posting of this node takes part."""
        return name in self._rows

    def links(self, name: str) -> list[Link]:
        """The edges of a posting; none for an unknown one."""
        row = self._rows.get(name)
        if row is None:
            return []
        own = slice(self.starts[row], self.starts[row + 1])
        cells = (self.relations[own].tolist(), self.ends[own].tolist(), self.weights[own].tolist())
        return [
            Link(_RELATIONS[relation], self._core_names[end], weight)
            for relation, end, weight in zip(*cells, strict=True)
        ]

    def places(self, name: str) -> dict[str, float]:
        """Where a posting or an organisation stands; see ``places.places``."""
        if name in self.core:
            return places(self.core, name)
        joined = [(k.end, k.weight) for k in self.links(name) if k.relation is Relation.MEMBER_OF]
        return widened(self.core, joined)

    def owner(self, name: str) -> str | None:
        """The organisation that posted a need or an achievement; None when nobody says."""
        return next((k.end for k in self.links(name) if k.relation in _TO_POSTING), None)

    def members(self, kind: NodeKind, chains: Collection[str]) -> frozenset[str]:
        """Ids of the needs or achievements on any of these chains' nodes or their segments."""
        inside = {
            tail
            for tail, _, relation in self.core.in_edges(chains, keys=True)
            if relation == Relation.MEMBER_OF and kind_of(tail) is NodeKind.SEGMENT
        }
        wanted = {*chains, *inside}
        places_ = [place for place, name in enumerate(self._core_names) if name in wanted]
        joined = self.relations == _RELATIONS.index(Relation.MEMBER_OF)
        joined &= (self.weights > 0) & np.isin(self.ends, places_)
        rows = np.unique(np.searchsorted(self.starts, np.flatnonzero(joined), "right") - 1)
        prefix = f"{kind.value}:"
        found = (self.names[row] for row in rows.tolist())
        return frozenset(name.removeprefix(prefix) for name in found if name.startswith(prefix))

    def around(self, names: Sequence[str], organizations: Sequence[str] = ()) -> "nx.MultiDiGraph":
        """A small graph of its own, with all that can join these postings.

        Args:
            names: Nodes of postings; unknown ones are left out.
            organizations: Nodes of more organisations than the postings' own.

        Returns:
            Chains, segments, counties, the postings, their organisations and those that have
            worked with them, with the edges among all of these.
        """
        known = [name for name in names if name in self._rows]
        owners = {*organizations, *(o for name in known if (o := self.owner(name)))}
        owners &= self.core.nodes
        partners = {p for o in owners for p in others(self.core, o, Relation.COOPERATES_WITH)}
        part = self._skeleton.copy()
        extra = owners | partners
        part.add_nodes_from((name, self.core.nodes[name]) for name in self.core if name in extra)
        for edges in (self.core.out_edges, self.core.in_edges):
            part.add_edges_from(
                (tail, head, key, facts)
                for tail, head, key, facts in edges(extra, keys=True, data=True)
                if tail in part and head in part
            )
        for name in known:
            part.add_node(name, kind=kind_of(name).value, id=name.partition(":")[2])
            for link in self.links(name):
                ends = (link.end, name) if link.relation in _TO_POSTING else (name, link.end)
                part.add_edge(*ends, key=link.relation.value, weight=link.weight)
        return part

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.names)}

    @cached_property
    def _core_names(self) -> list[str]:
        return list(self.core)

    @cached_property
    def _skeleton(self) -> "nx.MultiDiGraph":
        inside = [n for n, kind in self.core.nodes(data="kind") if kind in _SKELETON]
        return self.core.subgraph(inside).copy()


def _links(graph: "nx.MultiDiGraph", name: str) -> Iterator[Link]:
    for _, head, key, weight in graph.out_edges([name], "weight", keys=True):
        if key in _FROM_POSTING:
            yield Link(Relation(key), head, weight)
    for tail, _, key, weight in graph.in_edges([name], "weight", keys=True):
        if key in _TO_POSTING:
            yield Link(Relation(key), tail, weight)
