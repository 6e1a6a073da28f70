"""What a trained ranker is to the evaluation: a system that can also grade, and how to fit one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from evaluation.dataset import Qrels
from evaluation.errors import UnknownLevel, UnusableGrades
from evaluation.systems import System
from matcher.errors import EmptyQuery
from matcher.types import Query

LEVELS = (1, 2, 3, 4)
"""Unrelated, weakly, fairly and strongly related; one more than a score of ``Qrels``."""

CUTS = LEVELS[1:]
"""The columns of ``grade``: the level is at least 2, at least 3, 4."""

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Judged:
    """One person's judgement of one document for one query.

    A pair judged three times is three of these: each is a draw from what staff think, and
    a mean such as 2.5 is a level that nobody gave.

    Attributes:
        level: 1 to 4.

    Raises:
        UnknownLevel: the level is none of the four.
    """

    query_id: str
    document_id: str
    level: int

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise UnknownLevel(self.query_id, self.document_id, self.level)


class Grader(System, Protocol):
    """A system that says how likely each level is."""

    def grade(self, query: Query, document_ids: Sequence[str]) -> NDArray[np.float64]:
        """(len(document_ids), 3) P(level ≥ 2), P(≥ 3), P(≥ 4), never rising along a row."""
        ...


class Fit(Protocol):
    """Makes a grader from judgements; from none it makes the untrained one."""

    def __call__(self, judgements: Sequence[Judged]) -> Grader: ...


def judgements_of(qrels: Qrels) -> tuple[Judged, ...]:
    """Merged judgements one by one, in the order of ``qrels``.

    Raises:
        UnknownLevel: a score above 3, which no level stands for.
    """
    return tuple(
        Judged(query_id, document_id, score + 1)
        for query_id, pool in qrels.items()
        for document_id, score in pool.items()
    )


def grades_of(grader: Grader, query: Query, document_ids: Sequence[str]) -> NDArray[np.float64]:
    """What a grader answers, checked before any figure is computed from it.

    For a query without words every document is unrelated for certain: there is nothing
    to relate it to, just as a system that retrieves nothing for it has found nothing.

    Returns:
        (len(document_ids), 3) float64 in [0, 1], never rising along a row.

    Raises:
        UnusableGrades: another shape, values outside [0, 1] or NaN, or rising rows.
    """
    shape = (len(document_ids), len(CUTS))
    try:
        grades = np.asarray(grader.grade(query, document_ids), dtype=np.float64)
    except EmptyQuery:
        return np.zeros(shape)
    if grades.shape != shape:
        raise UnusableGrades(
            grader.name,
            query.id,
            f"形状为 {grades.shape}，应为 {shape}",
            f"have shape {grades.shape}, not {shape}",
        )
    if not np.all((grades >= -_ROUNDING) & (grades <= 1 + _ROUNDING)):
        raise UnusableGrades(
            grader.name, query.id, "须在 0 与 1 之间且不为 NaN", "must lie in [0, 1], without NaN"
        )
    if np.any(np.diff(grades, axis=1) > _ROUNDING):
        raise UnusableGrades(
            grader.name,
            query.id,
            "不可随等级升高而变大",
            "must not rise from one level to the next",
        )
    return np.clip(grades, 0.0, 1.0)
