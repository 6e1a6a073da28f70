"""Which chain or segment an item is joined to, when people, tags and old ids disagree."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import networkx as nx

from matcher.graph.schema import NodeKind, Origin, node
from matcher.tag_types import Tag

RENAMED = "renamed"
"""Graph attribute: ids of chains and segments that are gone, to those that took their place."""


def memberships(
    graph: nx.MultiDiGraph,
    *,
    tags: Sequence[Tag],
    declared: Sequence[str] | None,
    corrections: Sequence[Tag],
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where an item belongs.

    What a person says wins: where somebody named chains, a tag only adds the segment inside
    them. An id that was renamed or merged is followed. A segment that is gone leaves its
    chain; the edge then names it under ``review``, as it does a chain that is gone.

    Args:
        graph: Holds the chains and segments there are.
        tags: Inferred memberships.
        declared: Chains that a person named; None where ``corrections`` speak instead, which
            an empty sequence does not: it means that nobody said anything.
        corrections: Memberships that a person set.

    Yields:
        The node of a chain or segment, and the attributes of the edge to it: ``weight``,
        ``origin``, and ``review`` where a person should look.
    """
    said = list(corrections) if declared is None else [Tag(c, None, 1.0, ()) for c in declared]
    by_person = [(Origin.PERSON, tag) for tag in said]
    silent = declared is not None and not declared
    chains = {_chain(graph, tag) for tag in said}
    # a person who named the segment has left nothing to infer
    settled = {_chain(graph, tag) for tag in said if tag.segment is not None}
    inferred = [
        (Origin.INFERRED, tag)
        for tag in tags
        if silent or (tag.segment is not None and _chain(graph, tag) in chains - settled)
    ]
    yield from _merged(graph, [*by_person, *inferred])


def _merged(
    graph: nx.MultiDiGraph, claims: Iterable[tuple[Origin, Tag]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """One edge per target: a person's claim first, then the surest one."""
    found: dict[str, dict[str, Any]] = {}
    reviews: dict[str, set[str]] = {}
    for origin, tag in claims:
        target, review = _target(graph, tag)
        if review is not None:
            reviews.setdefault(target, set()).add(review)
        edge = {"weight": float(tag.weight), "origin": origin.value}
        held = found.get(target)
        if held is None or _rank(edge) > _rank(held):
            found[target] = edge
    for target, edge in found.items():
        marked = {"review": " ".join(sorted(reviews[target]))} if target in reviews else {}
        yield target, edge | marked


def _rank(edge: dict[str, Any]) -> tuple[bool, float]:
    return edge["origin"] == Origin.PERSON, edge["weight"]


def _target(graph: nx.MultiDiGraph, tag: Tag) -> tuple[str, str | None]:
    """The node that a tag means today, and the id to be reviewed if that is not the tag's."""
    if tag.segment is not None:
        segment = _today(graph, NodeKind.SEGMENT, tag.segment)
        if _known(graph, segment):
            return segment, None
    chain = _today(graph, NodeKind.CHAIN, tag.chain)
    if not _known(graph, chain):
        return chain, tag.chain
    return chain, tag.segment


def _chain(graph: nx.MultiDiGraph, tag: Tag) -> str:
    """The chain's node, through the segment where that has moved to another chain."""
    target, _ = _target(graph, tag)
    if target.startswith(f"{NodeKind.CHAIN.value}:"):
        return target
    heads = (str(head) for _, head in graph.out_edges([target]))
    return next(head for head in heads if graph.nodes[head]["kind"] == NodeKind.CHAIN)


def _today(graph: nx.MultiDiGraph, kind: NodeKind, record_id: str) -> str:
    renamed: dict[str, str] = graph.graph.get(RENAMED, {})
    seen: list[str] = []
    today = record_id
    while not _known(graph, node(kind, today)):
        if today in seen or today not in renamed:
            return node(kind, record_id)
        seen.append(today)
        today = renamed[today]
    return node(kind, today)


def _known(graph: nx.MultiDiGraph, name: str) -> bool:
    return name in graph and not graph.nodes[name].get("missing")
