"""How near level probabilities come to the levels given, in one figure that needs no bins.

The ranked probability score is the mean squared distance of P(level ≥ k) from what was
found, over the three cuts; lower is better, 0 is perfect. It rewards both being right and
knowing how sure one is, and it is defined for a need with a single judged match, where
nDCG is not.

Source: E. S. Epstein, A Scoring System for Probability Forecasts of Ranked Categories, 1969.
"""

from statistics import fmean

import numpy as np

from evaluation.dataset import Dataset
from evaluation.grader import CUTS, Grader, grades_of


def ranked_probability_score(grader: Grader, dataset: Dataset) -> dict[str, float]:
    """Judged query id to the mean score of its judged documents, in [0, 1].

    Raises:
        UnusableGrades: the grader's answers are no probabilities.
    """
    queries = {query.id: query for query in dataset.queries}
    scores = {}
    for query_id, pool in dataset.qrels.items():
        grades = grades_of(grader, queries[query_id], list(pool))
        levels = np.array([score + 1 for score in pool.values()])
        reached = levels[:, None] >= np.array(CUTS)
        scores[query_id] = fmean(((grades - reached) ** 2).mean(axis=1).tolist())
    return scores
