"""A grader's level probabilities held against the levels that staff gave."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.bootstrap import SEED
from evaluation.calibration import BINS, Floats, Reliability, reliability
from evaluation.dataset import Dataset
from evaluation.figures import decimals, number
from evaluation.grader import CUTS, LEVELS, Grader, grades_of, judgements_of
from evaluation.groups import whole_groups


@dataclass(frozen=True, slots=True)
class LevelShare:
    """How often a level was expected and how often it was given, both in [0, 1]."""

    level: int
    predicted: float
    observed: float


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """How far a grader's probabilities can be trusted.

    Attributes:
        system: The grader's name.
        cuts: Cut (2, 3, 4) to the reliability of P(level ≥ cut).
        levels: One per level, ascending; none when nothing was judged.
    """

    system: str
    cuts: Mapping[int, Reliability]
    levels: tuple[LevelShare, ...]

    def as_json(self) -> dict[str, object]:
        """Plain values; null where nothing was measured."""
        return {
            "system": self.system,
            "cuts": {str(cut): _as_json(measured) for cut, measured in self.cuts.items()},
            "levels": [
                {
                    "level": share.level,
                    "predicted": number(share.predicted),
                    "observed": number(share.observed),
                }
                for share in self.levels
            ],
        }

    def columns(self) -> tuple[str, ...]:
        """Headings of ``rows``."""
        return ("概率 / probability", "ECE [95 %]", "仅因抽样 / by chance", "n")

    def rows(self) -> list[tuple[str, ...]]:
        """One row of words per cut."""
        return [
            (
                f"P(level ≥ {cut})",
                f"{decimals(measured.error)} [{decimals(measured.low)}, {decimals(measured.high)}]",
                decimals(measured.by_chance),
                str(measured.n),
            )
            for cut, measured in self.cuts.items()
        ]


def calibration(
    grader: Grader, dataset: Dataset, *, bins: int = BINS, seed: int = SEED
) -> CalibrationReport:
    """Level probabilities of every judged pair against its level.

    Give it an ``OutOfFold`` unless the grader never learnt from this data set. Intervals
    draw whole groups of near-copies, each with all its judged documents.

    Raises:
        UnusableGrades: the grader's answers are no probabilities.
        UnknownLevel: the data set's scores are not 0 to 3.
    """
    queries = {query.id: query for query in dataset.queries}
    judged = judgements_of(dataset.qrels)
    levels = np.array([judgement.level for judgement in judged], dtype=np.intp)
    grades = np.concatenate(
        [
            np.empty((0, len(CUTS))),
            *(grades_of(grader, queries[q], list(pool)) for q, pool in dataset.qrels.items()),
        ]
    )
    group_of = {
        query_id: group[0]
        for group in whole_groups(dataset.qrels, dataset.groups)
        for query_id in group
    }
    labels = [group_of[judgement.query_id] for judgement in judged]
    return CalibrationReport(
        system=grader.name,
        cuts={
            cut: reliability(grades[:, column], levels >= cut, labels, bins=bins, seed=seed)
            for column, cut in enumerate(CUTS)
        },
        levels=_shares(grades, levels) if judged else (),
    )


def _shares(grades: Floats, levels: NDArray[np.intp]) -> tuple[LevelShare, ...]:
    reached = np.hstack([np.ones((len(grades), 1)), grades, np.zeros((len(grades), 1))])
    each = (reached[:, :-1] - reached[:, 1:]).mean(axis=0)
    return tuple(
        LevelShare(level, float(each[column]), float(np.mean(levels == level)))
        for column, level in enumerate(LEVELS)
    )


def _as_json(measured: Reliability) -> dict[str, object]:
    return {
        "error": number(measured.error),
        "low": number(measured.low),
        "high": number(measured.high),
        "by_chance": number(measured.by_chance),
        "n": measured.n,
        "bins": [
            {
                "low": number(one.low),
                "high": number(one.high),
                "predicted": number(one.predicted),
                "observed": number(one.observed),
                "n": one.n,
            }
            for one in measured.bins
        ],
    }
