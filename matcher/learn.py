"""Fits a ranker to judged pairs, staying near the ranking that was there before.

The cumulative logit is fitted as one logistic regression over every pair and cut
(scikit-learn), with a heavy penalty on the signals and next to none on the earlier
ranking, so a handful of judgements can rescale that ranking but hardly reorder it.
Every signal is defined so that more is better; one that would count against a candidate
only mirrors another, and is left out.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import LogisticRegression

from matcher.errors import TooLittleToLearn
from matcher.ranker import LEVEL_CUTS, Ranker
from matcher.signals import NAMES

FEWEST: Final = 10
"""Judged pairs below which nothing is learned."""

PENALTY: Final = 0.03
"""Inverse strength of the penalty on a signal of unit spread."""

FREE: Final = 10.0
"""How much larger the earlier ranking and the cuts are written, to escape the penalty."""

UNTRAINED: Final = Ranker({"fused": 0.0}, {"fused": 1.0}, (0.0, 0.0, 0.0))
"""Orders as the fused score does; its probabilities mean nothing."""


def fit_ranker(
    values: NDArray[np.float64],
    levels: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    base: Ranker | None = None,
) -> Ranker:
    """A ranker for judged pairs.

    Args:
        values: (n, n_signals) in the order of ``signals.SIGNALS``; NaN is unknown.
        levels: (n,) levels from 1 to 4; 2.5 is half a 2 and half a 3.
        weights: (n,) how much each pair counts; all alike when None.
        base: The ranking to stay near; the fused score when None.

    Raises:
        TooLittleToLearn: fewer than 10 pairs, or all of one level.
    """
    given = np.asarray(levels, dtype=np.float64)
    counts = np.ones(len(given)) if weights is None else np.asarray(weights, dtype=np.float64)
    if len(given) < FEWEST or np.ptp(given) == 0:
        raise TooLittleToLearn(len(given), len(np.unique(given)))
    start = base or UNTRAINED
    centre, spread = _scale(values, start)
    columns = np.nan_to_num((values - centre) / spread)
    earlier = start.contributions(values).sum(axis=1)
    slope, signals, cuts = _rising_logit(np.column_stack([earlier * FREE, columns]), given, counts)
    slopes = {
        name: float(slope * FREE * start.slopes.get(name, 0.0) + signals[i] / spread[i])
        for i, name in enumerate(NAMES)
    }
    known = {name: float(centre[i]) for i, name in enumerate(NAMES)}
    low, middle, high = np.maximum.accumulate(-cuts * FREE).tolist()
    return Ranker(known, slopes, (low, middle, high))


def _rising_logit(
    columns: NDArray[np.float64], levels: NDArray[np.float64], counts: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Slope of the earlier ranking, of each signal, and the cuts; no slope below 0."""
    used = columns.copy()
    while True:
        fitted = _logit(used, levels, counts)
        slopes, cuts = fitted[: columns.shape[1]], fitted[columns.shape[1] :]
        falling = slopes < 0
        if not falling.any():
            return float(slopes[0]), slopes[1:], cuts
        # the worst goes first: with it gone, the others may rise
        used[:, int(np.argmin(slopes))] = 0.0


def _scale(
    values: NDArray[np.float64], start: Ranker
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centre and spread of each signal; what the base uses keeps the base's centre."""
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, values, 0.0).sum(axis=0) / count
    deviation = np.sqrt(np.where(known, (values - mean) ** 2, 0.0).sum(axis=0) / count)
    centre = [
        start.centre[name] if start.slopes.get(name) else m
        for name, m in zip(NAMES, mean, strict=True)
    ]
    return np.array(centre), np.where(deviation > 1e-9, deviation, 1.0)


def _logit(
    columns: NDArray[np.float64], levels: NDArray[np.float64], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Coefficients of the columns, then of the three cuts."""
    rows, reached, weights = [], [], []
    for place, cut in enumerate(LEVEL_CUTS):
        marks = np.zeros((len(levels), len(LEVEL_CUTS)))
        marks[:, place] = FREE
        share = np.clip(levels - (cut - 1), 0.0, 1.0)
        for truth, part in ((True, share), (False, 1.0 - share)):
            rows.append(np.hstack([columns, marks])[part > 0])
            reached.append(np.full(int((part > 0).sum()), truth))
            weights.append((part * counts)[part > 0])
    model = LogisticRegression(C=PENALTY, fit_intercept=False, max_iter=2000)
    model.fit(np.vstack(rows), np.concatenate(reached), sample_weight=np.concatenate(weights))
    return np.asarray(model.coef_[0], dtype=np.float64)
