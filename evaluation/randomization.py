"""Whether two systems differ by more than chance: the paired randomisation test.

Were two systems equally good, it would be a coin's toss which of a query's two values
belongs to which. So the signs of the differences are flipped at random; p is the share of
flips that lie as far from 0 as what was measured. Near-copies are flipped together.

Source: M. D. Smucker, J. Allan and B. Carterette, A Comparison of Statistical Significance
Tests for Information Retrieval Evaluation, CIKM 2007.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import permutation_test

from evaluation.groups import whole_groups

PERMUTATIONS = 20_000
SEED = 20_070_611

# Signs held in memory at a time; a bound, since there may be many thousand queries.
_SIGNS_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class PairedTest:
    """A mean difference and how surprising it would be between equals.

    Attributes:
        difference: First minus second, mean over queries; NaN without queries.
        p: Two-sided, in (0, 1]; NaN without queries.
        permutations: Flips that p rests on; all there are when ``exact``.
    """

    difference: float
    p: float
    permutations: int
    exact: bool


def randomization_test(
    first: Mapping[str, float],
    second: Mapping[str, float],
    groups: Mapping[str, str] | None = None,
    *,
    permutations: int = PERMUTATIONS,
    seed: int = SEED,
) -> PairedTest:
    """Two-sided test of the mean difference of two systems, paired by query.

    Args:
        first: Query id to value.
        second: The same queries; the order does not matter.
        groups: Query id to group; a group's differences change sign together. A query
            without an entry is its own group.
        permutations: Flips to draw. When there are no more than so many in all, each is
            taken once and p is exact; otherwise what was measured counts as one of those
            drawn, so p is never 0 (B. Phipson and G. K. Smyth, 2010).
        seed: Of the flips drawn.

    Raises:
        ValueError: the two were not measured on the same queries, or a value is NaN.
    """
    if first.keys() != second.keys():
        raise ValueError("a paired test needs the same queries on both sides")
    differences = {query_id: first[query_id] - second[query_id] for query_id in first}
    if any(map(math.isnan, differences.values())):
        raise ValueError("a paired test cannot use NaN; leave such queries out on both sides")
    if not differences:
        return PairedTest(math.nan, math.nan, 0, True)
    members = whole_groups(differences, groups or {})
    sums = np.array([math.fsum(differences[query_id] for query_id in group) for group in members])
    exact = 2 ** len(sums) <= permutations
    return PairedTest(
        difference=float(sums.sum() / len(differences)),
        p=_p(sums, permutations, seed),
        permutations=2 ** len(sums) if exact else permutations,
        exact=exact,
    )


def _p(sums: NDArray[np.float64], permutations: int, seed: int) -> float:
    if len(sums) == 1 or not np.any(sums):
        # one coin shows either side with the same absolute value; no difference never stands out
        return 1.0
    return float(
        permutation_test(
            (sums,),
            np.sum,
            permutation_type="samples",
            vectorized=True,
            n_resamples=permutations,
            batch=max(1, _SIGNS_AT_ONCE // len(sums)),
            random_state=np.random.default_rng(seed),
        ).pvalue
    )
