"""Character n-grams as rows of a sparse matrix, without a vocabulary."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

N_FEATURES = 2**20
_SPACE = np.uint64(ord(" "))
_CODE_POINT_BITS = np.uint64(21)
# Fibonacci hashing (Knuth, TAOCP 3, 6.4): multiply by 2**64 / golden ratio, keep the top bits
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - 20)
_BUCKET_BITS = np.uint64(20)
_BUCKETS = np.uint64(N_FEATURES - 1)
_AT_ONCE = 64
"""Texts counted together: more would be slower, as there is more to sort."""


def count_ngrams(texts: Sequence[str]) -> sparse.csr_matrix:
    """How often each character and each pair of neighbours stands in each text.

    White space is no character here, and nothing neighbours across it.

    Two n-grams share one of the 2**20 buckets rarely enough not to matter: a text of 300
    characters fills about 500.

    Returns:
        (len(texts), 2**20) float32, counts of at least 1, column indices int32 ascending.
    """
    parts = [
        _counted(texts[first : first + _AT_ONCE], first)
        for first in range(0, max(1, len(texts)), _AT_ONCE)
    ]
    cells = np.concatenate([cells for cells, _ in parts])
    counts = np.concatenate([counts for _, counts in parts])
    rows = (cells >> _BUCKET_BITS).astype(np.int64)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(texts)))])
    indices = (cells & _BUCKETS).astype(np.int32)
    shape = (len(texts), N_FEATURES)
    return sparse.csr_matrix((counts.astype(np.float32), indices, indptr), shape=shape)


def _counted(texts: Sequence[str], first: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Every (row, bucket) that occurs, as one number, ascending, and how often it does.

    Sorting the n-grams of some texts together is many times faster than one short text at a
    time; they end in a line feed, across which nothing neighbours.
    """
    joined = "\n".join([*texts, ""])
    codes = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
    row = np.repeat(np.arange(first, first + len(texts), dtype=np.uint64), lengths)
    # a pair's key holds both code points; a single character is a pair with nothing before it
    pairs = (codes[:-1] << _CODE_POINT_BITS) | codes[1:]
    solid = codes > _SPACE
    neighbours = solid[:-1] & solid[1:]
    keys = np.concatenate([codes[solid], pairs[neighbours]])
    owners = np.concatenate([row[solid], row[:-1][neighbours]])
    cells = (owners << _BUCKET_BITS) | ((keys * _MULTIPLIER) >> _SHIFT)
    return np.unique(cells, return_counts=True)
