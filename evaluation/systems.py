"""What is measured side by side: the system protocol, and baselines that need no model."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import bm25s
import numpy as np
from numpy.typing import NDArray

from matcher.retrieve import FloatArray
from matcher.run import top
from matcher.types import Document, Query
from matcher.words import words


class System(Protocol):
    """Anything that ranks documents for a query; every matcher retriever is one.

    Attributes:
        name: Its name in reports.
    """

    @property
    def name(self) -> str: ...

    def retrieve(
        self, query: Query, *, k: int, allowed: Collection[str] | None = None
    ) -> dict[str, float]:
        """At most ``k`` document ids with scores, none outside ``allowed``."""
        ...


@dataclass(frozen=True, slots=True)
class Named:
    """A system under the name that reports know it by.

    A retriever is named after its signal (``lexical``), a baseline after its method
    (``tfidf``).
    """

    name: str
    system: System

    def retrieve(
        self, query: Query, *, k: int, allowed: Collection[str] | None = None
    ) -> dict[str, float]:
        """What the system itself answers."""
        return self.system.retrieve(query, k=k, allowed=allowed)


class RandomSystem:
    """Ranks blindly: the floor under every other figure.

    A query's order depends on its id and the seed only, and a filter leaves it intact.
    """

    name = "random"

    def __init__(self, document_ids: Collection[str], *, seed: int = 0) -> None:
        self._ids = sorted(document_ids)
        self._seed = seed

    def retrieve(
        self, query: Query, *, k: int, allowed: Collection[str] | None = None
    ) -> dict[str, float]:
        """Scores drawn uniformly from [0, 1)."""
        digest = hashlib.sha256(f"{self._seed}\n{query.id}".encode()).digest()
        scores = np.random.default_rng(int.from_bytes(digest)).random(len(self._ids))
        within = None if allowed is None else frozenset(allowed)
        return top(
            {
                document_id: score
                for document_id, score in zip(self._ids, scores.tolist(), strict=True)
                if within is None or document_id in within
            },
            k=k,
        )


class Bm25System:
    """BM25 on jieba words, title and text together: what a keyword search box does.

    Lucene's formula with k1 = 1.5 and b = 0.75. Words are lower-cased; those without a
    letter or digit are dropped; there is no stop list. Costs about half a second once
    per process for the dictionary, which is read into memory and never written to disk.

    Source: S. Robertson and H. Zaragoza, The Probabilistic Relevance Framework, 2009;
    X. H. Lù, BM25S, 2024.
    """

    name = "bm25"

    def __init__(self, documents: Sequence[Document]) -> None:
        ordered = sorted(documents, key=lambda document: document.id)
        self._ids = [document.id for document in ordered]
        texts = [_words(document.title, document.text) for document in ordered]
        self._index: bm25s.BM25 | None = None
        if any(texts):
            self._index = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
            self._index.index(texts, show_progress=False)

    def retrieve(
        self, query: Query, *, k: int, allowed: Collection[str] | None = None
    ) -> dict[str, float]:
        """Scores above 0; documents that share no word with the query are not returned."""
        asked = _words(query.title, query.text)
        if self._index is None or not asked:
            return {}
        scores = self._index.get_scores(asked)
        return best_allowed(self._ids, scores, scores > 0, k=k, allowed=allowed)


def best_allowed(
    ids: Sequence[str],
    scores: FloatArray,
    found: NDArray[np.bool_],
    *,
    k: int,
    allowed: Collection[str] | None,
) -> dict[str, float]:
    """The ``k`` best found and allowed rows, best first, ties by id.

    Args:
        ids: Document ids in ascending order.
        scores: (len(ids),) scores.
        found: (len(ids),) which rows count as retrieved at all.
        k: Most documents to return.
        allowed: Ids that may be returned; None for all.
    """
    if allowed is not None:
        within = frozenset(allowed)
        found = found & np.fromiter((i in within for i in ids), bool, len(ids))
    hits = np.flatnonzero(found)
    # Rows lie in id order, so a stable sort breaks ties by id.
    best = hits[np.argsort(-scores[hits], kind="stable")][:k]
    return {ids[row]: float(scores[row]) for row in best}


def _words(title: str, text: str) -> list[str]:
    cut = words(f"{title}\n{text}".lower())
    return [word for word in cut if any(character.isalnum() for character in word)]
