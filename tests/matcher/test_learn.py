"""What is learned from judged pairs, and what a few of them cannot break."""

import numpy as np
import pytest

from matcher.errors import TooLittleToLearn
from matcher.learn import UNTRAINED, fit_ranker
from matcher.ranker import Ranker
from matcher.signals import NAMES

FUSED, DENSE = NAMES.index("fused"), NAMES.index("dense")


def judged(n: int, *, seed: int = 0, telling: int = FUSED) -> tuple[np.ndarray, np.ndarray]:
    """Pairs whose level follows one signal, with noise."""
    rng = np.random.default_rng(seed)
    values = np.full((n, len(NAMES)), np.nan)
    values[:, FUSED], values[:, DENSE] = rng.normal(size=n), rng.normal(size=n)
    truth = values[:, telling] + 0.5 * rng.normal(size=n)
    return values, 1 + np.digitize(truth, [-0.5, 0.5, 1.5])


def test_levels_are_calibrated_on_pairs_that_were_not_trained_on():
    ranker = fit_ranker(*judged(2000))
    values, levels = judged(2000, seed=1)
    grades = ranker.grade(values)
    for column, cut in enumerate((2, 3, 4)):
        likely = grades[:, column] > np.median(grades[:, column])
        for half in (likely, ~likely):
            assert grades[half, column].mean() == pytest.approx(
                (levels[half] >= cut).mean(), abs=0.05
            )


def test_a_signal_that_tells_is_learned_though_the_prior_knows_nothing_of_it():
    ranker = fit_ranker(*judged(2000, telling=DENSE))
    assert ranker.slopes["dense"] > ranker.slopes["fused"]


def test_ten_pairs_hardly_reorder_what_was_there():
    values, levels = judged(10, telling=DENSE)
    levels[:2] = 1, 4
    ranker = fit_ranker(values, levels)
    many, _ = judged(500, seed=2)
    before, after = UNTRAINED.contributions(many).sum(1), ranker.contributions(many).sum(1)
    assert np.corrcoef(before, after)[0, 1] > 0.85


def test_no_signal_ever_counts_against_a_candidate():
    values, levels = judged(1000)
    values[:, DENSE] = -values[:, FUSED] + 0.1 * np.random.default_rng(3).normal(size=1000)
    assert min(fit_ranker(values, levels).slopes.values()) >= 0


def test_a_signal_unknown_in_training_weighs_nothing():
    assert fit_ranker(*judged(200)).slopes["maturity"] == 0


def test_learning_goes_on_from_the_ranker_in_use():
    base = Ranker({"dense": 0.0}, {"dense": 1.0, "fused": 0.1}, (0.0, 1.0, 2.0))
    values, levels = judged(40, telling=DENSE)
    started, fresh = fit_ranker(values, levels, base=base), fit_ranker(values, levels)
    assert started.slopes["dense"] / started.slopes["fused"] > (
        fresh.slopes["dense"] / fresh.slopes["fused"]
    )


def test_a_pair_of_weight_nothing_teaches_nothing():
    values, levels = judged(300)
    wrong = np.vstack([values, values]), np.concatenate([levels, 5 - levels])
    weights = np.repeat([1.0, 0.0], 300)
    trusted = fit_ranker(*wrong, weights=weights)
    plain = fit_ranker(values, levels)
    assert trusted.cuts == pytest.approx(plain.cuts, abs=0.05)


def test_half_levels_lie_between_whole_ones():
    values, levels = judged(300)
    low, half, high = (
        fit_ranker(values, np.minimum(levels + plus, 4.0)).cuts[1] for plus in (0.0, 0.5, 1.0)
    )
    assert high < half < low


@pytest.mark.parametrize(("n", "level"), [(9, None), (50, 3), (0, None)])
def test_too_few_pairs_or_one_level_teach_nothing(n, level):
    values, levels = judged(n)
    if level:
        levels[:] = level
    with pytest.raises(TooLittleToLearn, match=" / "):
        fit_ranker(values, levels)
