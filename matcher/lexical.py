"""Lexical retrieval on character n-grams.

Chinese technical titles share characters before they share words: on the labelled
needs character n-grams beat BM25 on segmented words clearly (`yilian eval rank`).
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.errors import UnknownDocument
from matcher.ngrams import N_FEATURES, count_ngrams
from matcher.retrieve import FloatArray
from matcher.run import top
from matcher.text import fold
from matcher.types import Document, Query

TITLE_COPIES = 2
BATCH = 4096
"""Documents counted at a time."""

_BLOCK_POSTINGS = 1 << 22
"""Postings looked at together when rows are measured: 50 MB of temporary arrays."""


class LexicalRetriever:
    """TF-IDF over hashed character 1- and 2-grams, cosine-scored.

    Term frequency is damped (1 + ln tf) and titles count twice. Features are hashed,
    so documents can be added without refitting a vocabulary, and document frequencies
    fall out of the posting list lengths.

    One n-gram of one document costs 8 bytes (int32 row, float32 weight): about 0.2 kB for
    a bare title and 2 kB with 190 characters of text (250 n-grams), so a million such
    achievements take 2 GB on the disk. The column pointers cost 4 MB and a norm 4 bytes a
    document. Building needs four times that in memory for a while; opening maps the files,
    and a query then reads the postings of its own n-grams only.

    Scores are cosines in [0, 1].
    """

    name = "lexical"

    def __init__(
        self, document_ids: Sequence[str], postings: sparse.csc_matrix, norms: FloatArray
    ) -> None:
        """Wrap counted documents; see ``of``.

        Args:
            document_ids: One distinct id per row.
            postings: (n_documents, 2**20) damped term frequencies, float32.
            norms: (n_documents,) float32 lengths of the TF-IDF rows.
        """
        self._ids = list(document_ids)
        self._rows = {document_id: row for row, document_id in enumerate(self._ids)}
        self._postings = postings
        self._idf = _idf(postings)
        self._norms = norms
        # one match asks twice for the same query, once to retrieve and once to score
        self._scores = lru_cache(maxsize=8)(self._score_all)

    @classmethod
    def of(cls, documents: Sequence[Document]) -> "LexicalRetriever":
        """Index documents with distinct ids."""
        batches = [_count([])]
        batches += [
            _count([_searchable(d.title, d.text) for d in documents[start : start + BATCH]])
            for start in range(0, len(documents), BATCH)
        ]
        postings = sparse.vstack(batches, format="csc", dtype=np.float32)
        return cls([d.id for d in documents], postings, _row_norms(postings, _idf(postings)))

    def __len__(self) -> int:
        return len(self._ids)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What is needed to store the index, by name."""
        return {
            "ids": np.array(self._ids, dtype=np.str_),
            "data": self._postings.data,
            "indices": self._postings.indices,
            "indptr": self._postings.indptr,
            "norms": self._norms,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "LexicalRetriever":
        """The index behind ``arrays()``; memory-mapped arrays stay mapped."""
        shape = (len(arrays["ids"]), N_FEATURES)
        parts = (arrays["data"], arrays["indices"], arrays["indptr"])
        postings = sparse.csc_matrix(parts, shape=shape, copy=False)
        return cls(arrays["ids"].tolist(), postings, arrays["norms"])

    def retrieve(
        self, query: Query, *, k: int, allowed: Collection[str] | None = None
    ) -> dict[str, float]:
        """The ``k`` most similar allowed documents; see ``Retriever``."""
        scores = self._scores(query)
        rows = self._allowed_rows(allowed)
        if len(rows) > k:
            # keep everything that ties with the k-th, so that the tie-break by id decides
            kth = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
            rows = rows[scores[rows] >= kth]
        return top({self._ids[row]: float(scores[row]) for row in rows}, k=k)

    def score(self, query: Query, document_ids: Sequence[str]) -> FloatArray:
        """Cosines of the named documents; see ``Retriever``."""
        try:
            rows = [self._rows[document_id] for document_id in document_ids]
        except KeyError as error:
            raise UnknownDocument(error.args[0]) from None
        return self._scores(query)[rows]

    @property
    def idf(self) -> FloatArray:
        """(2**20,) float32, at least 1: how rare each n-gram of ``count_ngrams`` is here."""
        return self._idf

    def rarity(self, phrases: Sequence[str]) -> FloatArray:
        """(len(phrases),) float32: summed idf of each phrase's n-grams, at least 0."""
        counted = count_ngrams([fold(phrase) for phrase in phrases])
        return np.asarray(counted @ self._idf, dtype=np.float32)

    def _score_all(self, query: Query) -> FloatArray:
        counted = _count([_searchable(query.title, query.text)])
        idf = self._idf[counted.indices]
        weights = counted.data * idf * idf
        norm = float(np.linalg.norm(counted.data * idf))
        dots = self._postings[:, counted.indices] @ weights
        # a document without n-grams has norm 0 and shares nothing: its score is 0
        scores = dots / np.maximum(self._norms * norm, np.finfo(np.float32).tiny)
        return np.asarray(scores, dtype=np.float32)

    def _allowed_rows(self, allowed: Collection[str] | None) -> NDArray[np.intp]:
        if allowed is None:
            return np.arange(len(self._ids))
        rows = [self._rows[document_id] for document_id in allowed if document_id in self._rows]
        return np.array(sorted(rows), dtype=np.intp)


def _searchable(title: str, text: str) -> str:
    return "\n".join([fold(title)] * TITLE_COPIES + [fold(text)])


def _count(texts: Sequence[str]) -> sparse.csr_matrix:
    """Damped counts, 1 + ln tf."""
    counted = count_ngrams(texts)
    counted.data = 1 + np.log(counted.data)
    return counted


def _idf(postings: sparse.csc_matrix) -> FloatArray:
    # smoothed as in scikit-learn, so that an n-gram seen everywhere still counts a little
    document_frequency = np.diff(postings.indptr)
    return (np.log((1 + postings.shape[0]) / (1 + document_frequency)) + 1).astype(np.float32)


def _row_norms(postings: sparse.csc_matrix, idf: FloatArray) -> FloatArray:
    squares = np.zeros(postings.shape[0])
    columns = np.searchsorted(
        postings.indptr, np.arange(0, postings.nnz + _BLOCK_POSTINGS, _BLOCK_POSTINGS), "left"
    )
    for first, last in pairwise(np.minimum(columns, N_FEATURES)):
        block = slice(postings.indptr[first], postings.indptr[last])
        lengths = np.diff(postings.indptr[first : last + 1])
        weights = postings.data[block] * np.repeat(idf[first:last], lengths)
        squares += np.bincount(postings.indices[block], weights**2, minlength=len(squares))
    return np.sqrt(squares).astype(np.float32)
