"""Reading a city graph: where items stand on the chains, what lies beside, what it is called."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from matcher.graph.schema import NodeKind, Relation, kind_of

if TYPE_CHECKING:
    import networkx as nx

Language = Literal["zh", "en"]


def places(graph: "nx.MultiDiGraph", name: str) -> dict[str, float]:
    """The segments and chains that an item belongs to.

    Args:
        graph: A city graph.
        name: Node of a need, an achievement or an organisation.

    Returns:
        Node to weight in (0, 1]. A chain has the heaviest of its own edge and those to its
        segments. Empty for an item of no chain and for an unknown one; chains that no
        longer exist are left out.
    """
    return widened(graph, _memberships(graph, name))


def places_of_all(graph: "nx.MultiDiGraph") -> dict[str, dict[str, float]]:
    """``places`` of every node that belongs anywhere, in one pass over the edges.

    Node by node it would take the better part of a second for 20,000 achievements.
    """
    joined: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for tail, head, relation, weight in graph.edges(keys=True, data="weight"):
        if relation == Relation.MEMBER_OF:
            joined[tail].append((head, weight))
    return {
        name: _widened(graph, memberships, beyond=lambda place: joined.get(place, ()))
        for name, memberships in joined.items()
    }


def widened(graph: "nx.MultiDiGraph", memberships: Iterable[tuple[str, float]]) -> dict[str, float]:
    """The same from (segment or chain, weight) alone, such as a text's tags give."""
    return _widened(graph, memberships, beyond=lambda place: _memberships(graph, place))


def _widened(
    graph: "nx.MultiDiGraph",
    memberships: Iterable[tuple[str, float]],
    *,
    beyond: Callable[[str], Iterable[tuple[str, float]]],
) -> dict[str, float]:
    found: dict[str, float] = {}
    nodes = graph.nodes
    for target, weight in memberships:
        if weight > 0 and not nodes[target].get("missing"):
            found[target] = max(weight, found.get(target, 0.0))
            for chain, _ in beyond(target):
                found[chain] = max(weight, found.get(chain, 0.0))
    return found


def segments(where: Mapping[str, float]) -> dict[str, float]:
    """Of the places those that are segments."""
    return {n: weight for n, weight in where.items() if kind_of(n) is NodeKind.SEGMENT}


def others(graph: "nx.MultiDiGraph", name: str, relation: Relation) -> list[str]:
    """Nodes joined to ``name`` by the relation, either way round, sorted; none if unknown."""
    after = {head for _, head, key in graph.out_edges([name], keys=True) if key == relation}
    before = {tail for tail, _, key in graph.in_edges([name], keys=True) if key == relation}
    return sorted((after | before) - {name})


def owner(graph: "nx.MultiDiGraph", name: str) -> str | None:
    """The organisation that posted a need or an achievement; None when nobody says."""
    for tail, _, key in graph.in_edges([name], keys=True):
        if key in (Relation.ASKS, Relation.SUPPLIES):
            return str(tail)
    return None


def title(graph: "nx.MultiDiGraph", name: str, language: Language) -> str:
    """What people call a node; its id where nothing better is known."""
    facts = graph.nodes[name]
    return str(facts.get(f"name_{language}") or facts.get("name") or facts["id"])


def _memberships(graph: "nx.MultiDiGraph", name: str) -> list[tuple[str, float]]:
    return [
        (head, weight)
        for _, head, key, weight in graph.out_edges([name], "weight", keys=True)
        if key == Relation.MEMBER_OF
    ]
