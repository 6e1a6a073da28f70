"""The answer: one query's matches, ranked and with reasons."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from matcher.config import MatchConfig
from matcher.coverage import Answer
from matcher.explain import Phrase
from matcher.precedents import Cited
from matcher.requirements import Requirement
from matcher.supply import Supply


@dataclass(frozen=True, slots=True)
class Signal:
    """What one retriever said of a candidate.

    Attributes:
        value: The raw score, on the retriever's own scale.
        contribution: Its part of the fused score; contributions add up to the score.
        share: Its part of everything that spoke for the match, in [0, 1].
    """

    name: str
    value: float
    contribution: float
    share: float


@dataclass(frozen=True, slots=True)
class Match:
    """One document of a match list.

    Attributes:
        rank: 1 is best.
        score: What orders the list: with a ranker the expected gain in [0, 7], less for each
            better match of the same organisation (``diversity.varied``), else the fused
            score; comparable within this list only.
        fused: Sum of the retrievers' standardised scores.
        levels: P(level = 1), 2, 3 and 4, adding up to 1; None without a ranker.
        signals: What each retriever said; their contributions add up to ``fused``.
        phrases: Words of the query that the document shares, in the query's order.
        answers: One for each requirement of the list, in its order.
        precedent: The judged pair that is most like this one; None where none is near.
    """

    rank: int
    document_id: str
    score: float
    fused: float
    levels: tuple[float, float, float, float] | None
    signals: tuple[Signal, ...]
    phrases: tuple[Phrase, ...]
    answers: tuple[Answer, ...]
    precedent: Cited | None = None

    @property
    def fair(self) -> float | None:
        """P(level ≥ 3): how likely a transfer officer would call it fairly related."""
        return None if self.levels is None else self.levels[2] + self.levels[3]


@dataclass(frozen=True, slots=True)
class MatchList:
    """A query's matches, best first; an empty one is an answer, not an error.

    Attributes:
        requirements: What the query asks for, item by item.
        supply: Whether the list holds any good supply; None without a ranker.
    """

    query_id: str
    matches: tuple[Match, ...]
    config: MatchConfig
    requirements: tuple[Requirement, ...] = ()
    supply: Supply | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values in a fixed order; the same input gives the same bytes."""
        fields = {
            "query_id": self.query_id,
            "config": asdict(self.config),
            "supply": self.supply,
            "requirements": [asdict(requirement) for requirement in self.requirements],
            "matches": [asdict(match) for match in self.matches],
        }
        plain: dict[str, Any] = json.loads(json.dumps(fields))
        return plain


def signals(values: Mapping[str, float], contributions: Mapping[str, float]) -> tuple[Signal, ...]:
    """One signal per retriever, in the order given, with its share.

    Where the candidates are all alike no score stands out, and the raw values speak.
    """
    speaking = contributions if any(c > 0 for c in contributions.values()) else values
    favourable = sum(max(part, 0.0) for part in speaking.values())
    return tuple(
        Signal(
            name,
            values[name],
            contributions[name],
            max(speaking[name], 0.0) / favourable if favourable else 0.0,
        )
        for name in values
    )
