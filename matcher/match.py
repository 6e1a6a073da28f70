"""The answer: one query's matches, ranked and with reasons."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from matcher.config import MatchConfig
from matcher.explain import Phrase


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
        score: Fused score; comparable within this list only.
        signals: What each retriever said; their contributions add up to ``score``.
        phrases: Words of the query that the document shares, in the query's order.
    """

    rank: int
    document_id: str
    score: float
    signals: tuple[Signal, ...]
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class MatchList:
    """A query's matches, best first; an empty one is an answer, not an error."""

    query_id: str
    matches: tuple[Match, ...]
    config: MatchConfig

    def as_json(self) -> dict[str, Any]:
        """Plain values in a fixed order; the same input gives the same bytes."""
        fields = {
            "query_id": self.query_id,
            "config": asdict(self.config),
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
