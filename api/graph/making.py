"""The city graph out of the database: made whole, or a copy that has heard of what happened."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from api.graph.tagging import Item
from api.graph.tags import REPOSITORIES, CityTags
from data import reference
from data.cooperations import CooperationRepository, as_edges
from data.decisions import DecisionRepository
from data.definitions import Definitions
from data.graph_files import GraphMark
from data.repositories import NeedRepository
from data.session import session_scope
from data.tags import TagRepository
from matcher.graph.schema import Cooperation, NodeKind, Relation, node
from matcher.judgement import Judgement, judgements
from matcher.types import OPEN, Need, Organization

if TYPE_CHECKING:
    import networkx as nx


class GraphMaker:
    """Makes graphs of one database.

    Args:
        engine: The database.
        tags: Which chains the items belong to.
    """

    def __init__(self, engine: Engine, tags: CityTags) -> None:
        self._engine = engine
        self._tags = tags

    def built(self, definitions: Definitions, now: GraphMark) -> "nx.MultiDiGraph":
        """A graph of everything that takes part.

        Args:
            definitions: The chains, and what they were called before.
            now: The data and the day it is made for.
        """
        from matcher.graph.build import city_graph

        graph = city_graph(definitions.chains, reference.counties(), renamed=definitions.renamed)
        with session_scope(self._engine, write=False) as session:
            found = {kind: repository(session).all() for kind, repository in REPOSITORIES.items()}
        for kind, records in found.items():
            self._put(graph, kind, {record.id: record for record in records}, now.day)
        self._link(graph, now)
        return graph

    def updated(
        self, graph: "nx.MultiDiGraph", seen: GraphMark, now: GraphMark
    ) -> "nx.MultiDiGraph":
        """A copy of a graph that has heard of what happened since.

        Args:
            graph: Stays as it is.
            seen: The data and the day that it was made for.
            now: The data and the day of the copy.
        """
        since = seen.version
        graph = graph.copy()
        _unlink(graph)
        with session_scope(self._engine, write=False) as session:
            said = TagRepository(session).said_since(since)
            closed = NeedRepository(session).due_between(seen.day, now.day)
            found: dict[NodeKind, dict[str, Item | None]] = {}
            for kind, repository in REPOSITORIES.items():
                changes = repository(session).changed_since(since)
                ids = {*changes.changed, *changes.removed, *_ids(kind, said)}
                ids |= set(closed) if kind is NodeKind.NEED else set()
                stored = repository(session).get_many(sorted(ids))
                found[kind] = {i: stored.get(i) for i in sorted(ids)}
        for kind, records in found.items():
            self._put(graph, kind, records, now.day)
        self._link(graph, now)
        return graph

    def _put(
        self,
        graph: "nx.MultiDiGraph",
        kind: NodeKind,
        records: Mapping[str, Item | None],
        today: date,
    ) -> None:
        """Records into the graph, in place; those that are gone or take no part, out of it."""
        from matcher.graph.update import put, remove

        taking_part = [r for r in records.values() if r is not None and _takes_part(r, today)]
        tags = self._tags.of(taking_part)
        for record_id in records.keys() - tags.keys():
            remove(graph, node(kind, record_id))
        for record in taking_part:
            known = tags[record.id]
            corrections = None if known.said is None else known.said.tags
            put(graph, record, tags=known.inferred, corrections=corrections)

    def _link(self, graph: "nx.MultiDiGraph", now: GraphMark) -> None:
        """What joins records of two kinds, in place: cooperations, and brokers' levels."""
        from matcher.graph.update import link

        with session_scope(self._engine, write=False) as session:
            cooperations = as_edges(CooperationRepository(session).all())
            decisions = DecisionRepository(session).all()
        present: dict[str, set[str]] = {kind.value: set() for kind in NodeKind}
        for _, facts in graph.nodes(data=True):
            if not facts.get("missing"):
                present[facts["kind"]].add(facts["id"])
        judged = judgements(
            decisions, needs=present[NodeKind.NEED], achievements=present[NodeKind.ACHIEVEMENT]
        )
        links: list[Cooperation | Judgement] = [*cooperations, *judged.judgements]
        for fact in links:
            link(graph, fact)
        graph.graph["data_version"] = now.version


def _unlink(graph: "nx.MultiDiGraph") -> None:
    """Take out, in place, what ``_link`` put in, with stubs that only it had called for."""
    links = (Relation.COOPERATES_WITH, Relation.DECIDED)
    graph.remove_edges_from([edge for edge in graph.edges(keys=True) if edge[2] in links])
    missing = [name for name, gone in graph.nodes(data="missing") if gone]
    graph.remove_nodes_from([name for name in missing if graph.degree(name) == 0])


def _ids(kind: NodeKind, names: Iterable[str]) -> set[str]:
    parts = (name.partition(":") for name in names)
    return {record_id for prefix, _, record_id in parts if prefix == kind.value}


def _takes_part(record: Item, today: date) -> bool:
    if isinstance(record, Organization):
        return True
    due = record.deadline if isinstance(record, Need) else None
    return record.status in OPEN and (due is None or due >= today)
