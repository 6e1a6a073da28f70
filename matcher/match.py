"""The answer: one query's matches, ranked and with reasons."""

from dataclasses import asdict, dataclass
from typing import Any

from matcher.config import MatchConfig
from matcher.explain import Phrase, Signal


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

    def share(self, signal_name: str) -> float:
        """The signal's part of everything that spoke for this match, in [0, 1]."""
        favourable = sum(max(s.contribution, 0.0) for s in self.signals)
        own = sum(max(s.contribution, 0.0) for s in self.signals if s.name == signal_name)
        return own / favourable if favourable else 0.0


@dataclass(frozen=True, slots=True)
class MatchList:
    """A query's matches, best first; an empty one is an answer, not an error."""

    query_id: str
    matches: tuple[Match, ...]
    config: MatchConfig

    def as_json(self) -> dict[str, Any]:
        """Plain values in a fixed order; the same input gives the same bytes."""
        return {
            "query_id": self.query_id,
            "config": asdict(self.config),
            "matches": [self._match_as_json(match) for match in self.matches],
        }

    @staticmethod
    def _match_as_json(match: Match) -> dict[str, Any]:
        plain = asdict(match)
        for signal in plain["signals"]:
            signal["share"] = match.share(signal["name"])
        return plain
