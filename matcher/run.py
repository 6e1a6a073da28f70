"""A run: the scores that one system gave, per query and document."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Scores = Mapping[str, float]
"""Document id to score; higher is better, comparable only within one query of one run."""


def ranking(scores: Scores) -> list[str]:
    """Document ids, best first; ties break by id, so that reruns agree."""
    return sorted(scores, key=lambda document_id: (-scores[document_id], document_id))


def top(scores: Scores, *, k: int) -> dict[str, float]:
    """The ``k`` best documents with their scores, best first."""
    return {document_id: scores[document_id] for document_id in ranking(scores)[:k]}


@dataclass(frozen=True, slots=True)
class Run:
    """What one system answered to many queries.

    Attributes:
        system: Name of the system, as it stands in reports.
        scores: Query id to the scores of its documents.
    """

    system: str
    scores: Mapping[str, Scores] = field(default_factory=dict)

    def ranking(self, query_id: str) -> list[str]:
        """Document ids for one query, best first; none for an unknown query."""
        return ranking(self.scores.get(query_id, {}))
