"""Dense retrieval in the corpus's own metric: what the plain vectors find, compared anew.

Candidates come from the index of plain vectors; their scores are cosines after the
adapter. The query is the mean of its title's vector and of the vector of its beginning,
where a need says what it is about: in the adapted space, and there only, that helps.
"""

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from embeddings.adapter import Adapter
from embeddings.chunk import encode_long
from embeddings.encoder import Encoder, Role
from embeddings.index import VectorSearch
from matcher.dense import DenseRetriever
from matcher.errors import UnknownDocument
from matcher.retrieve import FloatArray
from matcher.run import top
from matcher.text import clean
from matcher.types import Query

LEAST_DOCUMENTS = 500
"""Below this a corpus is left as it is."""

_OUTGROWN = 2
"""Times the documents that an adapter was fitted on at which it is learnt anew."""

BEGINNING = 200
"""Characters of title and text that are read besides the title."""

_DECIMALS = 7
"""Below this a matrix product may round equal documents differently."""


def is_due(adapter: Adapter | None, n_documents: int) -> bool:
    """Whether a corpus of this size wants an adapter, or has outgrown the one it has."""
    fitted_on = 0 if adapter is None else adapter.fitted_on
    return n_documents >= max(LEAST_DOCUMENTS, _OUTGROWN * fitted_on)


class AdaptedRetriever:
    """Documents that the plain vectors find, scored in the adapted space, in [-1, 1]."""

    name = "adapted"

    def __init__(self, encoder: Encoder, index: VectorSearch, adapter: Adapter) -> None:
        self._index = index
        self._adapter = adapter
        self._plain = DenseRetriever(encoder, index)
        # one match asks twice for the same query, once to retrieve and once to score; the cache
        # knows nothing of this object, which could not be freed by itself otherwise
        self._vector_of = lru_cache(maxsize=8)(
            partial(_query_vector, encoder, adapter, self._plain.vector_of)
        )
        # and for many documents again and again, each of which is a product of a vector and a map
        self._known: Callable[[Query], dict[str, float]] = lru_cache(maxsize=8)(lambda query: {})

    def retrieve(
        self, query: Query, *, k: int, allowed: Collection[str] | None = None
    ) -> dict[str, float]:
        """The ``k`` nearest by the plain vectors, with adapted scores; see ``Retriever``."""
        ids = list(self._plain.retrieve(query, k=k, allowed=allowed))
        return top(dict(zip(ids, self.score(query, ids).tolist(), strict=True)), k=k)

    def score(self, query: Query, document_ids: Sequence[str]) -> FloatArray:
        """Adapted cosines of the named documents; see ``Retriever``."""
        known = self._known(query)
        if new := [i for i in document_ids if i not in known]:
            cosines = (self._adapted(new) * self._vector_of(query)).sum(axis=1)
            known.update(zip(new, np.round(cosines, _DECIMALS).tolist(), strict=True))
        return np.array([known[i] for i in document_ids], dtype=np.float32)

    def place(self, query: Query) -> FloatArray:
        """(dim,) adapted unit vector of the query; see ``Space``."""
        vector: FloatArray = self._vector_of(query)[0]
        return vector

    def places(self, document_ids: Sequence[str]) -> FloatArray:
        """(len(document_ids), dim) adapted unit vectors; see ``Space``."""
        return np.asarray(self._adapted(document_ids), dtype=np.float32)

    def _adapted(self, document_ids: Sequence[str]) -> NDArray[np.float64]:
        for document_id in document_ids:
            if document_id not in self._index:
                raise UnknownDocument(document_id)
        return self._adapter.adapted(self._index.vectors(document_ids))


def _query_vector(
    encoder: Encoder, adapter: Adapter, title_of: Callable[[Query], FloatArray], query: Query
) -> FloatArray:
    beginning = clean(f"{query.title}\n{query.text}")[:BEGINNING]
    vectors = [title_of(query), encode_long(encoder, [beginning], role=Role.QUERY)]
    mean = np.asarray(np.mean(vectors, axis=0), dtype=np.float32)
    return np.asarray(adapter.adapted(mean), dtype=np.float32)
