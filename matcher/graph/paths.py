"""Why the chains speak for a match: the strongest paths from need to achievement, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from matcher.graph.places import Language, others, owner, places, segments, title
from matcher.graph.schema import NodeKind, Relation, kind_of, node
from matcher.graph.supply import Supply, SupplyTable

if TYPE_CHECKING:
    import networkx as nx


class PathKind(StrEnum):
    """What joins the two."""

    SAME_SEGMENT = "same_segment"
    FEEDS_NEED = "feeds_need"
    FED_BY_NEED = "fed_by_need"
    SAME_CHAIN = "same_chain"
    STRENGTH = "strength"
    COOPERATION = "cooperation"
    SAME_COUNTY = "same_county"


@dataclass(frozen=True, slots=True)
class Name:
    """A node on a path, with what people call it."""

    node: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Path:
    """One reason of the graph.

    Attributes:
        names: What the path leads through. On two segments the need's comes first; for
            strength and cooperation the organisation, then the place.
        weight: How strong it is, in [0, 1]: the smaller of the two memberships' weights, or
            the organisation's strength; 1 for plain facts.
        counts: ``achievements``, ``recent`` and ``since``, or ``enterprises``.
    """

    kind: PathKind
    names: tuple[Name, ...]
    weight: float
    counts: Mapping[str, int] = field(default_factory=dict)


def paths(
    graph: "nx.MultiDiGraph", table: SupplyTable, need_id: str, achievement_id: str
) -> tuple[Path, ...]:
    """The paths of a match, at most one of each sort.

    Returns:
        First where the two meet on the chains (same segment, else neighbouring segments,
        else the same chain), then the organisation's strength there, its cooperation with
        enterprises of the chain, the county. Empty where nothing joins them.
    """
    need, achievement = node(NodeKind.NEED, need_id), node(NodeKind.ACHIEVEMENT, achievement_id)
    found: list[Path] = []
    meeting = _meeting(graph, places(graph, need), places(graph, achievement))
    organization = owner(graph, achievement)
    if meeting is not None:
        found.append(meeting)
    if organization is not None:
        # the need's own place: what its enterprise wants to know about
        place = meeting.names[0].node if meeting else None
        found += _of_organization(graph, table, organization, place)
        found += _same_county(graph, need, achievement, organization)
    else:
        found += _same_county(graph, need, achievement)
    return tuple(found)


def words(path: Path, language: Language) -> str:
    """The path in a clause of Chinese or English."""
    names = [name.zh if language == "zh" else name.en for name in path.names]
    since = path.counts.get("recent", 0) > 0
    template = _WORDS[path.kind][language] + (_RECENT[language] if since else "")
    return template.format(*names, weight=path.weight, **path.counts)


_WORDS: Mapping[PathKind, Mapping[Language, str]] = {
    PathKind.SAME_SEGMENT: {
        "zh": "同一环节 {0}（{weight:.2f}）",
        "en": "same segment {0} ({weight:.2f})",
    },
    PathKind.FEEDS_NEED: {
        "zh": "上游环节：{1} 供给 {0}（{weight:.2f}）",
        "en": "one link upstream: {1} feeds {0} ({weight:.2f})",
    },
    PathKind.FED_BY_NEED: {
        "zh": "下游环节：{0} 供给 {1}（{weight:.2f}）",
        "en": "one link downstream: {0} feeds {1} ({weight:.2f})",
    },
    PathKind.SAME_CHAIN: {
        "zh": "同一产业链 {0}（{weight:.2f}）",
        "en": "same chain {0} ({weight:.2f})",
    },
    PathKind.STRENGTH: {
        "zh": "{0}在“{1}”有 {achievements} 项成果",
        "en": "achievements of {0} on {1}: {achievements}",
    },
    PathKind.COOPERATION: {
        "zh": "{0}已与“{1}”链上 {enterprises} 家企业合作",
        "en": "enterprises of the chain {1} that {0} already works with: {enterprises}",
    },
    PathKind.SAME_COUNTY: {"zh": "同在{0}", "en": "both in {0}"},
}
_RECENT: Mapping[Language, str] = {
    "zh": "，其中 {recent} 项在 {since} 年及以后",
    "en": ", {recent} of them since {since}",
}


def _meeting(
    graph: "nx.MultiDiGraph", wanted: dict[str, float], offered: dict[str, float]
) -> Path | None:
    """Where need and achievement meet on the chains, at the closest; None if nowhere."""
    for candidates in (
        _same(graph, segments(wanted), offered, PathKind.SAME_SEGMENT),
        _neighbouring(graph, segments(wanted), offered),
        _same(graph, wanted, offered, PathKind.SAME_CHAIN),
    ):
        best = max(candidates, key=lambda p: (p.weight, [n.node for n in p.names]), default=None)
        if best is not None:
            return best
    return None


def _same(
    graph: "nx.MultiDiGraph", wanted: dict[str, float], offered: dict[str, float], kind: PathKind
) -> Iterator[Path]:
    for place, weight in wanted.items():
        if place in offered:
            yield Path(kind, (_name(graph, place),), min(weight, offered[place]))


def _neighbouring(
    graph: "nx.MultiDiGraph", wanted: dict[str, float], offered: dict[str, float]
) -> Iterator[Path]:
    for place, weight in wanted.items():
        for other in set(others(graph, place, Relation.FEEDS)) & offered.keys():
            upstream = graph.has_edge(other, place, key=Relation.FEEDS.value)
            kind = PathKind.FEEDS_NEED if upstream else PathKind.FED_BY_NEED
            names = (_name(graph, place), _name(graph, other))
            yield Path(kind, names, min(weight, offered[other]))


def _of_organization(
    graph: "nx.MultiDiGraph", table: SupplyTable, organization: str, place: str | None
) -> Iterator[Path]:
    if place is None:
        return
    chains = others(graph, place, Relation.MEMBER_OF) if kind_of(place) is NodeKind.SEGMENT else ()
    chain = next((c for c in chains if kind_of(c) is NodeKind.CHAIN), place)
    for where in dict.fromkeys((place, chain)):
        supply = table.of(organization, where)
        if supply is not None:
            names = (_name(graph, organization), _name(graph, where))
            yield Path(PathKind.STRENGTH, names, supply.strength, _counts(supply, table.since))
            break
    partners = [
        partner
        for partner in others(graph, organization, Relation.COOPERATES_WITH)
        if chain in places(graph, partner)
    ]
    if partners:
        names = (_name(graph, organization), _name(graph, chain))
        yield Path(PathKind.COOPERATION, names, 1.0, {"enterprises": len(partners)})


def _counts(supply: Supply, since: int) -> Mapping[str, int]:
    return {"achievements": supply.achievements, "recent": supply.recent, "since": since}


def _same_county(graph: "nx.MultiDiGraph", need: str, *suppliers: str) -> Iterator[Path]:
    asker = owner(graph, need)
    mine = _counties(graph, need, *([asker] if asker else []))
    for county in sorted(mine & _counties(graph, *suppliers))[:1]:
        yield Path(PathKind.SAME_COUNTY, (_name(graph, county),), 1.0)


def _counties(graph: "nx.MultiDiGraph", *names: str) -> set[str]:
    return {county for name in names for county in others(graph, name, Relation.LOCATED_IN)}


def _name(graph: "nx.MultiDiGraph", name: str) -> Name:
    return Name(name, title(graph, name, "zh"), title(graph, name, "en"))
