"""The competition's question: on which of the four levels is a pair?

Pairs of one file teach, pairs of another are predicted; the score is 1 / (1 + mean absolute
error). The prediction is the median of a grader's level distribution, which is what
minimises the expected absolute error.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.bootstrap import Estimate, estimate
from evaluation.cross_validation import FoldProgress
from evaluation.dataset import Dataset
from evaluation.errors import UnknownIds, UnusableFolds
from evaluation.figures import decimals
from evaluation.folds import FOLDS
from evaluation.grader import Fit, Grader, grades_of
from evaluation.level_files import LevelPair


@dataclass(frozen=True, slots=True)
class LevelsReport:
    """How close predicted levels come.

    Attributes:
        predictions: Pair id to predicted level, 1 to 4.
        absolute_error: Its mean with an interval; all pairs of a need, and of its
            near-copies, are drawn together.
        hits: Share predicted exactly, drawn alike.
        trained_on: Judgements behind the prediction; of the largest fold, when folded.
        left_out: Training pairs not learnt from: they are to be predicted themselves, or
            the data set does not hold them.
        judged_before: Predicted pairs that training knows from another judgement.
    """

    predictions: Mapping[str, int]
    absolute_error: Estimate
    hits: Estimate
    trained_on: int
    left_out: int
    judged_before: int

    @property
    def score(self) -> float:
        """1 / (1 + mae), in (0.25, 1]."""
        return 1 / (1 + self.absolute_error.mean)

    def as_json(self) -> dict[str, float]:
        """The published shape."""
        return {
            "score": round(self.score, 6),
            "mae": round(self.absolute_error.mean, 6),
            "accuracy": round(self.hits.mean, 6),
        }

    def columns(self) -> tuple[str, ...]:
        """Headings of ``rows``."""
        return ("指标 / figure", "值 / value", "95 %")

    def rows(self) -> list[tuple[str, ...]]:
        """One row of words per figure."""
        mae, hits = self.absolute_error, self.hits
        spans = (
            ("1 / (1 + MAE)", self.score, 1 / (1 + mae.high), 1 / (1 + mae.low)),
            ("MAE", mae.mean, mae.low, mae.high),
            ("准确率 / accuracy", hits.mean, hits.low, hits.high),
        )
        return [
            (name, decimals(value), f"[{decimals(low)}, {decimals(high)}]")
            for name, value, low, high in spans
        ]


def evaluate_levels(
    fit: Fit,
    dataset: Dataset,
    train: Sequence[LevelPair],
    test: Sequence[LevelPair],
    *,
    test_path: Path,
) -> LevelsReport:
    """Learns from some pairs, predicts others.

    A row that both files hold is predicted, not learnt from. A pair that was judged twice
    may stand in both under two ids, as in the competition: that is counted, not removed.
    Training pairs that the data set does not hold are left out; a prediction is owed for
    every test pair, so there they are refused.

    Args:
        fit: Makes a grader from judgements; repeated ones are handed to it one by one.
        dataset: Holds the texts; its own judgements are not read.
        train: Pairs to learn from.
        test: Pairs to predict, at least one.
        test_path: Where ``test`` was read, for messages.

    Raises:
        UnknownIds: test pairs name needs or achievements that the data set lacks.
        UnusableGrades: the grader's answers are no probabilities.
    """
    query_ids, document_ids = _refuse_unknown(dataset, test, test_path)
    asked = {_key(pair) for pair in test}
    usable = [
        pair
        for pair in train
        if _key(pair) not in asked
        and pair.judged.query_id in query_ids
        and pair.judged.document_id in document_ids
    ]
    predictions = predict_levels(fit([pair.judged for pair in usable]), dataset, test)
    return _report(
        dataset,
        test,
        predictions,
        trained_on=len(usable),
        left_out=len(train) - len(usable),
        judged_before=_judged_before(usable, test),
    )


def cross_validate_levels(
    fit: Fit,
    dataset: Dataset,
    pairs: Sequence[LevelPair],
    *,
    path: Path,
    folds: int = FOLDS,
    seed: int = 0,
    progress: FoldProgress = lambda done, total: None,
) -> LevelsReport:
    """The competition's protocol on one file: pairs are parted at random, not by need.

    So a need's other pairs are known in training, as they were to the competitors, and the
    figure compares with theirs; it does not say how a new need fares.

    Args:
        fit: Makes a grader from judgements.
        dataset: Holds the texts.
        pairs: All pairs; their order does not matter.
        path: Where they were read, for messages.
        folds: How many parts.
        seed: Of the parts.
        progress: Told after each fit.

    Raises:
        UnusableFolds: there are fewer pairs than folds.
        UnknownIds: pairs name needs or achievements that the data set lacks.
    """
    if not 2 <= folds <= len(pairs):
        raise UnusableFolds(folds, len(pairs), zh="个标注对", en="judged pairs")
    # before the first fit, not in the fold that happens to hold them
    _refuse_unknown(dataset, pairs, path)
    ordered = sorted(pairs, key=lambda pair: pair.id)
    shuffled = np.random.default_rng(seed).permutation(len(ordered))
    reports = []
    for done, rows in enumerate(np.array_split(shuffled, folds), start=1):
        held_out = set(rows.tolist())
        test = [pair for row, pair in enumerate(ordered) if row in held_out]
        train = [pair for row, pair in enumerate(ordered) if row not in held_out]
        reports.append(evaluate_levels(fit, dataset, train, test, test_path=path))
        progress(done, folds)
    predictions = {id_: level for one in reports for id_, level in one.predictions.items()}
    return _report(
        dataset,
        ordered,
        predictions,
        trained_on=max(one.trained_on for one in reports),
        left_out=0,
        judged_before=sum(one.judged_before for one in reports),
    )


def predict_levels(grader: Grader, dataset: Dataset, pairs: Iterable[LevelPair]) -> dict[str, int]:
    """Pair id to the median of the grader's level distribution, from 1 to 4.

    The median is one more than the number of cuts that are reached with probability 0.5
    or more.
    """
    queries = {query.id: query for query in dataset.queries}
    by_need: dict[str, list[LevelPair]] = {}
    for pair in pairs:
        by_need.setdefault(pair.judged.query_id, []).append(pair)
    predictions = {}
    for need_id, some in by_need.items():
        # a pair judged twice is graded once: a grader need not take repeated ids
        ids = list(dict.fromkeys(pair.judged.document_id for pair in some))
        levels = 1 + (grades_of(grader, queries[need_id], ids) >= 0.5).sum(axis=1)
        level_of = dict(zip(ids, levels.tolist(), strict=True))
        predictions.update({pair.id: level_of[pair.judged.document_id] for pair in some})
    return predictions


def _refuse_unknown(
    dataset: Dataset, pairs: Sequence[LevelPair], path: Path
) -> tuple[set[str], set[str]]:
    query_ids = {query.id for query in dataset.queries}
    document_ids = {document.id for document in dataset.documents}
    if unknown := {pair.judged.query_id for pair in pairs} - query_ids:
        raise UnknownIds(path, "query", unknown)
    if unknown := {pair.judged.document_id for pair in pairs} - document_ids:
        raise UnknownIds(path, "document", unknown)
    return query_ids, document_ids


def _report(
    dataset: Dataset,
    test: Sequence[LevelPair],
    predictions: Mapping[str, int],
    *,
    trained_on: int,
    left_out: int,
    judged_before: int,
) -> LevelsReport:
    errors = {pair.id: abs(predictions[pair.id] - pair.judged.level) for pair in test}
    need_of = {pair.id: pair.judged.query_id for pair in test}
    groups = {
        id_: f"group {dataset.groups[need]}" if need in dataset.groups else f"need {need}"
        for id_, need in need_of.items()
    }
    return LevelsReport(
        predictions=predictions,
        absolute_error=estimate({id_: float(error) for id_, error in errors.items()}, groups),
        hits=estimate({id_: float(error == 0) for id_, error in errors.items()}, groups),
        trained_on=trained_on,
        left_out=left_out,
        judged_before=judged_before,
    )


def _key(pair: LevelPair) -> tuple[str, str, str]:
    return pair.id, pair.judged.query_id, pair.judged.document_id


def _judged_before(train: Sequence[LevelPair], test: Sequence[LevelPair]) -> int:
    known = {(pair.judged.query_id, pair.judged.document_id) for pair in train}
    return sum((pair.judged.query_id, pair.judged.document_id) in known for pair in test)
