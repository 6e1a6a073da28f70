"""What each further judged need brings: ranking quality by the size of the training set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from evaluation.bootstrap import Estimate, estimate, paired_difference
from evaluation.compare import pool_ndcg
from evaluation.cross_validation import FoldProgress, without
from evaluation.dataset import Dataset
from evaluation.figures import as_json, decimals, in_words, number, signed
from evaluation.folds import FOLDS, grouped_folds
from evaluation.grader import Fit, judgements_of
from evaluation.systems import System

SIZES = (0, 5, 10, 25, 50, 100)
DRAWS = 5


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What a ranker reaches after so many judged needs.

    Attributes:
        size: Judged needs in training.
        ndcg: nDCG@10 on held-out needs, averaged over the draws.
        gain: The same less that of the ranking compared with, paired by need.
        worst_draw: Smallest mean gain of any draw: an unlucky first few needs.
        best_draw: Largest mean gain of any draw.
    """

    size: int
    ndcg: Estimate
    gain: Estimate
    worst_draw: float
    best_draw: float


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """Points by ascending size, first what is reached without any judged need.

    Attributes:
        skipped: Sizes asked for that the training folds are too small for.
    """

    points: tuple[CurvePoint, ...]
    skipped: tuple[int, ...]
    draws: int
    folds: int

    def as_json(self) -> dict[str, object]:
        """Plain values; null where nothing was measured."""
        return {
            "draws": self.draws,
            "folds": self.folds,
            "skipped": list(self.skipped),
            "points": [
                {
                    "size": point.size,
                    "ndcg@10": as_json(point.ndcg),
                    "gain": as_json(point.gain),
                    "worst_draw": number(point.worst_draw),
                    "best_draw": number(point.best_draw),
                }
                for point in self.points
            ],
        }

    def columns(self) -> tuple[str, ...]:
        """Headings of ``rows``."""
        return ("训练需求数 / needs", "ndcg@10", "增益 / gain", "各次抽取 / draws")

    def rows(self) -> list[tuple[str, ...]]:
        """One row of words per size."""
        return [
            (
                str(point.size),
                in_words(point.ndcg),
                signed(point.gain),
                f"{decimals(point.worst_draw)} … {decimals(point.best_draw)}",
            )
            for point in self.points
        ]


def learning_curve(
    fit: Fit,
    dataset: Dataset,
    *,
    untrained: System | None = None,
    sizes: Sequence[int] = SIZES,
    folds: int = FOLDS,
    draws: int = DRAWS,
    seed: int = 0,
    progress: FoldProgress = lambda done, total: None,
) -> LearningCurve:
    """nDCG@10 on held-out needs after training on some of the others.

    Every draw parts the needs anew into grouped folds and shuffles each training part once;
    a size takes its first so many needs, so the 5 are among the 10 and the curve shows
    what more judgements add rather than which were drawn. A need's values are averaged over
    the draws before intervals are taken over needs, near-copies together.

    Args:
        fit: Makes a grader from judgements.
        dataset: Its judged queries are drawn from.
        untrained: What gains are over; when None, the grader made without judgements. A
            pipeline that learns from its corpus alone is ahead of it before any judgement.
        sizes: Judged needs to train on; 0 is always added.
        folds: Parts of each draw.
        draws: How often needs are drawn.
        seed: Of all draws.
        progress: Told after each fit that was measured.

    Raises:
        UnusableFolds: there are fewer groups of judged queries than folds.
        ValueError: a size is negative, or ``draws`` is below 1.
    """
    if draws < 1 or min(sizes, default=0) < 0:
        raise ValueError("draws must be at least 1 and sizes at least 0")
    splits = [
        grouped_folds(dataset.qrels, dataset.groups, n=folds, seed=seed + draw)
        for draw in range(draws)
    ]
    room = len(dataset.qrels) - max(len(part) for parts in splits for part in parts)
    wanted = sorted({*sizes} - {0})
    usable = [size for size in wanted if size <= room]
    total = 1 + draws * folds * len(usable)
    unjudged = pool_ndcg(fit(()), dataset)
    base = unjudged if untrained is None else pool_ndcg(untrained, dataset)
    done = 1
    progress(done, total)

    measured: dict[int, list[Mapping[str, float]]] = {0: [unjudged] * draws}
    for draw, parts in enumerate(splits):
        reached: dict[int, dict[str, float]] = {size: {} for size in usable}
        for number_of_fold, held_out in enumerate(parts):
            rest = without(dataset, held_out)
            order = _shuffled(rest, (seed, draw, number_of_fold))
            for size in usable:
                grader = fit(judgements_of({q: rest[q] for q in order[:size]}))
                reached[size].update(pool_ndcg(grader, dataset, held_out))
                done += 1
                progress(done, total)
        for size in usable:
            measured.setdefault(size, []).append(reached[size])
    return LearningCurve(
        points=tuple(_point(size, runs, base, dataset.groups) for size, runs in measured.items()),
        skipped=tuple(size for size in wanted if size > room),
        draws=draws,
        folds=folds,
    )


def _shuffled(qrels: Mapping[str, object], seeds: tuple[int, int, int]) -> list[str]:
    query_ids = sorted(qrels)
    return [query_ids[i] for i in np.random.default_rng(seeds).permutation(len(query_ids))]


def _point(
    size: int,
    runs: Sequence[Mapping[str, float]],
    base: Mapping[str, float],
    groups: Mapping[str, str],
) -> CurvePoint:
    averaged = {query_id: fmean(run[query_id] for run in runs) for query_id in base}
    gains = [fmean(run[q] - base[q] for q in base) for run in runs if base]
    return CurvePoint(
        size=size,
        ndcg=estimate(averaged, groups),
        gain=paired_difference(averaged, base, groups),
        worst_draw=min(gains, default=float("nan")),
        best_draw=max(gains, default=float("nan")),
    )
