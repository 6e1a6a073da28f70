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


def count_ngrams(texts: Sequence[str]) -> sparse.csr_matrix:
    """How often each character and each pair of neighbours stands in each text.

    White space is no character here, and nothing neighbours across it.

    Two n-grams share one of the 2**20 buckets rarely enough not to matter: a text of 300
    characters fills about 500.

    Returns:
        (len(texts), 2**20) float32, counts of at least 1, column indices int32 ascending.
    """
    rows = [np.unique(_buckets(text), return_counts=True) for text in texts]
    indptr = np.cumsum([0, *(len(buckets) for buckets, _ in rows)])
    empty = np.empty(0, dtype=np.int64)
    indices = np.concatenate([empty, *(buckets for buckets, _ in rows)]).astype(np.int32)
    data = np.concatenate([empty, *(counts for _, counts in rows)]).astype(np.float32)
    return sparse.csr_matrix((data, indices, indptr), shape=(len(texts), N_FEATURES))


def _buckets(text: str) -> NDArray[np.int64]:
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    # a pair's key holds both code points; a single character is a pair with nothing before it
    pairs = (codes[:-1] << _CODE_POINT_BITS) | codes[1:]
    solid = codes > _SPACE
    keys = np.concatenate([codes[solid], pairs[solid[:-1] & solid[1:]]])
    return ((keys * _MULTIPLIER) >> _SHIFT).astype(np.int64)
