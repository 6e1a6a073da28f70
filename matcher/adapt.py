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
from embeddings.index import VectorIndex
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


def fit_adapter(documents: Sequence[Document], index: VectorIndex) -> Adapter | None:
    """An adapter for a corpus; None where it is too small.

    Where too few titles resemble each other there is nothing to learn, and the adapter
    changes nothing.

    Args:
        documents: The corpus, in any order; the same corpus gives the same adapter.
        index: Holds its vectors.
    """
    if len(documents) < LEAST_DOCUMENTS:
        return None
    # torch takes seconds to come up, and a small corpus never needs it
    from embeddings.adapter_training import train_adapter

    by_id = np.argsort([document.id for document in documents])
    drawn = np.random.default_rng(0).permutation(by_id)[:MOST_DOCUMENTS]
    counter = TfidfVectorizer(
        analyzer="char", ngram_range=(1, 2), sublinear_tf=True, preprocessor=fold
    )
    titles = counter.fit_transform([documents[i].title or documents[i].text or "?" for i in drawn])
    pairs = _pairs(titles)
    if len(pairs) < _FEWEST_PAIRS:
        return Adapter(np.eye(index.dim, dtype=np.float32), fitted_on=len(documents))

    def alike(left: NDArray[np.intp], right: NDArray[np.intp]) -> NDArray[np.bool_]:
        close = (titles[left] @ titles[right].T).toarray() > _ALIKE
        return np.asarray(close | (left[:, None] == right))

    vectors = index.vectors([documents[i].id for i in drawn])
    return Adapter(train_adapter(vectors, pairs, alike), fitted_on=len(documents))


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
