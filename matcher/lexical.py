"""Lexical retrieval on character n-grams.

Chinese technical titles share characters before they share words: on the labelled
needs character n-grams beat BM25 on segmented words clearly (`yilian eval rank`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.errors import UnknownDocument
from matcher.ngrams import count_ngrams
from matcher.posting_lists import PostingLists, damped
from matcher.retrieve import FloatArray
from matcher.run import top
from matcher.text import fold
from matcher.types import Document, Query

TITLE_COPIES = 2
BATCH = 4096
"""Documents counted at a time."""

_SAMPLED = 16
"""Of so many scores one is looked at first."""


class _Segment(NamedTuple):
    """Documents that were counted together: an id, and a length by these weights, for each row."""

    ids: Sequence[str]
    lists: PostingLists
    idf: FloatArray
    norms: FloatArray


class LexicalRetriever:
    """TF-IDF over hashed character 1- and 2-grams, cosine-scored.

    Term frequency is damped (1 + ln tf) and titles count twice. Features are hashed,
    so documents can be added without refitting a vocabulary, and document frequencies
    fall out of the posting list lengths.

    One n-gram of one document costs 5 bytes: about 1.3 kB for 190 characters of text (250
    n-grams), so a million such achievements take 1.3 GB on the disk. Where lists begin costs
    8 MB and a norm 4 bytes a document. Opening maps the files, and a query then reads the
    postings of its own n-grams only.

    A retriever is never altered. ``with_changes`` gives one that lists the changed documents
    apart and covers up their old versions, in time that depends on the changes alone. It goes
    on weighing n-grams by how rare they were before, until it is ``settled``: with a share s
    of the documents changed, a weight ln((1 + N) / (1 + df)) + 1 is off by ln(1 - s) to
    ln(1 + sN / (1 + df)), which only n-grams feel that are rare and in many of the changes.

    Scores are cosines in [0, 1].
    """

    name = "lexical"

    def __init__(
        self, base: _Segment, newer: _Segment | None = None, covered: Collection[int] = ()
    ) -> None:
        """Wrap counted documents; see ``of``.

        Args:
            base: The documents that tell how rare an n-gram is.
            newer: Those that came later, with other ids than what is left of ``base``.
            covered: Rows of ``base`` that count no more.
        """
        self._base, self._newer = base, newer
        self._covered = frozenset(covered)
        segments = [base] if newer is None else [base, newer]
        self._ids = [i for segment in segments for i in segment.ids]
        lasting = np.ones(len(self._ids), np.bool_)
        lasting[list(self._covered)] = False
        self._live = np.flatnonzero(lasting)
        self._rows = {self._ids[row]: row for row in self._live.tolist()}
        self._idf = base.idf
        # Caches over functions that know nothing of this object: with a cycle its arrays would
        # stay in memory long after a successor has taken its place.
        # One match asks twice for the same query, once to retrieve and once to score.
        self._scores = lru_cache(maxsize=16)(partial(_scores, segments))
        # everybody asks with the same filter
        self._allowed = lru_cache(maxsize=4)(partial(_rows_of, self._rows))

    @classmethod
    def of(cls, documents: Iterable[Document]) -> "LexicalRetriever":
        """Index documents with distinct ids; a generator is not held in memory."""
        remaining = iter(documents)
        ids, parts = [], [_listed([])]
        while batch := list(islice(remaining, BATCH)):
            ids += [document.id for document in batch]
            parts.append(_listed(batch))
        lists = PostingLists.joined([(part, _all(part)) for part in parts])
        return cls(_segment(ids, lists, _idf(lists)))

    def __len__(self) -> int:
        return len(self._live)

    @property
    def ids(self) -> list[str]:
        """Every id, in no particular order."""
        return list(self._rows)

    @property
    def changes(self) -> int:
        """Documents listed apart or covered up; 0 for a settled one."""
        return len(self._covered) + (len(self._newer.ids) if self._newer else 0)

    def with_changes(
        self, documents: Sequence[Document], removed: Collection[str] = ()
    ) -> "LexicalRetriever":
        """The same with some documents put in, or in the place of their old versions.

        Args:
            documents: With distinct ids.
            removed: Ids to be left out; unknown ones are passed over.
        """
        gone = {*removed, *(document.id for document in documents)}
        rows = [row for i in gone if (row := self._rows.get(i)) is not None]
        size = len(self._base.ids)
        covered = self._covered.union(row for row in rows if row < size)
        ids, parts = [document.id for document in documents], []
        if self._newer is not None:
            kept = _all(self._newer.lists)
            kept[[row - size for row in rows if row >= size]] = False
            ids = [i for i, stays in zip(self._newer.ids, kept, strict=True) if stays] + ids
            parts.append((self._newer.lists, kept))
        added = _listed(documents)
        lists = PostingLists.joined([*parts, (added, _all(added))])
        newer = _segment(ids, lists, self._idf) if ids else None
        return LexicalRetriever(self._base, newer, covered)

    def settled(self) -> "LexicalRetriever":
        """The same documents counted together, as ``of`` would, without reading one again."""
        if not self.changes:
            return self
        kept = _all(self._base.lists)
        kept[list(self._covered)] = False
        parts = [(self._base.lists, kept)]
        if self._newer is not None:
            parts.append((self._newer.lists, _all(self._newer.lists)))
        lists = PostingLists.joined(parts)
        ids = [self._ids[row] for row in self._live.tolist()]
        return LexicalRetriever(_segment(ids, lists, _idf(lists)))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What is needed to store a settled index, by name."""
        if self.changes:
            return self.settled().arrays()
        lists = self._base.lists
        return {
            "ids": np.array(self._ids, dtype=np.str_),
            "rows": lists.rows,
            "counts": lists.counts,
            "starts": lists.starts,
            "norms": self._base.norms,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "LexicalRetriever":
        """The index behind ``arrays()``; memory-mapped arrays stay mapped."""
        ids = arrays["ids"].tolist()
        lists = PostingLists(arrays["rows"], arrays["counts"], arrays["starts"], len(ids))
        return cls(_Segment(ids, lists, _idf(lists), arrays["norms"]))

    def retrieve(
        self, query: Query, *, k: int, allowed: Collection[str] | None = None
    ) -> dict[str, float]:
        """The ``k`` most similar allowed documents; see ``Retriever``."""
        scores = self._scores(query)
        rows = self._live if allowed is None else self._allowed(frozenset(allowed))
        if len(rows) < len(scores):
            rows = rows[_best(scores[rows], k)]
        else:
            rows = _best(scores, k)
        return top({self._ids[row]: float(scores[row]) for row in rows.tolist()}, k=k)

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


def _scores(segments: Sequence[_Segment], query: Query) -> FloatArray:
    """(rows of all segments,) cosines."""
    counted = count_ngrams([_searchable(query.title, query.text)])
    times = damped(counted.data)
    idf = segments[0].idf[counted.indices]
    weights = np.asarray(times * idf * idf, np.float64)
    norm = float(np.linalg.norm(times * idf))
    dots = np.concatenate([one.lists.dots(counted.indices, weights) for one in segments])
    norms = np.concatenate([one.norms for one in segments])
    # a document without n-grams has norm 0 and shares nothing: its score is 0
    return np.asarray(dots / np.maximum(norms * norm, np.finfo(np.float32).tiny), np.float32)


def _best(scores: FloatArray, k: int) -> NDArray[np.intp]:
    """Places of the ``k`` highest scores, and of all that tie with the k-th.

    A sample tells what most scores fall short of, which spares the sorting of them.
    """
    places = np.arange(len(scores))
    sample = scores[::_SAMPLED]
    rank = 2 * (k // _SAMPLED) + _SAMPLED
    if rank < len(sample):
        likely = np.flatnonzero(scores >= np.partition(sample, len(sample) - rank)[-rank])
        if len(likely) >= k:
            places = likely
    if len(places) > k:
        found = scores[places]
        places = places[found >= np.partition(found, len(found) - k)[-k]]
    return places


def _rows_of(rows: Mapping[str, int], allowed: frozenset[str]) -> NDArray[np.intp]:
    found = [row for i in allowed if (row := rows.get(i)) is not None]
    return np.sort(np.array(found, dtype=np.intp))


def _searchable(title: str, text: str) -> str:
    return "\n".join([fold(title)] * TITLE_COPIES + [fold(text)])


def _listed(documents: Sequence[Document]) -> PostingLists:
    return PostingLists.of(count_ngrams([_searchable(d.title, d.text) for d in documents]))


def _segment(ids: Sequence[str], lists: PostingLists, idf: FloatArray) -> _Segment:
    return _Segment(ids, lists, idf, lists.norms(idf))


def _all(lists: PostingLists) -> NDArray[np.bool_]:
    return np.ones(lists.documents, np.bool_)


def _idf(lists: PostingLists) -> FloatArray:
    # smoothed as in scikit-learn, so that an n-gram seen everywhere still counts a little
    return (np.log((1 + lists.documents) / (1 + lists.frequencies())) + 1).astype(np.float32)
