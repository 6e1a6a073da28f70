"""Folds for cross-validation that never part a query from its near-copies."""

from collections.abc import Iterable, Mapping

import numpy as np

from evaluation.errors import UnusableFolds
from evaluation.groups import whole_groups

FOLDS = 5


def grouped_folds(
    query_ids: Iterable[str], groups: Mapping[str, str], *, n: int = FOLDS, seed: int = 0
) -> tuple[tuple[str, ...], ...]:
    """Queries parted into ``n`` folds of about equal size, whole groups together.

    Groups are shuffled, the largest are placed first, each into the smallest fold so far
    (R. L. Graham, Bounds on Multiprocessing Timing Anomalies, 1969): folds differ by at
    most the size of the largest group.

    Args:
        query_ids: Queries in any order, which does not matter.
        groups: Query id to group; a query without an entry is its own group.
        n: Number of folds.
        seed: The same ids, groups and seed give the same folds.

    Returns:
        ``n`` non-empty tuples of ascending ids; every query is in exactly one.

    Raises:
        UnusableFolds: ``n`` is below 2 or above the number of groups.
    """
    parted = whole_groups(query_ids, groups)
    if not 2 <= n <= len(parted):
        raise UnusableFolds(n, len(parted), zh="组查询", en="groups of queries")
    shuffled = [parted[i] for i in np.random.default_rng(seed).permutation(len(parted))]
    folds: list[list[str]] = [[] for _ in range(n)]
    for group in sorted(shuffled, key=len, reverse=True):
        min(folds, key=len).extend(group)
    return tuple(tuple(sorted(fold)) for fold in folds)
