import math

import numpy as np
import pytest

from evaluation import bootstrap
from evaluation.bootstrap import Estimate, estimate, paired_difference


def values_of(numbers) -> dict[str, float]:
    return {f"q{position:05}": float(number) for position, number in enumerate(numbers)}


def test_the_mean_lies_in_its_interval():
    measured = estimate(values_of([0.0, 0.2, 0.4, 0.6, 0.8]))

    assert measured.mean == pytest.approx(0.4)
    assert measured.n == 5
    assert 0.0 <= measured.low < 0.4 < measured.high <= 0.8


def test_the_interval_covers_the_true_mean_about_as_often_as_it_promises():
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(300):
        measured = estimate(values_of(rng.normal(0.5, 0.2, 50)))
        covered += measured.low <= 0.5 <= measured.high

    assert 0.90 <= covered / 300 <= 0.98


def test_the_interval_is_as_wide_as_the_normal_one_for_many_queries():
    numbers = np.random.default_rng(2).normal(0.5, 0.2, 4000)

    measured = estimate(values_of(numbers))

    width = 2 * 1.96 * numbers.std() / math.sqrt(len(numbers))
    assert measured.high - measured.low == pytest.approx(width, rel=0.08)


def test_copies_in_one_group_add_no_certainty():
    numbers = np.random.default_rng(3).random(30)
    once = estimate(values_of(numbers))
    copies = values_of(np.repeat(numbers, 4))
    groups = {query_id: f"g{position // 4}" for position, query_id in enumerate(copies)}

    grouped = estimate(copies, groups)
    loose = estimate(copies)

    assert (grouped.low, grouped.high) == pytest.approx((once.low, once.high))
    assert loose.high - loose.low < 0.7 * (grouped.high - grouped.low)


def test_a_query_without_a_group_is_its_own_even_beside_a_group_of_its_name():
    values = {"a": 0.0, "b": 1.0}

    assert estimate(values, {"a": "b"}) == estimate(values)
    assert estimate(values, {"a": "g", "b": "g"}) == Estimate(0.5, 0.5, 0.5, 2)


def test_the_same_values_and_seed_give_the_same_interval_in_any_order():
    values = values_of(np.random.default_rng(4).random(40))
    backwards = dict(reversed(values.items()))

    assert estimate(values) == estimate(backwards)
    assert estimate(values) != estimate(values, seed=9)


def test_many_queries_are_drawn_piece_by_piece(monkeypatch):
    values = values_of(np.random.default_rng(6).random(300))
    at_once = estimate(values)

    monkeypatch.setattr(bootstrap, "_DRAWS_AT_ONCE", 70_000)
    in_pieces = estimate(values)

    assert (in_pieces.low, in_pieces.high) == pytest.approx((at_once.low, at_once.high), abs=5e-3)


def test_no_queries_give_no_figures():
    measured = estimate({})

    assert measured.n == 0
    assert math.isnan(measured.mean)
    assert math.isnan(measured.low)
    assert math.isnan(measured.high)


def test_a_paired_difference_sees_what_two_intervals_hide():
    rng = np.random.default_rng(7)
    second = values_of(rng.random(40) * 0.5)
    first = {query_id: value + 0.05 + rng.normal(0, 0.01) for query_id, value in second.items()}

    apart = paired_difference(first, second)

    assert estimate(first).low < estimate(second).high
    assert apart.mean == pytest.approx(0.05, abs=0.01)
    assert 0.03 < apart.low < apart.high < 0.07


def test_a_paired_difference_needs_the_same_queries():
    with pytest.raises(ValueError, match="same queries"):
        paired_difference({"a": 1.0}, {"b": 1.0})
