"""The whole city graph from plain records."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import networkx as nx

from matcher.chain import County, IndustryChain, chain_graph
from matcher.graph.membership import RENAMED
from matcher.graph.schema import (
    SCHEMA_VERSION,
    Cooperation,
    NodeKind,
    Relation,
    node,
)
from matcher.graph.update import Record, join, link, node_of, put
from matcher.judgement import Judgement
from matcher.tag_types import Tag
from matcher.types import Achievement, Need, Organization


def city_graph(
    chains: Iterable[IndustryChain] = (),
    counties: Iterable[County] = (),
    *,
    organizations: Iterable[Organization] = (),
    needs: Iterable[Need] = (),
    achievements: Iterable[Achievement] = (),
    tags: Mapping[str, Sequence[Tag]] | None = None,
    corrections: Mapping[str, Sequence[Tag]] | None = None,
    cooperations: Iterable[Cooperation] = (),
    judgements: Iterable[Judgement] = (),
    flows: Iterable[tuple[str, str]] = (),
    renamed: Mapping[str, str] | None = None,
    data_version: int = 0,
) -> nx.MultiDiGraph:
    """Everything that is known of a city, joined; README.md beside this file has the schema.

    Nothing is refused and nothing vanishes: what cannot be right is kept where it can be
    seen, and ``problems.problems`` lists it.

    Args:
        chains: The city's chains, which the packaged order of segments joins.
        counties: The city's counties.
        organizations: All of them; one given twice is in the counties of both records.
        needs: Those that take part, as a rule the published ones.
        achievements: Those that take part.
        tags: Inferred chains by node, such as ``need:n-1``.
        corrections: Chains that a person set, by node; an empty sequence means "no chain".
        cooperations: Who has worked with whom.
        judgements: What brokers hold of matches.
        flows: Further segments (supplier, user) of which the first feeds the second, by id;
            across chains too.
        renamed: Ids of chains and segments that are gone, to those that took their place.
        data_version: Of the data that the graph was made from.

    Returns:
        Graph attributes: ``schema_version``, ``data_version`` and ``renamed``.

    Raises:
        ValueError: a tag's weight is not in [0, 1].
    """
    graph = _skeleton(list(chains), list(counties))
    graph.graph.update(
        schema_version=SCHEMA_VERSION, data_version=data_version, **{RENAMED: dict(renamed or {})}
    )
    for supplier, user in flows:
        ends = (node(NodeKind.SEGMENT, supplier), node(NodeKind.SEGMENT, user))
        join(graph, ends[0], Relation.FEEDS, ends[1])
    records: list[Record] = [*organizations, *needs, *achievements]
    for record in records:
        name = node_of(record)
        put(
            graph,
            record,
            tags=(tags or {}).get(name, ()),
            corrections=None if corrections is None else corrections.get(name),
        )
    _note_repeated(graph, records)
    facts: list[Cooperation | Judgement] = [*cooperations, *judgements]
    for fact in facts:
        link(graph, fact)
    return graph


def _skeleton(chains: Sequence[IndustryChain], counties: Sequence[County]) -> nx.MultiDiGraph:
    """Chains, segments and counties, with counties that only a chain names as missing."""
    given = {county.id for county in counties}
    graph = chain_graph(
        [replace(c, counties=tuple(i for i in c.counties if i in given)) for c in chains], counties
    )
    for chain in chains:
        for county in chain.counties:
            if county not in given:
                head = node(NodeKind.CHAIN, chain.id)
                join(graph, node(NodeKind.COUNTY, county), Relation.STRONG_IN, head)
    return graph


def _note_repeated(graph: nx.MultiDiGraph, records: Iterable[Record]) -> None:
    """The last record of an id counts; an organisation keeps the counties of all of them."""
    records = list(records)
    times = Counter(node_of(record) for record in records)
    for record in records:
        name = node_of(record)
        if times[name] > 1:
            graph.nodes[name]["given"] = times[name]
            if isinstance(record, Organization) and record.county is not None:
                join(graph, name, Relation.LOCATED_IN, node(NodeKind.COUNTY, record.county))
