"""Learns what each judged pair says of pairs like it.

Multinomial logistic regression with a kernel. The log-odds of the four levels are the
ranker's, plus a smooth function of the pair whose prior is a Gaussian process with mean 0:
like pairs are expected to move alike, and levels next to each other to move together. What
is found is the mode of its posterior. scikit-learn's Gaussian process classifier takes
neither a starting point for the odds nor half levels nor weights, and fits every level on
its own; so SciPy minimises the loss here.

Source: C. E. Rasmussen and C. K. I. Williams, Gaussian Processes for Machine Learning,
2006, section 3.5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import minimize

from matcher.judgement import Judgement
from matcher.measured_pairs import MeasuredPairs, Measuring, measure_pairs
from matcher.precedents import Pairs, Precedent, Precedents, Scale, likeness, log_chances
from matcher.ranker import Ranker
from matcher.retrieve import FloatArray
from matcher.signals import Values
from matcher.text import has_words
from matcher.types import Query

MOST: Final = 6_000
"""Precedents that are kept, the last ones given: learning from them takes 0.5 GB for a while."""

ORDER: Final = np.array([-1.5, -0.5, 0.5, 1.5])
LEVELS_TOGETHER: Final = np.outer(ORDER, ORDER) + np.eye(4) / 2
"""Covariance of the four log-odds: mostly up or down as a whole, some each by itself."""

_JITTER = 0.005
"""Added to the diagonal: two pairs that are alike in everything may still differ a little."""


def fit_precedents(
    judged: Sequence[Precedent],
    grades: Values,
    *,
    queries: FloatArray,
    documents: FloatArray,
    values: Values,
    weights: ArrayLike | None = None,
) -> Precedents:
    """What judged pairs say beyond the ranker that graded them.

    A pair that the ranker expected to be judged as it was says nothing; what surprised it
    moves everything alike, and a single judgement moves the very pair most. Costs n² memory
    and n³ time: 4,000 pairs take some seconds, and of more than ``MOST`` the last are used.

    Args:
        judged: n pairs, at least one; a pair may occur more than once. The oldest first.
        grades: (n, 3) what the ranker says of them.
        queries: (n, dim) float32 places of their queries.
        documents: (n, dim) float32 places of their documents.
        values: (n, n_signals) their signals; NaN is unknown.
        weights: (n,) how much each counts; all alike when None.
    """
    kept = slice(-MOST, None)
    scale = Scale.of(values[kept])
    pairs = Pairs(queries[kept], documents[kept], scale.signals(values[kept]))
    levels = np.array([one.level for one in judged[kept]])
    counts = np.ones(len(levels)) if weights is None else np.asarray(weights, float)[kept]
    # half a level is half a vote for each of its neighbours
    votes = np.maximum(0.0, 1.0 - np.abs(levels[:, None] - np.arange(1, 5)))
    pull = _mode(likeness(pairs, pairs), log_chances(grades[kept]), votes, counts)
    return Precedents(tuple(judged[kept]), pairs, scale, pull)


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """Precedents, and the measured pairs that they rest on, in the same order."""

    precedents: Precedents
    measured: MeasuredPairs


def learn_precedents(
    pipeline: Measuring,
    ranker: Ranker,
    judgements: Sequence[Judgement],
    queries: Mapping[str, Query],
    *,
    known: MeasuredPairs | None = None,
) -> Learnt | None:
    """Precedents for a pipeline from what brokers decided; None when there is nothing to learn.

    Args:
        pipeline: Over the documents that were judged.
        ranker: The one whose levels the precedents will move.
        judgements: One a pair; a query without words, or unknown, is passed over.
        queries: By id.
        known: Pairs that need not be measured again; see ``measure_pairs``.

    Raises:
        UnknownDocument: a judged document is not indexed.
    """
    usable = [one for one in judgements if _has_words(queries.get(one.query_id))][-MOST:]
    space = pipeline.space
    if space is None or not usable:
        return None
    ids = [(one.query_id, one.document_id) for one in usable]
    measured = measure_pairs(pipeline, space, ids, queries, known=known)
    precedents = fit_precedents(
        [Precedent(one.query_id, one.document_id, one.level) for one in usable],
        ranker.grade(measured.values),
        queries=measured.queries,
        documents=measured.documents,
        values=measured.values,
        weights=[one.weight for one in usable],
    )
    return Learnt(precedents, measured)


def _has_words(query: Query | None) -> bool:
    return query is not None and has_words(query.title + query.text)


def _mode(
    alike: FloatArray, before: NDArray[np.float64], votes: Values, counts: Values
) -> FloatArray:
    """(n, 4) pull of each pair, by L-BFGS in coordinates in which the prior is a sphere."""
    alike[np.diag_indices_from(alike)] += _JITTER
    root = cholesky(alike, lower=True, overwrite_a=True, check_finite=False)
    across = np.linalg.cholesky(LEVELS_TOGETHER).T

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        free = point.reshape(before.shape)
        odds = before + (root @ free.astype(np.float32)) @ across
        odds -= odds.max(axis=1, keepdims=True)
        chances = np.exp(odds)
        total = chances.sum(axis=1, keepdims=True)
        surprise = counts @ (votes * (np.log(total) - odds)).sum(axis=1)
        wrong = (counts[:, None] * (chances / total - votes)) @ across.T
        towards = root.T @ wrong.astype(np.float32) + free
        return float(surprise + (free**2).sum() / 2), np.asarray(towards, np.float64).ravel()

    found = minimize(
        loss,
        np.zeros(before.size),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 100, "ftol": 1e-7},
    )
    free = found.x.reshape(before.shape)
    return np.asarray(solve_triangular(root, free, lower=True, trans="T") @ across, np.float32)
