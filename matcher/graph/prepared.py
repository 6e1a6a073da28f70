"""What matching reads off a whole city graph, so that it is read once and kept beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matcher.chain_strength import StrengthConfig
from matcher.graph.ranking import CityWalk, WalkConfig, WalkParts
from matcher.graph.schema import NodeKind
from matcher.graph.standing import Standing
from matcher.graph.supply import RECENT_YEARS, SupplyTable, latest_supply_table

if TYPE_CHECKING:
    import networkx as nx

RANKED = (NodeKind.ACHIEVEMENT, NodeKind.NEED)
_VERSION = 2
"""Changes when the same graph and settings give other parts."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Parts of one graph; of no other, and of none that has changed since.

    Attributes:
        walks: The kind that is ranked to what its walk is made from.
        table: Who offers what where, as of the day of the newest posting.
        standing: Where every posting stands.
    """

    walks: Mapping[NodeKind, WalkParts]
    table: SupplyTable
    standing: Standing


def prepare(graph: "nx.MultiDiGraph") -> Prepared:
    """The parts of a graph, by default settings."""
    walks = {towards: CityWalk(graph, towards=towards).parts for towards in RANKED}
    return Prepared(walks, latest_supply_table(graph), Standing.of(graph))


def method() -> str:
    """Names how parts are made; those made by another method are no longer good."""
    return repr((_VERSION, WalkConfig(), StrengthConfig(), RECENT_YEARS))
