"""A tagger that learns from labels, or from the corrections of an editor."""

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from embeddings.encoder import FloatArray
from matcher.errors import MatcherError
from matcher.tag import ChainTagger
from matcher.tag_types import NONE, Learned, Lesson
from matcher.text import has_words
from matcher.types import Document

_INVERSE_PENALTY = 0.1
_SHARES = (0.25, 0.5, 0.75)
_FOLDS = 5
_REPEATS = 3
# twice what the shipped definitions get wrong; higher, and corrections alone would mislead
_MOST_WRONG = 0.25
_LEAST_RIGHT = 0.25
_STANDARD_ERRORS = 1.64
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
    tagger: ChainTagger,
    documents: Sequence[Document],
    labels: Sequence[str],
    *,
    groups: Sequence[int] | None = None,
) -> ChainTagger:
    """A tagger that adds what the labels teach, if they teach anything; see ``lesson_from``.

    What the tagger had learned before is replaced; the tagger given is left as it is.
    """
    return tagger.with_learned(lesson_from(tagger, documents, labels, groups=groups).learned)


def lesson_from(
    tagger: ChainTagger,
    documents: Sequence[Document],
    labels: Sequence[str],
    *,
    groups: Sequence[int] | None = None,
) -> Lesson:
    """What the labels teach beside the definitions, if that is more than chance.

    Multinomial logistic regression, rare chains weighted up, on the definitions' scores and
    the text's vector. How much it says beside the definitions is the share with which most
    labelled texts are told right out of fold (5 folds, 3 times). It is learned only where
    that beats the definitions alone at the 95 % level (one-sided, McNemar's comparison of
    the two on the same texts): good definitions stay alone, thin ones are outvoted.

    People speak up where the tagger is wrong. Texts that the definitions get wrong
    therefore weigh a quarter of all at most, in the model and in the comparison, and where
    they are more than three in four, nothing is learned.

    Args:
        tagger: Is left as it is; what it had learned does not count.
        documents: The labelled texts; those without a word teach nothing.
        labels: A chain id or ``none`` for each document.
        groups: A number for each document; near-copies share one, and so a fold. By default
            no two documents do.

    Raises:
        UnknownChain: a label is neither.
        ValueError: there are not as many labels or groups as documents.
    """
    groups = range(len(documents)) if groups is None else groups
    if not len(documents) == len(labels) == len(groups):
        raise ValueError(f"{len(documents)} documents, {len(labels)} labels, {len(groups)} groups")
    ids = [chain.id for chain in tagger.chains]
    for label in labels:
        if label not in (*ids, NONE):
            raise UnknownChain(label, ids)
    speaking = [i for i, d in enumerate(documents) if has_words(d.title + d.text)]
    texts = [documents[i] for i in speaking]
    classes = np.array([(*ids, NONE).index(labels[i]) for i in speaking], np.intp)
    nothing = Lesson(learned=None, labels=len(texts), taught=None, untaught=None)
    folds = _folds(classes, np.array([groups[i] for i in speaking], np.intp))
    if not folds:
        return nothing
    features = tagger.features(texts)
    defined = np.asarray(softmax(tagger.scores(texts), axis=1), np.float32)
    untaught = (defined.argmax(axis=1) == classes).astype(np.float64)
    if untaught.mean() < _LEAST_RIGHT:
        return nothing
    weights = _weights(untaught)
    taught = _right_out_of_fold(features, defined, classes, weights, folds)
    gains = (taught - untaught) * weights
    best = int(np.argmax(gains.sum(axis=1)))
    worth = gains[best].sum() > _STANDARD_ERRORS * np.sqrt((gains[best] ** 2).sum())
    everything = _fitted(features, classes, defined.shape[1], weights)
    return Lesson(
        learned=replace(everything, share=_SHARES[best]) if worth else None,
        labels=len(texts),
        taught=float(np.average(taught[best], weights=weights)),
        untaught=float(np.average(untaught, weights=weights)),
    )


_Fold = tuple[NDArray[np.intp], NDArray[np.intp]]


def _folds(classes: NDArray[np.intp], groups: NDArray[np.intp]) -> list[_Fold]:
    """(learn, check) places, each text checked once in every repeat; none for too few texts."""
    commonest = int(np.bincount(classes).max(initial=0))
    folds = min(_FOLDS, commonest, len(np.unique(groups)))
    if folds < 2 or len(np.unique(classes)) < 2:
        return []
    with warnings.catch_warnings():
        # a chain rarer than the folds is missing from some, and told wrong there
        warnings.simplefilter("ignore", UserWarning)
        return [
            fold
            for repeat in range(_REPEATS)
            for fold in StratifiedGroupKFold(folds, shuffle=True, random_state=repeat).split(
                classes, classes, groups
            )
        ]


def _weights(untaught: NDArray[np.float64]) -> NDArray[np.float64]:
    """(texts,) weights of mean 1, those that the definitions get wrong at most a quarter of all."""
    wrong = 1 - untaught
    most = _MOST_WRONG / (1 - _MOST_WRONG) * untaught.sum()
    weights = np.where(wrong > 0, min(1.0, most / max(wrong.sum(), 1.0)), 1.0)
    return np.asarray(weights / weights.mean())


def _right_out_of_fold(
    features: FloatArray,
    defined: FloatArray,
    classes: NDArray[np.intp],
    weights: NDArray[np.float64],
    folds: Sequence[_Fold],
) -> NDArray[np.float64]:
    """(shares, texts) how often each text was told right by what the others taught, in [0, 1]."""
    right = np.zeros((len(_SHARES), len(classes)))
    for learn, check in folds:
        learned = _fitted(features[learn], classes[learn], defined.shape[1], weights[learn])
        for row, share in enumerate(_SHARES):
            mixed = share * _told(learned, features[check]) + (1 - share) * defined[check]
            right[row, check] += (mixed.argmax(axis=1) == classes[check]) / _REPEATS
    return right


def _fitted(
    features: FloatArray, classes: NDArray[np.intp], n_classes: int, weights: NDArray[np.float64]
) -> Learned:
    """A model over all classes; of those that it never saw it is sure that they are wrong."""
    coefficients: FloatArray = np.zeros((n_classes, features.shape[1]), np.float32)
    intercepts: FloatArray = np.full(n_classes, _NEVER, np.float32)
    seen = np.unique(classes)
    if len(seen) > 1:
        model = LogisticRegression(C=_INVERSE_PENALTY, class_weight="balanced", max_iter=2_000)
        model.fit(features, classes, sample_weight=weights)
        slopes, biases = model.coef_, model.intercept_
        if len(seen) == 2:
            # with two classes scikit-learn keeps the logit of the second only
            slopes, biases = np.vstack([0 * slopes, slopes]), np.append(0.0, biases)
        coefficients[seen], intercepts[seen] = slopes, biases
    else:
        intercepts[seen] = 0
    return Learned(coefficients, intercepts, share=1.0)


def _told(learned: Learned, features: FloatArray) -> FloatArray:
    """(texts, classes) probabilities of the model alone."""
    logits = features @ learned.coefficients.T + learned.intercepts
    return np.asarray(softmax(logits, axis=1), np.float32)
