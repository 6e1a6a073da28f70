"""The chain graph's voice in a ranking: what it tells of a query and its candidates."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.graph.membership import memberships
from matcher.graph.places import others, widened
from matcher.graph.prepared import RANKED, Prepared
from matcher.graph.ranking import CityWalk, Links
from matcher.graph.schema import NodeKind, Relation, node
from matcher.graph.signals import (
    Places,
    chain_affinity,
    organization_lift,
    organization_strength,
    segment_proximity,
)
from matcher.graph.standing import Standing
from matcher.graph.supply import SupplyTable, latest_supply_table
from matcher.tag_types import Tag
from matcher.types import Achievement, Document, Need, Posting, Query

if TYPE_CHECKING:
    import networkx as nx

Values = NDArray[np.float64]


class GraphRelations:
    """What a city graph tells of queries and documents; a ``relations.Relations``.

    A need or an achievement that the graph holds is known by its node. Any other query, such
    as free text, enters by the chains of its tags, and by its organisation and county where
    it is a posting that names them. A document that the graph does not hold is unknown.

    A graph is taken as it is when it is first asked about, so one that changed wants new
    relations. One instance may serve several threads.

    Args:
        graph: A city graph (``build.city_graph``), or the parts of one.
        tags_of_query: The chains of a query that is not in the graph, best a
            ``ChainTagger`` behind it; without one such a query belongs to no chain.
        tags_of_late: The chains of postings, by id, that the graph does not hold yet; without
            it nothing is known of such a document.
    """

    def __init__(
        self,
        graph: "nx.MultiDiGraph | Prepared",
        *,
        tags_of_query: Callable[[Query], Sequence[Tag]] | None = None,
        tags_of_late: Callable[[Sequence[Posting]], Mapping[str, Sequence[Tag]]] | None = None,
    ) -> None:
        self._graph = graph
        self._tags_of_query = tags_of_query
        self._tags_of_late = tags_of_late
        self._walks: dict[NodeKind, CityWalk] = {}
        self._seen: dict[str, tuple[Places, str | None]] = {}
        self._neighbours: dict[str, list[str]] = {}

    def of(self, query: Query, documents: Sequence[Document]) -> dict[str, Values]:
        """Signal name to (len(documents),) values in [0, 1], NaN where unknown.

        Names and meanings are those of ``matcher.signals``: ``chain_affinity``,
        ``segment_proximity``, ``organization_strength`` and ``walk``.
        """
        towards = _kind(query, documents)
        walk = self._walk(towards)
        links, organization = self._entry(query, towards)
        asked = widened(
            self._core, [(end, w) for (key, end), w in links.items() if key is Relation.MEMBER_OF]
        )
        names = [node(towards, document.id) for document in documents]
        self._learn(documents, names, towards)
        known = [self._seen[name] for name in names]
        offered = [where for where, _ in known]
        owners = [whose for _, whose in known]
        return {
            "chain_affinity": chain_affinity(walk, links, names),
            "segment_proximity": segment_proximity(self._beside, asked, offered),
            "organization_strength": (
                self._strengths(owners, [asked] * len(names))
                if towards is NodeKind.ACHIEVEMENT
                else self._strengths([organization] * len(names), offered)
            ),
            "walk": organization_lift(walk, self._telling(links), owners),
        }

    def make_ready(self) -> None:
        """Make what the first question would wait for."""
        for towards in RANKED:
            _ = self._walk(towards).from_anywhere
        _ = self.table

    @cached_property
    def standing(self) -> Standing:
        """Where every posting stands."""
        of = self._graph
        return of.standing if isinstance(of, Prepared) else Standing.of(of)

    @cached_property
    def table(self) -> SupplyTable:
        """Who offers what where, as of the day of the newest posting."""
        of = self._graph
        return of.table if isinstance(of, Prepared) else latest_supply_table(of)

    @property
    def _core(self) -> "nx.MultiDiGraph":
        return self.standing.core

    def _walk(self, towards: NodeKind) -> CityWalk:
        if towards not in self._walks:
            of = self._graph
            source = of.walks[towards] if isinstance(of, Prepared) else of
            self._walks[towards] = CityWalk(source, towards=towards)
        return self._walks[towards]

    def _entry(self, query: Query, towards: NodeKind) -> tuple[Links, str | None]:
        """The edges by which a query enters the graph, and the organisation behind it."""
        walk = self._walk(towards)
        asking = NodeKind.NEED if towards is NodeKind.ACHIEVEMENT else NodeKind.ACHIEVEMENT
        name = node(asking, query.id)
        if query.posting is not None and self.standing.holds(name):
            links = {
                (link.relation, link.end): link.weight
                for link in self.standing.links(name)
                if link.end in walk.column and link.relation in walk.config.relations
            }
            return links, self.standing.owner(name)
        return self._links_of(query, walk)

    def _telling(self, links: Links) -> Links:
        """The links, if any leads to a chain or to somebody with partners; else none.

        From a county alone a walk would only find its other inhabitants.
        """
        told = any(
            relation is Relation.MEMBER_OF
            or (relation in _OWNING and others(self._core, end, Relation.COOPERATES_WITH))
            for relation, end in links
        )
        return links if told else {}

    def _links_of(self, query: Query, walk: CityWalk) -> tuple[Links, str | None]:
        posting = query.posting
        belongs = memberships(
            self._core,
            tags=[] if self._tags_of_query is None else self._tags_of_query(query),
            declared=posting.chains if posting else (),
            corrections=(),
        )
        links = {
            (Relation.MEMBER_OF, target): float(edge["weight"])
            for target, edge in belongs
            if target in walk.column
        }
        organization = None
        if posting is not None and posting.organization is not None:
            organization = node(NodeKind.ORGANIZATION, posting.organization)
        return {**links, **_belongings(posting, organization, walk)}, organization

    def _learn(
        self, documents: Sequence[Document], names: Sequence[str], towards: NodeKind
    ) -> None:
        """Where documents stand and whose they are; kept, as good ones come up again."""
        new = [
            (d, name) for d, name in zip(documents, names, strict=True) if name not in self._seen
        ]
        late = [d.posting for d, name in new if d.posting and not self.standing.holds(name)]
        told = self._tags_of_late(late) if self._tags_of_late and late else {}
        for document, name in new:
            if document.posting is not None and document.id in told:
                self._seen[name] = self._of_late(document.posting, told[document.id])
            else:
                self._seen[name] = self.standing.places(name), self.standing.owner(name)

    def _of_late(self, posting: Posting, tags: Sequence[Tag]) -> tuple[Places, str | None]:
        belongs = memberships(self._core, tags=tags, declared=posting.chains, corrections=())
        joined = [(target, float(edge["weight"])) for target, edge in belongs]
        known = [(target, weight) for target, weight in joined if target in self._core]
        named = posting.organization
        return widened(self._core, known), named and node(NodeKind.ORGANIZATION, named)

    def _beside(self, segment: str) -> list[str]:
        """Segments that feed one or that it feeds; kept, as thousands of edges meet there."""
        if segment not in self._neighbours:
            self._neighbours[segment] = others(self._core, segment, Relation.FEEDS)
        return self._neighbours[segment]

    def _strengths(self, organizations: Sequence[str | None], needed: Sequence[Places]) -> Values:
        return np.array(
            [
                organization_strength(self.table, organization, wanted)
                for organization, wanted in zip(organizations, needed, strict=True)
            ],
            dtype=np.float64,
        )


_OWNING = (Relation.ASKS, Relation.SUPPLIES)


def _kind(query: Query, documents: Sequence[Document]) -> NodeKind:
    """What is ranked: what the documents are, or else what the query does not ask with."""
    posting = next((d.posting for d in documents if d.posting is not None), None)
    if isinstance(posting, Need) or (posting is None and isinstance(query.posting, Achievement)):
        return NodeKind.NEED
    return NodeKind.ACHIEVEMENT


def _belongings(posting: Posting | None, organization: str | None, walk: CityWalk) -> Links:
    """Edges to the organisation and the county that a posting names, as far as known."""
    if posting is None:
        return {}
    asks = Relation.SUPPLIES if isinstance(posting, Achievement) else Relation.ASKS
    ends = [(asks, organization)] if organization else []
    if posting.county is not None:
        ends.append((Relation.LOCATED_IN, node(NodeKind.COUNTY, posting.county)))
    return {(relation, end): 1.0 for relation, end in ends if end in walk.column}
