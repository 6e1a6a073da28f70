"""Posting lists: for every n-gram the documents that hold it, and how often each does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.ngrams import N_FEATURES
from matcher.retrieve import FloatArray

MOST = 255
"""Times that are told apart; an n-gram repeated more often in one text counts as this often."""

_DAMPED = np.concatenate([[0], 1 + np.log(np.arange(1, MOST + 1))]).astype(np.float32)

_BLOCK = 1 << 22
"""Postings looked at together: some 100 MB of temporary arrays."""


def damped(counts: NDArray[np.generic]) -> FloatArray:
    """1 + ln of counts from 1, float32, those above ``MOST`` as ``MOST``."""
    return np.asarray(_DAMPED[np.minimum(counts, MOST).astype(np.uint8)])


@dataclass(frozen=True, slots=True, eq=False)
class PostingLists:
    """Who holds which n-gram; 5 bytes for one n-gram of one document. Never altered.

    Attributes:
        rows: (postings,) int32 documents, n-gram by n-gram, each list ascending.
        counts: (postings,) uint8 how often, from 1 to ``MOST``.
        starts: (2**20 + 1,) int64 where each n-gram's list begins.
        documents: Number of documents, those without an n-gram included.
    """

    rows: NDArray[np.int32]
    counts: NDArray[np.uint8]
    starts: NDArray[np.int64]
    documents: int

    @classmethod
    def of(cls, counted: sparse.csr_matrix) -> Self:
        """The lists of counted texts (``ngrams.count_ngrams``)."""
        lists = counted.tocsc()
        lists.sort_indices()
        return cls(
            lists.indices.astype(np.int32),
            np.minimum(lists.data, MOST).astype(np.uint8),
            lists.indptr.astype(np.int64),
            counted.shape[0],
        )

    @classmethod
    def joined(cls, parts: Sequence[tuple["PostingLists", NDArray[np.bool_]]]) -> Self:
        """The lists of all documents that are kept, part by part, renumbered without gaps.

        Args:
            parts: Lists, and (documents,) which of their documents are kept.
        """
        lengths = [_lengths(lists, kept) for lists, kept in parts]
        starts = np.concatenate([[0], np.cumsum(sum(lengths, np.zeros(N_FEATURES, np.int64)))])
        rows = np.empty(starts[-1], np.int32)
        counts = np.empty(starts[-1], np.uint8)
        ends, before = starts[:-1].copy(), 0
        for (lists, kept), own in zip(parts, lengths, strict=True):
            number = (np.cumsum(kept) - 1 + before).astype(np.int32)
            for first, last, block in lists.blocks():
                lasting = kept[lists.rows[block]]
                held = own[first:last]
                # where each list goes on, less the postings of the block that come before it
                shift = ends[first:last] - (np.cumsum(held) - held)
                places = np.repeat(shift, held) + np.arange(held.sum())
                rows[places] = number[lists.rows[block][lasting]]
                counts[places] = lists.counts[block][lasting]
            ends += own
            before += int(kept.sum())
        return cls(rows, counts, starts, before)

    def blocks(self) -> Iterator[tuple[int, int, slice]]:
        """Ranges of n-grams that cover all, and the postings of each; none is empty."""
        marks = np.arange(0, len(self.rows) + _BLOCK, _BLOCK)
        grams = np.minimum(np.searchsorted(self.starts, marks, "left"), N_FEATURES)
        for first, last in pairwise(grams.tolist()):
            if last > first:
                yield first, last, slice(int(self.starts[first]), int(self.starts[last]))

    def frequencies(self) -> NDArray[np.int64]:
        """(2**20,) documents that hold each n-gram."""
        return np.diff(self.starts)

    def dots(self, ngrams: NDArray[np.int32], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """(documents,) sums of damped counts times weight.

        Added up n-gram by n-gram, so that equal documents tie wherever they are listed.

        Args:
            ngrams: (n,) ascending.
            weights: (n,) one for each.
        """
        sums = np.zeros(self.documents)
        for ngram, weight in zip(ngrams.tolist(), weights, strict=True):
            own = slice(self.starts[ngram], self.starts[ngram + 1])
            np.add.at(sums, self.rows[own], (_DAMPED * weight).take(self.counts[own]))
        return sums

    def norms(self, idf: FloatArray) -> FloatArray:
        """(documents,) float32 lengths of the TF-IDF rows."""
        squares = np.zeros(self.documents)
        for first, last, block in self.blocks():
            lengths = np.diff(self.starts[first : last + 1])
            weights = _DAMPED[self.counts[block]] * np.repeat(idf[first:last], lengths)
            squares += np.bincount(self.rows[block], weights**2, minlength=len(squares))
        return np.sqrt(squares).astype(np.float32)


def _lengths(lists: PostingLists, kept: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(2**20,) documents that hold each n-gram, of those that are kept."""
    if kept.all():
        return lists.frequencies()
    lengths = np.zeros(N_FEATURES, np.int64)
    for first, last, block in lists.blocks():
        passed = np.concatenate([[0], np.cumsum(kept[lists.rows[block]])])
        lengths[first:last] = np.diff(passed[lists.starts[first : last + 1] - block.start])
    return lengths
