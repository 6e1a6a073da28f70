"""FAISS's brute force over the table's own rows: nothing is built and nothing stored twice."""

import numpy as np

from embeddings.encoder import FloatArray
from embeddings.exact_search import best_of, near_the_top, search_exactly
from embeddings.faiss_structures import faiss
from embeddings.index import Hit
from embeddings.vector_table import VectorTable

_SPARE = 64
"""Candidates asked for beyond ``k``, among which ties with the k-th are settled."""


def search_flat(table: VectorTable, queries: FloatArray, *, k: int) -> list[list[Hit]]:
    """The ``k`` best rows for each query, best first, ties by id.

    The same lists as ``search_exactly``: FAISS proposes, the stored vectors decide, and
    where more rows tie with the k-th than were proposed the scan is done over.
    """
    wanted = min(k + _SPARE, len(table))
    if not wanted:
        return [[] for _ in queries]
    scores, rows = [], []
    offset = 0
    for part in table.parts():
        found, places = faiss.knn(
            queries, part, min(wanted, len(part)), metric=faiss.METRIC_INNER_PRODUCT
        )
        scores.append(found)
        rows.append(places + offset)
        offset += len(part)
    hits = []
    for query, of_query, places in zip(
        queries, np.concatenate(scores, axis=1), np.concatenate(rows, axis=1), strict=True
    ):
        near = near_the_top(of_query, k=k, dim=table.dim)
        if len(near) >= wanted < len(table):
            hits += search_exactly(table, query[None], k=k)
        else:
            hits.append(best_of(table, query, places[near], k=k))
    return hits
