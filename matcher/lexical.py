"""Lexical retrieval on character n-grams.

Chinese technical titles share characters before they share words: on the labelled
needs character n-grams beat BM25 on segmented words clearly (`yilian eval rank`).
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
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


class LexicalRetriever:
    """TF-IDF over hashed character 1- and 2-grams, cosine-scored.

    Term frequency is damped (1 + ln tf) and titles count twice. Features are hashed,
    so documents can be added without refitting a vocabulary, and document frequencies
    fall out of the posting list lengths.

    One n-gram of one document costs 8 bytes (int32 row, float32 weight): about 0.2 kB
    for a bare title and 4 kB for 300 characters of text, so a million
    achievements with such texts take about 4 GB, memory-mapped if need be. The column
    pointers cost 4 MB and a norm 4 bytes a document.

    Scores are cosines in [0, 1].
    """

    name = "lexical"

    def __init__(self, document_ids: Sequence[str], postings: sparse.csc_matrix) -> None:
        """Wrap counted documents.

        Args:
            document_ids: One distinct id per row.
            postings: (n_documents, 2**20) damped term frequencies, float32.
        """
        self._ids = list(document_ids)
        self._rows = {document_id: row for row, document_id in enumerate(self._ids)}
        self._postings = postings
        document_frequency = np.diff(postings.indptr)
        # smoothed as in scikit-learn, so that an n-gram seen everywhere still counts a little
        self._idf = (np.log((1 + len(self._ids)) / (1 + document_frequency)) + 1).astype(np.float32)
        self._norms = _row_norms(postings, self._idf)
        # one match asks twice for the same query, once to retrieve and once to score
        self._scores = lru_cache(maxsize=8)(self._score_all)

    @classmethod
    def of(cls, documents: Sequence[Document]) -> "LexicalRetriever":
        """Index documents with distinct ids."""
        counted = _count([_searchable(d.title, d.text) for d in documents])
        return cls([d.id for d in documents], counted.tocsc())

    def __len__(self) -> int:
        return len(self._ids)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What is needed to store the index: ids, data, indices and indptr."""
        return {
            "ids": np.array(self._ids, dtype=np.str_),
            "data": self._postings.data,
            "indices": self._postings.indices,
            "indptr": self._postings.indptr,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "LexicalRetriever":
        """The index behind ``arrays()``; memory-mapped arrays stay mapped."""
        shape = (len(arrays["ids"]), N_FEATURES)
        parts = (arrays["data"], arrays["indices"], arrays["indptr"])
        return cls(arrays["ids"].tolist(), sparse.csc_matrix(parts, shape=shape, copy=False))

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


def _row_norms(postings: sparse.csc_matrix, idf: FloatArray) -> FloatArray:
    column_lengths = np.diff(postings.indptr)
    weights = postings.data * np.repeat(idf, column_lengths)
    squares = np.bincount(postings.indices, weights=weights**2, minlength=postings.shape[0])
    return np.sqrt(squares).astype(np.float32)
