"""Single records into and out of a city graph, leaving what a rebuild would leave.

A record owns its node's attributes and the edges that it states: a posting who posted it,
where, by whom and in which chains; an organisation where it is and in which chains. An edge
may point at something that is not, or no longer, in the graph: that node then stands there
with ``missing=True`` until it is put in or nothing points at it any more.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import isfinite
from typing import Any

import networkx as nx

from matcher.graph.membership import memberships
from matcher.graph.schema import (
    Cooperation,
    NodeKind,
    Relation,
    expert_node,
    kind_of,
    node,
)
from matcher.judgement import Judgement
from matcher.tag_types import Tag
from matcher.types import Achievement, Need, Organization

Record = Need | Achievement | Organization

_OUTGOING = (Relation.MEMBER_OF, Relation.LOCATED_IN)
_INCOMING = (Relation.ASKS, Relation.SUPPLIES, Relation.AUTHORED)
_POSTINGS = (NodeKind.NEED, NodeKind.ACHIEVEMENT)
_OWNERS = (*_POSTINGS, NodeKind.ORGANIZATION)


def put(
    graph: nx.MultiDiGraph,
    record: Record,
    *,
    tags: Sequence[Tag] = (),
    corrections: Sequence[Tag] | None = None,
) -> str:
    """Add a record to ``graph``, or replace what it said before.

    Args:
        graph: Changed in place.
        record: A need, an achievement or an organisation.
        tags: The chains that were inferred for it.
        corrections: The chains that a person set, none for "no chain"; None when nobody did,
            and then the record's own ``chains`` count as set by a person.

    Returns:
        The record's node.

    Raises:
        ValueError: a tag's weight is not in [0, 1].
    """
    name = node_of(record)
    _forget(graph, name)
    graph.add_node(name)
    graph.nodes[name].clear()
    graph.nodes[name].update(_attributes(record))
    declared = record.chains if corrections is None else None
    for target, attributes in memberships(
        graph, tags=tags, declared=declared, corrections=corrections or ()
    ):
        join(graph, name, Relation.MEMBER_OF, target, **attributes)
    if record.county is not None:
        join(graph, name, Relation.LOCATED_IN, node(NodeKind.COUNTY, record.county))
    if not isinstance(record, Organization):
        _join_people(graph, name, record)
    return name


def remove(graph: nx.MultiDiGraph, name: str) -> None:
    """Take a need, an achievement or an organisation out of ``graph``, in place.

    What others say about it stays, and its node with it, as missing. An unknown node is
    no error: it is out already.

    Raises:
        ValueError: the node is of a kind that only a rebuild changes.
    """
    if kind_of(name) not in _OWNERS:
        raise ValueError(f"only postings and organisations are removed; rebuild for {name!r}")
    if name not in graph:
        return
    _forget(graph, name)
    graph.nodes[name].clear()
    graph.nodes[name].update(_stub(name))
    _sweep(graph, [name])


def link(graph: nx.MultiDiGraph, fact: Cooperation | Judgement) -> None:
    """Add a cooperation or a judgement to ``graph``, or replace the one of the same two."""
    if isinstance(fact, Judgement):
        tail = node(NodeKind.NEED, fact.query_id)
        head = node(NodeKind.ACHIEVEMENT, fact.document_id)
        weight = (fact.level - 1) / 3
        join(
            graph,
            tail,
            Relation.DECIDED,
            head,
            weight=weight,
            level=fact.level,
            brokers=fact.brokers,
        )
        return
    tail, head = (node(NodeKind.ORGANIZATION, i) for i in (fact.enterprise, fact.university))
    year = {} if fact.year is None else {"year": fact.year}
    join(graph, tail, Relation.COOPERATES_WITH, head, weight=fact.weight, **year)


def node_of(record: Record) -> str:
    """The node of a record."""
    kinds = {Need: NodeKind.NEED, Achievement: NodeKind.ACHIEVEMENT}
    return node(kinds.get(type(record), NodeKind.ORGANIZATION), record.id)


def join(
    graph: nx.MultiDiGraph,
    tail: str,
    relation: Relation,
    head: str,
    *,
    weight: float = 1.0,
    **attributes: Any,
) -> None:
    """Add or replace an edge; an end that is not in ``graph`` is added as missing.

    Raises:
        ValueError: the weight is not in [0, 1].
    """
    if not (isfinite(weight) and 0 <= weight <= 1):
        raise ValueError(f"the weight of {tail!r} → {head!r} is not in [0, 1]: {weight}")
    for end in (tail, head):
        if end not in graph:
            graph.add_node(end, **_stub(end))
    if graph.has_edge(tail, head, key=relation.value):
        graph.remove_edge(tail, head, key=relation.value)
    graph.add_edge(tail, head, key=relation.value, weight=float(weight), **attributes)


def _join_people(graph: nx.MultiDiGraph, name: str, posting: Need | Achievement) -> None:
    owner = None
    if posting.organization is not None:
        owner = node(NodeKind.ORGANIZATION, posting.organization)
        asks = isinstance(posting, Need)
        join(graph, owner, Relation.ASKS if asks else Relation.SUPPLIES, name)
    if isinstance(posting, Achievement):
        for person in posting.team:
            expert = expert_node(owner or name, person)
            graph.add_node(expert, **_own(NodeKind.EXPERT, expert), name=person)
            join(graph, expert, Relation.AUTHORED, name)


def _attributes(record: Record) -> dict[str, Any]:
    """What the record says of itself; plain values only, since they are exported."""
    own = _own(kind_of(node_of(record)), node_of(record))
    if isinstance(record, Organization):
        return own | {"name": record.name, "organization_kind": record.kind.value}
    own |= {"name": record.title, "visibility": record.visibility.value}
    told = record.updated_at or record.created_at
    if told is not None:
        own["day"] = told.date().isoformat()
    if isinstance(record, Achievement) and record.trl is not None:
        own["trl"] = record.trl
    return own


def _own(kind: NodeKind, name: str) -> dict[str, Any]:
    return {"kind": kind.value, "id": name.partition(":")[2]}


def _stub(name: str) -> dict[str, Any]:
    return {**_own(kind_of(name), name), "missing": True}


def _forget(graph: nx.MultiDiGraph, name: str) -> None:
    """Remove what the record itself stated, with nodes that only it had called for."""
    if name not in graph:
        return
    stated = list(_stated(graph, name))
    graph.remove_edges_from(stated)
    _sweep(graph, {end for tail, head, _ in stated for end in (tail, head)})


def _stated(graph: nx.MultiDiGraph, name: str) -> Iterator[tuple[str, str, str]]:
    yield from (e for e in graph.out_edges([name], keys=True) if e[2] in _OUTGOING)
    if kind_of(name) in _POSTINGS:
        yield from (e for e in graph.in_edges([name], keys=True) if e[2] in _INCOMING)


def _sweep(graph: nx.MultiDiGraph, names: Iterable[str]) -> None:
    """Drop nodes that stand only for what pointed at them, once nothing does."""
    for name in names:
        facts = graph.nodes[name]
        called_for = facts.get("missing") or facts["kind"] == NodeKind.EXPERT
        if called_for and graph.degree(name) == 0:
            graph.remove_node(name)
