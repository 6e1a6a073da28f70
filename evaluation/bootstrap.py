"""How sure a mean over queries is: percentile bootstrap intervals.

Source: B. Efron and R. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13;
whole groups are drawn because near-copies of a query are not independent of each other
(A. C. Davison and D. V. Hinkley, Bootstrap Methods and their Application, 1997, 3.8).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.groups import whole_groups

RESAMPLES = 2_000
LEVEL = 0.95
SEED = 20_190_801

# Draws held in memory at a time; a bound, since there may be many thousand queries.
_DRAWS_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over queries with the interval that 95 % of resamples fall into.

    Attributes:
        n: Queries behind the mean; when 0, the three figures are NaN.
    """

    mean: float
    low: float
    high: float
    n: int


def estimate(
    values: Mapping[str, float], groups: Mapping[str, str] | None = None, *, seed: int = SEED
) -> Estimate:
    """Mean of per-query values, with a 95 % interval.

    Args:
        values: Query id to value; the order does not matter.
        groups: Query id to group; whole groups are drawn together. A query without an
            entry is its own group. One group alone shows no spread: low = mean = high.
        seed: The same values and seed give the same interval.
    """
    if not values:
        return Estimate(math.nan, math.nan, math.nan, 0)
    sums, counts = _by_group(values, groups or {})
    means = _resampled_means(sums, counts, np.random.default_rng(seed))
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(math.fsum(values.values()) / len(values), float(low), float(high), len(values))


def paired_difference(
    first: Mapping[str, float],
    second: Mapping[str, float],
    groups: Mapping[str, str] | None = None,
    *,
    seed: int = SEED,
) -> Estimate:
    """How far the first system's mean lies above the second's, with a 95 % interval.

    Both are drawn on the same queries, so what makes a query hard for both cancels out:
    an interval without 0 tells two systems apart even where their own intervals overlap.

    Raises:
        ValueError: the two were not measured on the same queries.
    """
    if first.keys() != second.keys():
        raise ValueError("a paired difference needs the same queries on both sides")
    return estimate({q: first[q] - second[q] for q in first}, groups, seed=seed)


def _by_group(
    values: Mapping[str, float], groups: Mapping[str, str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    members = whole_groups(values, groups)
    return (
        np.array([math.fsum(values[query_id] for query_id in group) for group in members]),
        np.array([len(group) for group in members], dtype=np.float64),
    )


def _resampled_means(
    sums: NDArray[np.float64], counts: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    rows = max(1, _DRAWS_AT_ONCE // len(sums))
    means = []
    for start in range(0, RESAMPLES, rows):
        size = (min(rows, RESAMPLES - start), len(sums))
        drawn = rng.integers(len(sums), size=size)
        means.append(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1))
    return np.concatenate(means)
