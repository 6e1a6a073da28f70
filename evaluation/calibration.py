"""Whether probabilities mean what they say: reliability tables and calibration error.

Predictions are parted into bins of about equal count, and the mean prediction of a bin is
held against the share that came true. The expected calibration error is the mean distance
of the two, weighted by count.

Source: M. P. Naeini, G. F. Cooper and M. Hauskrecht, Obtaining Well Calibrated Probabilities
Using Bayesian Binning, AAAI 2015; C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, On
Calibration of Modern Neural Networks, ICML 2017.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.bootstrap import LEVEL, RESAMPLES, SEED

BINS = 10
_SIMULATIONS = 200

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions of about the same size, and what became of them.

    Attributes:
        low: Smallest prediction.
        high: Largest prediction.
        predicted: Mean prediction.
        observed: Share that came true.
        n: Predictions in the bin.
    """

    low: float
    high: float
    predicted: float
    observed: float
    n: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far one kind of prediction can be trusted; NaN without predictions.

    Attributes:
        bins: Ascending; fewer than asked for where ties left some empty.
        error: Expected calibration error, in [0, 1].
        low: Lower end of its 95 % interval.
        high: Upper end.
        by_chance: What the same predictions would show on average if they were perfectly
            calibrated: the error of a finite sample is never 0.
        n: Predictions in all.
    """

    bins: tuple[Bin, ...]
    error: float
    low: float
    high: float
    by_chance: float
    n: int


def reliability(
    predictions: Sequence[float] | Floats,
    outcomes: Sequence[bool] | NDArray[np.bool_],
    groups: Sequence[str] | None = None,
    *,
    bins: int = BINS,
    seed: int = SEED,
) -> Reliability:
    """Predictions against outcomes, bin by bin and in one figure.

    Equal predictions are never parted, since which of them fell into which bin would be an
    accident of their order; a block of ties goes to the bin in which its middle lies.

    The interval is the basic bootstrap over whole groups, 2·error − quantile, cut off at 0:
    resampling adds noise and so lifts the error, and the plain percentiles with it
    (A. C. Davison and D. V. Hinkley, Bootstrap Methods and their Application, 1997, 5.2).
    ``by_chance`` follows J. Bröcker and L. A. Smith, Increasing the Reliability of
    Reliability Diagrams, 2007.

    Args:
        predictions: (n,) probabilities in [0, 1].
        outcomes: (n,) whether each came true.
        groups: (n,) which predictions belong together, such as the query of each; every
            prediction for itself when None.
        bins: Most bins.
        seed: Of the interval and of ``by_chance``.

    Raises:
        ValueError: a prediction is NaN or outside [0, 1], lengths differ, or ``bins`` < 1.
    """
    p = np.asarray(predictions, dtype=np.float64)
    y = np.asarray(outcomes, dtype=np.float64)
    labels = np.arange(len(p)) if groups is None else np.asarray(groups)
    if not p.shape == y.shape == labels.shape or p.ndim != 1:
        raise ValueError(f"predictions {p.shape}, outcomes {y.shape}, groups {labels.shape} differ")
    if not np.all((p >= 0) & (p <= 1)):
        raise ValueError("predictions must lie in [0, 1], without NaN")
    if bins < 1:
        raise ValueError(f"bins must be at least 1, not {bins}")
    if not len(p):
        return Reliability((), math.nan, math.nan, math.nan, math.nan, 0)
    rng = np.random.default_rng(seed)
    error = _error(p, y, bins)
    low, high = _interval(p, y, labels, bins, error, rng)
    return Reliability(
        bins=_table(p, y, bins),
        error=error,
        low=low,
        high=high,
        by_chance=float(
            np.mean([_error(p, rng.random(len(p)) < p, bins) for _ in range(_SIMULATIONS)])
        ),
        n=len(p),
    )


def _bin_of(p: Floats, bins: int) -> NDArray[np.intp]:
    _, block, sizes = np.unique(p, return_inverse=True, return_counts=True)
    middles = np.cumsum(sizes) - sizes / 2
    return (middles * bins / len(p)).astype(np.intp)[block]


def _error(p: Floats, y: NDArray[np.float64] | NDArray[np.bool_], bins: int) -> float:
    gaps = np.bincount(_bin_of(p, bins), weights=y - p, minlength=bins)
    return float(np.abs(gaps).sum() / len(p))


def _table(p: Floats, y: Floats, bins: int) -> tuple[Bin, ...]:
    numbers = _bin_of(p, bins)
    return tuple(
        Bin(
            low=float(p[inside].min()),
            high=float(p[inside].max()),
            predicted=float(p[inside].mean()),
            observed=float(y[inside].mean()),
            n=int(inside.sum()),
        )
        for inside in (numbers == number for number in np.unique(numbers))
    )


def _interval(
    p: Floats,
    y: Floats,
    labels: NDArray[np.generic],
    bins: int,
    error: float,
    rng: np.random.Generator,
) -> tuple[float, float]:
    _, group = np.unique(labels, return_inverse=True)
    order = np.argsort(group, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(group))[:-1])
    errors = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([members[g] for g in rng.integers(len(members), size=len(members))])
        errors.append(_error(p[rows], y[rows], bins))
    below, above = np.quantile(errors, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return max(0.0, float(2 * error - above)), max(0.0, float(2 * error - below))
