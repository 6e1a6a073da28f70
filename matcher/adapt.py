"""A corpus teaches the dense retriever its own distinctions, without labels.

Two documents whose titles share rare wording are taken to be about the same thing. The
adapter learns to bring such pairs together and to keep others apart, and what it learns
carries over to documents that say the same in other words.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from embeddings.adapter import Adapter
from embeddings.index import VectorSearch
from matcher.adapted import LEAST_DOCUMENTS
from matcher.text import fold
from matcher.types import Document

MOST_DOCUMENTS: Final = 8000
"""Of a larger corpus so many are drawn, since every title is compared with every other."""

_NEIGHBOURS: Final = 2
_ALIKE: Final = 0.25
"""TF-IDF cosine of two titles from which they count as being about the same thing."""

_FEWEST_PAIRS: Final = 256
_BLOCK: Final = 1024


def drawn(ids: Sequence[str]) -> list[str]:
    """The ids of a corpus, in any order, from which an adapter is learnt; in the order drawn."""
    by_id = sorted(ids)
    places = np.random.default_rng(0).permutation(len(by_id))[:MOST_DOCUMENTS]
    return [by_id[place] for place in places]


def fit_adapter(documents: Sequence[Document], index: VectorSearch) -> Adapter | None:
    """An adapter for a corpus; None where it is too small.

    Where too few titles resemble each other there is nothing to learn, and the adapter
    changes nothing.

    Args:
        documents: The corpus, in any order; the same corpus gives the same adapter.
        index: Holds its vectors.
    """
    by_id = {document.id: document for document in documents}
    return fit_adapter_to([by_id[i] for i in drawn(list(by_id))], index, fitted_on=len(by_id))


def fit_adapter_to(
    documents: Sequence[Document], index: VectorSearch, *, fitted_on: int
) -> Adapter | None:
    """The same where only what was ``drawn`` is at hand.

    Args:
        documents: In the order drawn.
        index: Holds their vectors.
        fitted_on: Size of the corpus.
    """
    if fitted_on < LEAST_DOCUMENTS:
        return None
    # torch takes seconds to come up, and a small corpus never needs it
    from embeddings.adapter_training import train_adapter

    counter = TfidfVectorizer(
        analyzer="char", ngram_range=(1, 2), sublinear_tf=True, preprocessor=fold
    )
    titles = counter.fit_transform([d.title or d.text or "?" for d in documents])
    pairs = _pairs(titles)
    if len(pairs) < _FEWEST_PAIRS:
        return Adapter(np.eye(index.dim, dtype=np.float32), fitted_on=fitted_on)

    def alike(left: NDArray[np.intp], right: NDArray[np.intp]) -> NDArray[np.bool_]:
        close = (titles[left] @ titles[right].T).toarray() > _ALIKE
        return np.asarray(close | (left[:, None] == right))

    vectors = index.vectors([document.id for document in documents])
    return Adapter(train_adapter(vectors, pairs, alike), fitted_on=fitted_on)


def _pairs(titles: sparse.csr_matrix) -> NDArray[np.intp]:
    """(n, 2) rows: each document with the nearest few that are alike."""
    found = []
    for start in range(0, titles.shape[0], _BLOCK):
        block = (titles[start : start + _BLOCK] @ titles.T).toarray()
        rows = np.arange(len(block))
        block[rows, start + rows] = 0.0
        nearest = np.argpartition(-block, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
        near = np.take_along_axis(block, nearest, axis=1) > _ALIKE
        left = np.broadcast_to((start + rows)[:, None], nearest.shape)
        found.append(np.stack([left[near], nearest[near]], axis=1))
    return np.concatenate(found)
