"""Who can do what: every supplier's achievements at every segment and chain, in one table."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from matcher.chain_strength import StrengthConfig, university_strengths
from matcher.graph.places import places_of_all
from matcher.graph.schema import NodeKind, Relation
from matcher.types import Achievement, Organization, OrganizationKind, Visibility

if TYPE_CHECKING:
    import networkx as nx

RECENT_YEARS = 3
"""This year and the ones before it that count as recent."""

_NONE: Mapping[str, "Supply"] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Supply:
    """What one university or institute offers at one segment or chain.

    Attributes:
        achievements: How many public ones.
        recent: Those of them of ``SupplyTable.since`` or later.
        strength: How much, how mature and how recent they are together
            (``chain_strength.university_strengths``), in [0, 1]: 1 is the strongest there.
    """

    achievements: int
    recent: int
    strength: float


@dataclass(frozen=True, slots=True)
class SupplyTable:
    """The supply at every place.

    Attributes:
        since: First year that counts as recent.
        by_place: Node of a segment or chain to node of a supplier to its supply.
    """

    since: int
    by_place: Mapping[str, Mapping[str, Supply]]

    def at(self, place: str) -> Mapping[str, Supply]:
        """Every supplier's supply at a place, strongest first; empty where nobody offers."""
        return self.by_place.get(place, _NONE)

    def of(self, organization: str, place: str) -> Supply | None:
        """What an organisation offers at a place; None for nothing."""
        return self.at(place).get(organization)


def supply_table(
    graph: "nx.MultiDiGraph", *, today: date, config: StrengthConfig | None = None
) -> SupplyTable:
    """The table of a city graph as it is now.

    Args:
        graph: A city graph; only public achievements of universities and institutes count.
        today: The day from which ages are counted.
        config: How an achievement is weighed; defaults when None.
    """
    since = today.year - RECENT_YEARS + 1
    organizations = {o.id: o for o in _organizations(graph)}
    offered: dict[str, list[Achievement]] = defaultdict(list)
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    for achievement, where in _achievements(graph):
        for place, weight in where.items():
            offered[place].append(achievement)
            weights[place][achievement.id] = weight
    by_place: dict[str, Mapping[str, Supply]] = {}
    for place in sorted(offered):
        found = university_strengths(
            offered[place], weights[place], organizations, today=today, config=config
        )
        recent = _recent(offered[place], since)
        most = max((u.strength for u in found), default=0.0)
        by_place[place] = {
            u.organization: Supply(
                u.achievements, recent[u.organization], u.strength / most if most else 0.0
            )
            for u in found
        }
    return SupplyTable(since, by_place)


def latest_supply_table(graph: "nx.MultiDiGraph") -> SupplyTable:
    """The table as of the day of the newest posting, so that it follows from the graph alone."""
    # ages are compared with each other, so the newest posting may stand for today
    days = [facts["day"] for _, facts in graph.nodes(data=True) if "day" in facts]
    today = date.fromisoformat(max(days)) if days else date(1970, 1, 1)
    return supply_table(graph, today=today)


def _recent(achievements: list[Achievement], since: int) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for achievement in achievements:
        told = achievement.updated_at
        public = achievement.visibility is Visibility.PUBLIC
        if public and achievement.organization and told and told.year >= since:
            counts[achievement.organization] += 1
    return counts


def _organizations(graph: "nx.MultiDiGraph") -> Iterator[Organization]:
    """The organisations, under their nodes as ids."""
    for name, facts in graph.nodes(data=True):
        if facts["kind"] == NodeKind.ORGANIZATION and not facts.get("missing"):
            kind = OrganizationKind(facts["organization_kind"])
            yield Organization(id=name, name=facts["name"], kind=kind)


def _achievements(graph: "nx.MultiDiGraph") -> Iterator[tuple[Achievement, dict[str, float]]]:
    """What strength is told from, under nodes as ids, and where each stands."""
    standing = places_of_all(graph)
    owners = {
        head: tail
        for tail, head, relation in graph.edges(keys=True)
        if relation == Relation.SUPPLIES
    }
    for name, facts in graph.nodes(data=True):
        if facts["kind"] == NodeKind.ACHIEVEMENT and not facts.get("missing"):
            where = standing.get(name)
            if where:
                day = facts.get("day")
                yield (
                    Achievement(
                        id=name,
                        title="",
                        organization=owners.get(name),
                        visibility=Visibility(facts["visibility"]),
                        trl=facts.get("trl"),
                        updated_at=datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None,
                    ),
                    where,
                )
