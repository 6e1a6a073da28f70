"""Industry chains: what they are made of, and the graph that joins their parts.

A directed multigraph. A node is named by kind and id, ``segment:nev.drive-motor``, and has
the attributes ``kind``, ``id``, ``name_zh`` and ``name_en``; a segment also ``position``.
An edge's key is its relation; its ``weight`` lies in (0, 1], here 1.0: facts, not guesses.

=========  =================  ==================================================
relation   from → to          meaning
=========  =================  ==================================================
member_of  segment → chain    the segment is a part of the chain
feeds      segment → segment  what leaves the first goes into the second
strong_in  county → chain     reports count the chain among the county's own
=========  =================  ==================================================
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise, product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx


class Position(StrEnum):
    """Where a segment stands in its chain, in the order in which goods flow."""

    UPSTREAM = "upstream"
    MIDSTREAM = "midstream"
    DOWNSTREAM = "downstream"


class Basis(StrEnum):
    """Whether a public report names a fact, or it was filled in from general knowledge."""

    SOURCED = "sourced"
    UNSOURCED = "unsourced"


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """A county-level area; ``adcode`` (GB/T 2260, six digits) is None for a zone without one."""

    id: str
    name_zh: str
    name_en: str
    adcode: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A link of one chain, with an id such as ``nev.drive-motor``.

    ``basis`` says whether a report names the segment; its keywords are never sourced.
    ``note`` holds a remark that is not part of the name, such as ``招引方向``; ``terms`` are
    further words that speak for the segment wherever a text uses them.
    """

    id: str
    chain: str
    position: Position
    name_zh: str
    name_en: str
    keywords: tuple[str, ...] = ()
    basis: Basis = Basis.UNSOURCED
    note: str = ""
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IndustryChain:
    """A chain in which a city organises its industry; ``counties`` are county ids.

    ``terms`` are further words that speak for the chain. ``codes`` are the beginnings of IPC
    and GB/T 4754-2017 codes that lie in it (``H01M``, ``36``).
    """

    id: str
    name_zh: str
    name_en: str
    aliases: tuple[str, ...] = ()
    segments: tuple[Segment, ...] = ()
    keywords: tuple[str, ...] = ()
    counties: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideField:
    """A field that no chain of the city covers; its ``terms`` speak for "none".

    ``weight`` in (0, 1] is small for a field of methods (software, measuring), which serve
    every industry, and 1 for an industry of its own.
    """

    id: str
    name_zh: str
    name_en: str
    terms: tuple[str, ...] = ()
    weight: float = 1.0


def chain_graph(chains: Iterable[IndustryChain], counties: Iterable[County]) -> "nx.MultiDiGraph":
    """Chains, segments and counties as one graph; the module's docstring has the schema.

    Which segment supplies which is not public, so each feeds every segment of the next
    position that its chain has.

    Raises:
        ValueError: a chain names a county that is not given.
    """
    # every command needs the chains, few the graph
    import networkx as nx

    graph = nx.MultiDiGraph()
    for county in counties:
        _add_node(graph, "county", county)
    for chain in chains:
        _add_node(graph, "chain", chain)
        for county_id in chain.counties:
            if f"county:{county_id}" not in graph:
                raise ValueError(f"chain {chain.id!r} names county {county_id!r}; give it too")
            _join(graph, f"county:{county_id}", "strong_in", f"chain:{chain.id}")
        for segment in chain.segments:
            _add_node(graph, "segment", segment, position=segment.position.value)
            _join(graph, f"segment:{segment.id}", "member_of", f"chain:{chain.id}")
        for supplier, user in _supplies(chain.segments):
            _join(graph, f"segment:{supplier.id}", "feeds", f"segment:{user.id}")
    return graph


def feeds(graph: "nx.MultiDiGraph", a: str, b: str) -> bool:
    """Whether the segment with id ``a`` directly supplies the one with id ``b``."""
    return bool(graph.has_edge(f"segment:{a}", f"segment:{b}", key="feeds"))


def neighbours(graph: "nx.MultiDiGraph", node: str, *, relation: str) -> list[str]:
    """Nodes joined to ``node`` by the relation, either way round, sorted; none if unknown."""
    after = {b for _, b, key in graph.out_edges([node], keys=True) if key == relation}
    before = {a for a, _, key in graph.in_edges([node], keys=True) if key == relation}
    return sorted(after | before)


def _supplies(segments: Sequence[Segment]) -> Iterable[tuple[Segment, Segment]]:
    levels = [[s for s in segments if s.position is position] for position in Position]
    for suppliers, users in pairwise(filter(None, levels)):
        yield from product(suppliers, users)


def _add_node(
    graph: "nx.MultiDiGraph", kind: str, item: County | IndustryChain | Segment, **more: str
) -> None:
    names = {"id": item.id, "name_zh": item.name_zh, "name_en": item.name_en}
    graph.add_node(f"{kind}:{item.id}", kind=kind, **names, **more)


def _join(graph: "nx.MultiDiGraph", a: str, relation: str, b: str) -> None:
    graph.add_edge(a, b, key=relation, weight=1.0)
