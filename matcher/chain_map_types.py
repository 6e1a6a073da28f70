"""The chain map's values: what stands at each place of a chain, and what may be named."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from matcher.chain import Position
from matcher.chain_strength import UniversityStrength


class State(StrEnum):
    """How demand and supply meet at one place of a chain.

    A need is answered when it has a strong match, wherever in the city that comes from.
    """

    BOTTLENECK = "bottleneck"
    """Open needs, none of them answered."""
    SHORT = "short"
    """Some needs are answered, some are not."""
    SERVED = "served"
    """Every need is answered, or supply without needs here is wanted elsewhere."""
    IDLE = "idle"
    """Achievements that nobody asks for."""
    EMPTY = "empty"
    """Neither needs nor achievements."""


@dataclass(frozen=True, slots=True)
class Named:
    """A public posting; ``trl`` of an achievement only."""

    id: str
    title: str
    organization: str | None
    trl: int | None


@dataclass(frozen=True, slots=True)
class Postings:
    """Some needs or achievements: how many, and those that may be named, by id."""

    count: int
    named: tuple[Named, ...]

    @property
    def hidden(self) -> int:
        """How many are counted but not named."""
        return self.count - len(self.named)


@dataclass(frozen=True, slots=True)
class Balance:
    """Demand and supply at one place of a chain.

    Attributes:
        needs: The open needs.
        unanswered: Those without a strong match.
        achievements: The supply.
        idle: Supply that no open need asks for; always empty where open needs are.
        matches: Strong pairs of a need here and an achievement anywhere.
        demand: Sum of the needs' tag weights.
        supply: Sum of the achievements' tag weights.
        universities: Strongest first.
        counties: County id to its public open needs.
    """

    state: State
    needs: Postings
    unanswered: Postings
    achievements: Postings
    idle: Postings
    matches: int
    demand: float
    supply: float
    universities: tuple[UniversityStrength, ...]
    counties: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """One segment of a chain."""

    id: str
    name_zh: str
    name_en: str
    position: Position
    balance: Balance


@dataclass(frozen=True, slots=True)
class ChainEntry:
    """One chain.

    Attributes:
        counties: Ids of the counties that count it as their own.
        total: Everything of the chain, a posting of two segments once.
        unplaced: What belongs to the chain and to no segment of it.
    """

    id: str
    name_zh: str
    name_en: str
    counties: tuple[str, ...]
    total: Balance
    segments: tuple[SegmentEntry, ...]
    unplaced: Balance

    def having(self, *states: State) -> list[SegmentEntry]:
        """The segments in one of these states, in the chain's order."""
        return [segment for segment in self.segments if segment.balance.state in states]


@dataclass(frozen=True, slots=True)
class Review:
    """Postings tagged with a chain or segment that no longer exists: a person has to look.

    Where the chain is still there they count for it, among the unplaced.
    """

    chain: str
    segment: str | None
    needs: Postings
    achievements: Postings


@dataclass(frozen=True, slots=True)
class ChainMap:
    """The city's chains with their demand and supply.

    Attributes:
        level3_by: How strong matches were told, in words.
        today: The day for which it holds.
        outside_needs: Open needs of none of the chains.
        outside_achievements: Achievements of none of the chains.
    """

    chains: tuple[ChainEntry, ...]
    review: tuple[Review, ...]
    level3_by: str
    today: date
    outside_needs: int
    outside_achievements: int

    def as_json(self) -> dict[str, Any]:
        """Plain values in a fixed order; days as ``2026-05-31``."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self), default=str))
        return plain
