"""A tagger that learns from labels, or from the corrections of an editor."""

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from embeddings.encoder import FloatArray
from matcher.errors import MatcherError
from matcher.tag import ChainTagger, Learned
from matcher.types import Document

NONE = "none"
"""The label of a text that belongs to no chain."""

_INVERSE_PENALTY = 0.03
_MOST_SHARE = 0.3
_LABELS_FOR_HALF = 50
_NEVER = -1e4


class UnknownChain(MatcherError):
    """A label that is neither a chain of the tagger nor ``none``."""

    def __init__(self, label: str, known: Sequence[str]) -> None:
        listed = ", ".join((*known, NONE))
        super().__init__(
            f"没有产业链 {label!r}，可用：{listed}。 / no chain {label!r}; use one of: {listed}"
        )
        self.label = label
        self.known = tuple(known)


def train_tagger(
    tagger: ChainTagger, documents: Sequence[Document], labels: Sequence[str]
) -> ChainTagger:
    """A tagger that adds what the labels teach to what the definitions say.

    Multinomial logistic regression, rare chains weighted up, on the definitions' scores and
    the text's vector. Its share in the answer grows with the number of labels towards 0.3,
    so that a handful cannot outvote the definitions. What the tagger had learned before is
    replaced. Labels that are all alike teach nothing, and the definitions stay alone.

    Args:
        tagger: Is left as it is.
        documents: The labelled texts.
        labels: A chain id or ``none`` for each document.

    Raises:
        UnknownChain: a label is neither.
        ValueError: there are not as many labels as documents.
    """
    if len(documents) != len(labels):
        raise ValueError(f"{len(documents)} documents but {len(labels)} labels")
    ids = [chain.id for chain in tagger.chains]
    for label in labels:
        if label not in (*ids, NONE):
            raise UnknownChain(label, ids)
    classes = np.array([(*ids, NONE).index(label) for label in labels])
    if len(set(classes.tolist())) < 2:
        return tagger.with_learned(None)
    features = tagger.features(documents)
    model = LogisticRegression(C=_INVERSE_PENALTY, class_weight="balanced", max_iter=2_000)
    model.fit(features, classes)
    return tagger.with_learned(_learned(model, len(ids) + 1, len(labels)))


def _learned(model: LogisticRegression, n_classes: int, n_labels: int) -> Learned:
    weights, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        # with two classes scikit-learn keeps the logit of the second only
        weights, intercepts = np.vstack([0 * weights, weights]), np.append(0.0, intercepts)
    coefficients: FloatArray = np.zeros((n_classes, weights.shape[1]), np.float32)
    coefficients[model.classes_] = weights
    all_intercepts: FloatArray = np.full(n_classes, _NEVER, np.float32)
    all_intercepts[model.classes_] = intercepts
    share = _MOST_SHARE * n_labels / (n_labels + _LABELS_FOR_HALF)
    return Learned(coefficients, all_intercepts, share)
