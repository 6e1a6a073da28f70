import math

import numpy as np
import pytest

from evaluation.calibration import reliability


def test_error_and_bins_agree_with_a_hand_count():
    measured = reliability([0.1, 0.2, 0.6, 0.8], [False, True, True, True], bins=2)

    low, high = measured.bins
    assert (low.low, low.high, low.predicted, low.observed, low.n) == pytest.approx(
        (0.1, 0.2, 0.15, 0.5, 2)
    )
    assert (high.low, high.high, high.predicted, high.observed, high.n) == pytest.approx(
        (0.6, 0.8, 0.7, 1.0, 2)
    )
    assert measured.error == pytest.approx((2 * 0.35 + 2 * 0.3) / 4)
    assert measured.n == 4


def test_bins_hold_about_equal_counts_of_distinct_predictions():
    rng = np.random.default_rng(1)
    p = rng.beta(0.5, 4, 1003)

    measured = reliability(p, rng.random(1003) < p)

    assert len(measured.bins) == 10
    assert {one.n for one in measured.bins} <= {100, 101}


def test_equal_predictions_are_never_parted():
    p = [0.1] * 7 + [0.5, 0.9, 0.95]
    outcomes = [True] * 3 + [False] * 4 + [True] * 3
    order = np.random.default_rng(2).permutation(10)

    measured = reliability(p, outcomes, bins=5)
    shuffled = reliability([p[i] for i in order], [outcomes[i] for i in order], bins=5)

    assert [(one.low, one.high, one.n) for one in measured.bins] == [
        (0.1, 0.1, 7),
        (0.5, 0.5, 1),
        (0.9, 0.95, 2),
    ]
    assert shuffled.bins == measured.bins
    assert shuffled.error == pytest.approx(measured.error)


def test_a_block_of_ties_goes_to_the_bin_of_its_middle():
    measured = reliability([0.1, 0.2, 0.3, *[0.5] * 6, 0.9], [True] * 10, bins=2)

    assert [(one.low, one.high) for one in measured.bins] == [(0.1, 0.3), (0.5, 0.9)]


def test_one_prediction_for_all_makes_one_bin():
    measured = reliability([0.25] * 8, [True] * 4 + [False] * 4)

    assert [one.n for one in measured.bins] == [8]
    assert measured.error == pytest.approx(0.25)


def test_outcomes_of_one_kind_are_measured_like_any_other():
    assert reliability([0.0, 0.0], [False, False]).error == 0.0
    assert reliability([0.2, 0.4], [False, False]).error == pytest.approx(0.3)


def test_perfect_probabilities_show_what_chance_gives_and_wrong_ones_far_more():
    rng = np.random.default_rng(3)
    p = rng.uniform(0.05, 0.6, 3000)
    outcomes = rng.random(3000) < p

    right = reliability(p, outcomes)
    wrong = reliability(np.clip(p + 0.15, 0, 1), outcomes)

    assert right.error == pytest.approx(right.by_chance, abs=0.012)
    assert right.low <= 0.005
    assert wrong.low > 3 * wrong.by_chance
    assert wrong.low < wrong.error < wrong.high
    assert wrong.error == pytest.approx(0.15, abs=0.02)


def test_copies_in_one_group_add_no_certainty():
    rng = np.random.default_rng(4)
    p = rng.uniform(0.2, 0.5, 60)
    outcomes = rng.random(60) < p + 0.3
    copies, alike = np.repeat(p, 6), np.repeat(outcomes, 6)

    grouped = reliability(copies, alike, [f"g{i // 6}" for i in range(360)])
    loose = reliability(copies, alike)

    assert grouped.error == loose.error
    assert loose.high - loose.low < 0.7 * (grouped.high - grouped.low)


def test_one_group_shows_no_spread():
    measured = reliability([0.2, 0.8], [True, True], ["g", "g"])

    assert measured.low == measured.high == pytest.approx(measured.error)


def test_the_same_predictions_and_seed_give_the_same_figures():
    rng = np.random.default_rng(5)
    p = rng.random(200)
    outcomes = rng.random(200) < p

    assert reliability(p, outcomes) == reliability(p, outcomes)
    assert reliability(p, outcomes).high != reliability(p, outcomes, seed=1).high


def test_no_predictions_give_no_figures():
    measured = reliability([], [])

    assert (measured.n, measured.bins) == (0, ())
    assert math.isnan(measured.error)
    assert math.isnan(measured.by_chance)


@pytest.mark.parametrize(
    ("p", "outcomes", "bins", "problem"),
    [
        ([0.1, math.nan], [True, True], 2, "without NaN"),
        ([0.1, 1.2], [True, True], 2, r"lie in \[0, 1\]"),
        ([0.1], [True, True], 2, "differ"),
        ([0.1], [True], 0, "at least 1, not 0"),
    ],
)
def test_what_is_no_probability_is_refused(p, outcomes, bins, problem):
    with pytest.raises(ValueError, match=problem):
        reliability(p, outcomes, bins=bins)
