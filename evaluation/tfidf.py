"""A TF-IDF baseline by scikit-learn, independent of the pipeline's own lexical retriever."""

from collections.abc import Collection, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from evaluation.systems import best_allowed
from matcher.text import fold
from matcher.types import Document, Query


class TfidfSystem:
    """Character 1- to 3-grams, damped term frequency, cosine; title and text together."""

    name = "tfidf"

    def __init__(self, documents: Sequence[Document]) -> None:
        ordered = sorted(documents, key=lambda document: document.id)
        self._ids = [document.id for document in ordered]
        texts = [_words(document) for document in ordered]
        self._vectorizer = TfidfVectorizer(
            analyzer="char",
            ngram_range=(1, 3),
            sublinear_tf=True,
            lowercase=False,
            dtype=np.float32,
        )
        # with nothing to count, fitting raises
        self._vectors = self._vectorizer.fit_transform(texts) if any(texts) else None

    def retrieve(
        self, query: Query, *, k: int, allowed: Collection[str] | None = None
    ) -> dict[str, float]:
        """Cosines in [0, 1], best first, ties by id."""
        if self._vectors is None:
            return {}
        vector = self._vectorizer.transform([_words(query)])
        scores = (self._vectors @ vector.T).toarray().ravel()
        return best_allowed(self._ids, scores, np.ones(len(scores), bool), k=k, allowed=allowed)


def _words(text: Document | Query) -> str:
    return fold(f"{text.title}\n{text.text}")
