"""Dense retrieval: one vector per document, compared with the query's title.

A need's title states the problem; its text is half boilerplate. On the labelled needs
the title alone ranks as well as any mixture with the text and costs a tenth of the
time. A document's vector is the unit mean of its title's and its whole text's, so that
a document known by its title only is not at a disadvantage.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache, partial

import numpy as np

from embeddings.chunk import encode_long
from embeddings.encoder import Encoder, Role
from embeddings.index import VectorSearch
from matcher.errors import UnknownDocument
from matcher.retrieve import FloatArray
from matcher.text import clean, has_words, whole
from matcher.types import Document, Query


class DenseRetriever:
    """Nearest documents by cosine in an embedding space; scores in [-1, 1]."""

    name = "dense"

    def __init__(self, encoder: Encoder, index: VectorSearch) -> None:
        self._index = index
        # one match asks several times for the same query
        self.vector_of = lru_cache(maxsize=8)(partial(query_vector, encoder))
        """A query to its (1, dim) float32 unit vector; see ``query_vector``."""

    def retrieve(
        self, query: Query, *, k: int, allowed: Collection[str] | None = None
    ) -> dict[str, float]:
        """The ``k`` nearest allowed documents; see ``Retriever``."""
        hits = self._index.search(self.vector_of(query), k=k, allowed=allowed)[0]
        return {hit.id: hit.score for hit in hits}

    def score(self, query: Query, document_ids: Sequence[str]) -> FloatArray:
        """Cosines of the named documents; see ``Retriever``."""
        vectors = self.places(document_ids).astype(np.float64)
        # row by row in double precision, as the index does it: a matrix product rounds a
        # row differently depending on its neighbours, and equal documents would not tie
        cosines = (vectors * self.place(query)).sum(axis=1)
        return np.asarray(cosines, dtype=np.float32)

    def place(self, query: Query) -> FloatArray:
        """(dim,) unit vector of the query; see ``Space``."""
        vector: FloatArray = self.vector_of(query)[0]
        return vector

    def places(self, document_ids: Sequence[str]) -> FloatArray:
        """(len(document_ids), dim) float32 unit vectors; see ``Space``."""
        for document_id in document_ids:
            if document_id not in self._index:
                raise UnknownDocument(document_id)
        return self._index.vectors(document_ids)


def query_vector(encoder: Encoder, query: Query) -> FloatArray:
    """(1, dim) float32 unit vector of the query's title, or of its text where it has none."""
    wording = query.title if has_words(query.title) else query.text
    return encode_long(encoder, [clean(wording)], role=Role.QUERY)


def document_vectors(encoder: Encoder, documents: Sequence[Document]) -> FloatArray:
    """(len(documents), dim) float32 unit vectors, long texts read whole in chunks.

    A document without a title or without a text is represented by the other, and one
    without either by a question mark, which is near to nothing.
    """
    titles = [clean(d.title) or clean(d.text) or "?" for d in documents]
    texts = [whole(d) or "?" for d in documents]
    mean = encode_long(encoder, titles, role=Role.DOCUMENT) + encode_long(
        encoder, texts, role=Role.DOCUMENT
    )
    return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), dtype=np.float32)
