"""What the city graph is made of: kinds of nodes, relations, and the names of nodes.

A directed multigraph (``networkx.MultiDiGraph``). A node is named by kind and id
(``need:n-1``), so that ids of different kinds never collide. An edge's key is its relation;
every edge has a ``weight`` in [0, 1]. README.md beside this file has the tables.
"""

from dataclasses import dataclass
from enum import StrEnum

SCHEMA_VERSION = 1
"""Moves forward when a kind, a relation or an attribute changes its meaning."""


class NodeKind(StrEnum):
    """What a node stands for; the first part of its name."""

    CHAIN = "chain"
    SEGMENT = "segment"
    COUNTY = "county"
    ORGANIZATION = "organization"
    NEED = "need"
    ACHIEVEMENT = "achievement"
    EXPERT = "expert"


class Relation(StrEnum):
    """What an edge says of its two ends, read from tail to head."""

    MEMBER_OF = "member_of"
    FEEDS = "feeds"
    STRONG_IN = "strong_in"
    SUPPLIES = "supplies"
    ASKS = "asks"
    LOCATED_IN = "located_in"
    AUTHORED = "authored"
    COOPERATES_WITH = "cooperates_with"
    DECIDED = "decided"


class Origin(StrEnum):
    """Who says that an item belongs to a chain."""

    PERSON = "person"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooperation:
    """An enterprise and a university or institute that have worked together.

    Attributes:
        enterprise: Id of the organisation that asked.
        university: Id of the organisation that supplied.
        weight: How much it counts, in (0, 1].
        year: When it was last heard of.
    """

    enterprise: str
    university: str
    weight: float = 1.0
    year: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.weight <= 1:
            raise ValueError(f"a cooperation's weight lies in (0, 1]: {self}")


def node(kind: NodeKind, record_id: str) -> str:
    """The node of a record: ``need:n-1``."""
    return f"{kind.value}:{record_id}"


def kind_of(name: str) -> NodeKind:
    """The kind of a node, from its name."""
    return NodeKind(name.partition(":")[0])


def expert_node(owner: str, person: str) -> str:
    """The node of a person in a team.

    Namesakes of two organisations are two people. Where the organisation is unknown, each
    achievement has people of its own.

    Args:
        owner: Node of the organisation or, failing that, of the achievement.
        person: The name as written in the team.
    """
    # the first plain slash ends the owner, whatever ids contain
    escaped = owner.replace("%", "%25").replace("/", "%2F")
    return node(NodeKind.EXPERT, f"{escaped}/{person}")
