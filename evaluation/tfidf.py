"""A TF-IDF baseline by scikit-learn, independent of the pipeline's own lexical retriever."""

from collections.abc import Collection, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from matcher.text import fold
from matcher.types import Document, Query


class TfidfSystem:
    """Character 1- to 3-grams, damped term frequency, cosine; title and text together."""

    name = "tfidf"

    def __init__(self, documents: Sequence[Document]) -> None:
        ordered = sorted(documents, key=lambda document: document.id)
        self._ids = [document.id for document in ordered]
        self._vectorizer = TfidfVectorizer(
            analyzer="char",
            ngram_range=(1, 3),
            sublinear_tf=True,
            lowercase=False,
            dtype=np.float32,
        )
        self._vectors = self._vectorizer.fit_transform([_words(d) for d in ordered])

    def retrieve(
        self, query: Query, *, k: int, allowed: Collection[str] | None = None
    ) -> dict[str, float]:
        """Cosines in [0, 1], best first, ties by id."""
        vector = self._vectorizer.transform([_words(query)])
        scores = (self._vectors @ vector.T).toarray().ravel()
        rows = np.arange(len(self._ids))
        if allowed is not None:
            within = frozenset(allowed)
            rows = np.array([row for row, i in enumerate(self._ids) if i in within], dtype=np.intp)
        # rows lie in id order, so a stable sort breaks ties by id
        best = rows[np.argsort(-scores[rows], kind="stable")][:k]
        return {self._ids[row]: float(scores[row]) for row in best}


def _words(text: Document | Query) -> str:
    return fold(f"{text.title}\n{text.text}")
