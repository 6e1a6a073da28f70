"""Level probabilities are scored without bins."""

import numpy as np
import pytest

from evaluation.ranked_probability import ranked_probability_score
from tests.evaluation.toys import make_dataset


class Certain:
    """Says the same of every document."""

    name = "certain"

    def __init__(self, grades):
        self._grades = grades

    def grade(self, query, document_ids):
        return np.tile(self._grades, (len(document_ids), 1))


def test_the_score_is_the_mean_squared_distance_over_the_cuts():
    # levels 1, 2, 3, 4 are equally frequent, so each cut misses by hand-countable shares
    scores = ranked_probability_score(Certain([1.0, 1.0, 1.0]), make_dataset(needs=1))

    assert scores == {"n00": pytest.approx((0.25 + 0.5 + 0.75) / 3)}


def test_hedging_beats_certainty_where_nothing_is_known():
    dataset = make_dataset(needs=2)
    certain = ranked_probability_score(Certain([1.0, 0.0, 0.0]), dataset)
    hedged = ranked_probability_score(Certain([0.75, 0.5, 0.25]), dataset)

    assert hedged["n01"] < certain["n01"]
