"""One city graph in use: what it tells a ranking, and why the chains speak for a match."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from typing import TYPE_CHECKING, TypeGuard

from api.graph.tags import CityTags
from matcher.graph.paths import Name, Path, paths
from matcher.graph.places import places, segments, title
from matcher.graph.prepared import Prepared
from matcher.graph.relations import GraphRelations
from matcher.graph.schema import NodeKind, Relation, node
from matcher.tag_types import Tag
from matcher.types import OPEN, Achievement, Need, Posting, Query

if TYPE_CHECKING:
    import networkx as nx


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
    """One state of the city graph in use.

    Args:
        graph: Is not altered, here or by others; or its parts.
        tags: Tells the chains of what is not in the graph.

    Attributes:
        made_of: The graph or the parts that it was given.
        standing: Where every posting stands.
        has_chains: Without any it has nothing to tell.
    """

    def __init__(self, graph: "nx.MultiDiGraph | Prepared", tags: CityTags) -> None:
        self.made_of = graph
        self._tags = tags
        # asked by the ranking and by the explanation
        self._tags_of_query = lru_cache(maxsize=64)(tags.of_query)
        self.relations = GraphRelations(
            graph, tags_of_query=self._tags_of_query, tags_of_late=partial(_tags_of_late, tags)
        )
        self.standing = self.relations.standing
        self.has_chains = self.standing.has_chains

    def holds(self, kind: NodeKind, posting_id: str) -> bool:
        """Whether the graph knows where a need or an achievement stands."""
        return self.standing.holds(node(kind, posting_id))

    def members(self, kind: NodeKind, chains: Collection[str]) -> frozenset[str]:
        """Ids of the needs or achievements on any of these chains or their segments."""
        return self.standing.members(kind, {node(NodeKind.CHAIN, chain) for chain in chains})

    def explain(self, query: Query, document_ids: Sequence[str]) -> ChainPaths:
        """Why the chains speak for each of these documents."""
        asks = not isinstance(query.posting, Achievement)
        asking, asked = NodeKind.NEED, NodeKind.ACHIEVEMENT
        if not asks:
            asking, asked = asked, asking
        graph = self._around(query, asking, [node(asked, i) for i in document_ids])
        found = {
            i: paths(graph, self.relations.table, *((query.id, i) if asks else (i, query.id)))
            for i in document_ids
        }
        return ChainPaths(_places(graph, node(asking, query.id)), found)

    def _around(
        self, query: Query, asking: NodeKind, documents: Sequence[str]
    ) -> "nx.MultiDiGraph":
        """The part of the graph around the documents, and the query in it."""
        from matcher.graph.update import put

        name = node(asking, query.id)
        posting = query.posting
        if posting is not None and self.standing.holds(name):
            return self.standing.around([name, *documents])
        named = posting.organization if posting is not None else None
        owners = [node(NodeKind.ORGANIZATION, named)] if named else []
        part = self.standing.around(documents, owners)
        if isinstance(posting, Need | Achievement):
            tags = self._tags.of([posting])[posting.id]
            said = None if tags.said is None else tags.said.tags
            put(part, posting, tags=tags.inferred, corrections=said)
        else:
            put(part, Need(id=query.id, title=query.title), tags=self._tags_of_query(query))
        return part


def _tags_of_late(tags: CityTags, postings: Sequence[Posting]) -> Mapping[str, Sequence[Tag]]:
    """Of those that take part, which a graph that is behind does not hold yet."""
    return tags.in_force([p for p in postings if _takes_part(p, date.today())])


def _takes_part(posting: Posting, today: date) -> TypeGuard[Need | Achievement]:
    due = posting.deadline if isinstance(posting, Need) else None
    return posting.status in OPEN and (due is None or due >= today)


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
