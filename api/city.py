"""One city graph in use: what it tells a ranking, and why the chains speak for a match."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from api.tags import CityTags
from matcher.graph.paths import Name, Path, paths
from matcher.graph.places import others, owner, places, segments, title
from matcher.graph.prepared import Prepared
from matcher.graph.relations import GraphRelations
from matcher.graph.schema import NodeKind, Relation, kind_of, node
from matcher.types import Achievement, Need, Query

if TYPE_CHECKING:
    import networkx as nx

_SKELETON = (NodeKind.CHAIN, NodeKind.SEGMENT, NodeKind.COUNTY)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a query stands on the chains.

    Attributes:
        names: The chain, then the segment if one is known.
        weight: How sure, in (0, 1].
    """

    names: tuple[Name, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class ChainPaths:
    """What the graph tells of a match list.

    Attributes:
        places: Where the query stands, surest first; none for one of no chain.
        paths: Document id to its paths, as ``matcher.graph.paths.paths`` orders them.
    """

    places: tuple[Place, ...]
    paths: Mapping[str, tuple[Path, ...]]


class City:
    """A graph with its walks and its table of supply, made when they are first needed.

    Args:
        graph: Is not altered, here or by others.
        tags: Tells the chains of queries that are not in the graph.
        prepared: The graph's parts, if they are known.

    Attributes:
        has_chains: Without any it has nothing to tell.
    """

    def __init__(
        self, graph: "nx.MultiDiGraph", tags: CityTags, prepared: Prepared | None = None
    ) -> None:
        self.graph = graph
        self.has_chains = any(
            facts["kind"] == NodeKind.CHAIN and not facts.get("missing")
            for _, facts in graph.nodes(data=True)
        )
        self._tags = tags
        # asked by the ranking and by the explanation
        self._tags_of_query = lru_cache(maxsize=64)(tags.of_query)
        self.relations = GraphRelations(graph, tags_of_query=self._tags_of_query, prepared=prepared)

    def holds(self, kind: NodeKind, posting_id: str) -> bool:
        """Whether the graph knows where a need or an achievement stands."""
        name = node(kind, posting_id)
        return name in self.graph and not self.graph.nodes[name].get("missing")

    def members(self, kind: NodeKind, chains: Collection[str]) -> frozenset[str]:
        """Ids of the needs or achievements on any of these chains or their segments."""
        places = {node(NodeKind.CHAIN, chain) for chain in chains}
        places |= _on(self.graph, places, NodeKind.SEGMENT)
        return frozenset(self.graph.nodes[name]["id"] for name in _on(self.graph, places, kind))

    def explain(self, query: Query, document_ids: Sequence[str]) -> ChainPaths:
        """Why the chains speak for each of these documents."""
        asks = not isinstance(query.posting, Achievement)
        asking, asked = NodeKind.NEED, NodeKind.ACHIEVEMENT
        if not asks:
            asking, asked = asked, asking
        graph = self._with(query, asking, [node(asked, i) for i in document_ids])
        found = {
            i: paths(graph, self.relations.table, *((query.id, i) if asks else (i, query.id)))
            for i in document_ids
        }
        return ChainPaths(_places(graph, node(asking, query.id)), found)

    def _with(self, query: Query, asking: NodeKind, documents: Sequence[str]) -> "nx.MultiDiGraph":
        """The graph, or a small part of it around the documents with the query put in."""
        from matcher.graph.update import put

        name = node(asking, query.id)
        posting = query.posting
        if posting is not None and self.holds(asking, query.id):
            return self.graph
        owners = [o for d in documents if d in self.graph and (o := owner(self.graph, d))]
        if posting is not None and posting.organization is not None:
            owners.append(node(NodeKind.ORGANIZATION, posting.organization))
        partners = [
            p
            for o in owners
            if o in self.graph
            for p in others(self.graph, o, Relation.COOPERATES_WITH)
        ]
        skeleton = [n for n, kind in self.graph.nodes(data="kind") if kind in _SKELETON]
        part = self.graph.subgraph({*skeleton, *documents, *owners, *partners} - {name}).copy()
        if isinstance(posting, Need | Achievement):
            tags = self._tags.of([posting])[posting.id]
            said = None if tags.said is None else tags.said.tags
            put(part, posting, tags=tags.inferred, corrections=said)
        else:
            put(part, Need(id=query.id, title=query.title), tags=self._tags_of_query(query))
        return part


def _on(graph: "nx.MultiDiGraph", places: Collection[str], kind: NodeKind) -> set[str]:
    """Nodes of a kind that are members of any of these chains and segments."""
    return {
        tail
        for tail, _, relation, weight in graph.in_edges(places, keys=True, data="weight")
        if relation == Relation.MEMBER_OF and weight > 0 and kind_of(tail) is kind
    }


def _places(graph: "nx.MultiDiGraph", name: str) -> tuple[Place, ...]:
    where = places(graph, name)
    # a chain goes without saying where its segment is told
    said = {chain for segment in segments(where) for chain in _chain(graph, segment)}
    told = {place: weight for place, weight in where.items() if place not in said}
    order = sorted(told, key=lambda place: (-told[place], place))
    return tuple(
        Place(tuple(_name(graph, n) for n in (*_chain(graph, place), place)), told[place])
        for place in order
    )


def _chain(graph: "nx.MultiDiGraph", place: str) -> list[str]:
    """The chain of a segment; nothing for a chain."""
    heads = [
        head
        for _, head, relation in graph.out_edges([place], keys=True)
        if relation == Relation.MEMBER_OF
    ]
    return heads[:1]


def _name(graph: "nx.MultiDiGraph", name: str) -> Name:
    return Name(name, title(graph, name, "zh"), title(graph, name, "en"))
