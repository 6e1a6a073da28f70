"""Exact nearest neighbours, the same to the last bit in every home.

A matrix product rounds a row's score differently depending on the rows beside it. So it
only picks candidates, with a margin wider than its rounding error; those are scored
again one row at a time in double precision, and equal vectors get equal scores.
"""

import numpy as np

from embeddings.encoder import FloatArray
from embeddings.index import Hit
from embeddings.vector_table import RowArray, VectorTable

_SCORES_AT_ONCE = 1 << 24
"""Scores held at a time: 64 MB of float32."""

_RESCORED_ROWS = 8_192
"""Rows scored again at a time; thousands of equal vectors all reach this point."""


def search_exactly(
    table: VectorTable, queries: FloatArray, *, k: int, rows: RowArray | None = None
) -> list[list[Hit]]:
    """The ``k`` best rows for each query, best first, ties by id.

    Args:
        table: Where to search.
        queries: (n, dim) float32 unit rows.
        k: Hits per query.
        rows: Ascending rows that may be returned; None for all.
    """
    count = len(table) if rows is None else len(rows)
    if not count:
        return [[] for _ in queries]
    step = max(1, _SCORES_AT_ONCE // count)
    hits = []
    for start in range(0, len(queries), step):
        some = queries[start : start + step]
        for query, scores in zip(some, table.scores(some, rows), strict=True):
            near = near_the_top(scores, k=k, dim=table.dim)
            hits.append(best_of(table, query, near if rows is None else rows[near], k=k))
    return hits


def best_of(table: VectorTable, query: FloatArray, rows: RowArray, *, k: int) -> list[Hit]:
    """The ``k`` best of a few rows, scored afresh from the stored vectors."""
    scored = []
    for start in range(0, len(rows), _RESCORED_ROWS):
        some = rows[start : start + _RESCORED_ROWS]
        cosines = (table.take(some).astype(np.float64) * query).sum(axis=1)
        scores = np.clip(cosines, -1, 1).astype(np.float32).tolist()
        scored += [(-score, table.id_at(r)) for score, r in zip(scores, some.tolist(), strict=True)]
    return [Hit(id_, -negative) for negative, id_ in sorted(scored)[:k]]


def near_the_top(scores: FloatArray, *, k: int, dim: int) -> RowArray:
    """Places of the ``k`` best single-precision scores and of all that may tie with them."""
    if k >= len(scores):
        return np.arange(len(scores))
    kth = np.partition(scores, len(scores) - k)[len(scores) - k]
    # Two scores are each off by at most dim / 2 eps; the rest is for rows a little longer
    # than 1 and second-order terms.
    margin = 2 * dim * float(np.finfo(np.float32).eps)
    return np.flatnonzero(scores >= kth - margin)
