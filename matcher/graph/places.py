"""Reading a city graph: where items stand on the chains, what lies beside, what it is called."""

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
    found: dict[str, float] = {}
    for target, weight in _memberships(graph, name):
        if weight > 0 and not graph.nodes[target].get("missing"):
            found[target] = max(weight, found.get(target, 0.0))
            for chain, _ in _memberships(graph, target):
                found[chain] = max(weight, found.get(chain, 0.0))
    return found


def segments(where: dict[str, float]) -> dict[str, float]:
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
