"""Who should meet: pairs that the graph brings close and that have not yet worked together."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from math import log1p
from typing import TYPE_CHECKING

import numpy as np

from matcher.graph.places import others, places, segments
from matcher.graph.ranking import CityWalk
from matcher.graph.schema import NodeKind, Relation, kind_of
from matcher.graph.supply import Supply, SupplyTable
from matcher.types import OrganizationKind

if TYPE_CHECKING:
    import networkx as nx

_BLOCK = 256
_REASONS = 3


@dataclass(frozen=True, slots=True)
class Meeting:
    """A place where one side asks and the other can do something.

    Attributes:
        place: Node of a segment or chain.
        needs: Open needs there: the chain's, or the enterprise's own; on a chain itself only
            those of no known segment.
        supply: What the university has there.
    """

    place: str
    needs: int
    supply: Supply


@dataclass(frozen=True, slots=True)
class Introduction:
    """A university that should get to know a chain or an enterprise.

    Attributes:
        university: Node of a university or institute.
        other: Node of the chain or the enterprise.
        score: Orders introductions of one sort; above 0.
        meetings: Why, the strongest reason first; at least one.
    """

    university: str
    other: str
    score: float
    meetings: tuple[Meeting, ...]


def chain_introductions(
    graph: "nx.MultiDiGraph", table: SupplyTable, *, k: int
) -> tuple[Introduction, ...]:
    """Universities for chains on which they have worked with nobody.

    A pair's score adds up, over the three places of the chain that speak most for it, the
    university's strength times the logarithm of one more than the open needs.

    Returns:
        At most ``k``, best first; ties by node.
    """
    needs = _needs_by_place(graph)
    known = _known(graph)
    found: list[Introduction] = []
    for chain in _of_kind(graph, NodeKind.CHAIN):
        members = others(graph, chain, Relation.MEMBER_OF)
        where = [chain, *(n for n in members if kind_of(n) is NodeKind.SEGMENT)]
        for university in table.at(chain):
            if university not in known.get(chain, ()):
                wanted = {place: needs[place] for place in where if needs[place]}
                meetings = _meetings(table, university, wanted)
                score = sum(m.supply.strength * log1p(m.needs) for m in meetings)
                if score > 0:
                    found.append(Introduction(university, chain, score, meetings))
    return _best(found, k)


def enterprise_introductions(
    graph: "nx.MultiDiGraph", table: SupplyTable, walk: CityWalk, *, k: int
) -> tuple[Introduction, ...]:
    """Universities for enterprises with which they have not worked.

    Scored by a random walk with restart from the enterprise and from where its needs stand
    (rooted PageRank, in which Liben-Nowell and Kleinberg, "The Link-Prediction Problem for
    Social Networks", 2007, found one of the best predictors).

    Args:
        graph: A city graph.
        table: Its supply.
        walk: A walk over it towards achievements.
        k: Most introductions.

    Returns:
        At most ``k``, best first; ties by node. Only pairs that share a place.
    """
    enterprises = [
        (name, places(graph, name), _places_of_needs(graph, name))
        for name in _of_kind(graph, NodeKind.ORGANIZATION)
        if graph.nodes[name].get("organization_kind") == OrganizationKind.ENTERPRISE
    ]
    universities = sorted({u for at in table.by_place.values() for u in at} & walk.column.keys())
    columns = np.array([walk.column[name] for name in universities], np.intp)
    wanted = {name: _wanted(own, needs) for name, own, needs in enterprises}
    pairs: list[tuple[float, str, str]] = []
    for first in range(0, len(enterprises), _BLOCK):
        block = enterprises[first : first + _BLOCK]
        scores = walk.from_nodes([{name: 1.0, **needs} for name, _, needs in block], columns)
        for (name, _, _), row in zip(block, scores.tolist(), strict=True):
            partners = {name, *others(graph, name, Relation.COOPERATES_WITH)}
            pairs += [
                (-score, university, name)
                for university, score in zip(universities, row, strict=True)
                if score > 0 and university not in partners
            ]
    # reasons are dear, and only the first pairs are told
    told = (
        Introduction(university, name, -negated, meetings)
        for negated, university, name in sorted(pairs)
        if (meetings := _meetings(table, university, wanted[name]))
    )
    return tuple(islice(told, k))


def _wanted(own: Mapping[str, float], needs: Mapping[str, int]) -> dict[str, int]:
    """Needs by place; segments where any is known, else chains."""
    wanted = {place: needs.get(place, 0) for place in [*own, *needs]}
    return {p: n for p, n in wanted.items() if kind_of(p) is NodeKind.SEGMENT} or wanted


def _meetings(
    table: SupplyTable, university: str, wanted: Mapping[str, int]
) -> tuple[Meeting, ...]:
    """Where the university can do something, its strength and the needs weighing most."""
    meetings = [
        Meeting(place, needs, supply)
        for place, needs in wanted.items()
        if (supply := table.of(university, place)) is not None
    ]
    meetings.sort(key=lambda m: (-m.supply.strength * log1p(m.needs), -m.supply.strength, m.place))
    return tuple(meetings[:_REASONS])


def _needs_by_place(graph: "nx.MultiDiGraph") -> Counter[str]:
    """Needs on each segment, and on each chain of those without a segment."""
    counts: Counter[str] = Counter()
    for need in _of_kind(graph, NodeKind.NEED):
        where = places(graph, need)
        counts.update(list(segments(where) or where))
    return counts


def _places_of_needs(graph: "nx.MultiDiGraph", enterprise: str) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for need in others(graph, enterprise, Relation.ASKS):
        where = places(graph, need)
        counts.update(list(segments(where) or where))
    return dict(counts)


def _known(graph: "nx.MultiDiGraph") -> dict[str, set[str]]:
    """Place to the organisations that have worked with an enterprise that stands or asks there."""
    known: dict[str, set[str]] = {}
    for enterprise, university, key in graph.edges(keys=True):
        if key == Relation.COOPERATES_WITH:
            for name in (enterprise, *others(graph, enterprise, Relation.ASKS)):
                for place in places(graph, name):
                    known.setdefault(place, set()).add(university)
    return known


def _of_kind(graph: "nx.MultiDiGraph", kind: NodeKind) -> list[str]:
    return sorted(
        name
        for name, facts in graph.nodes(data=True)
        if facts["kind"] == kind and not facts.get("missing")
    )


def _best(found: Iterable[Introduction], k: int) -> tuple[Introduction, ...]:
    return tuple(sorted(found, key=lambda i: (-i.score, i.university, i.other))[:k])
