import math
from itertools import product

import numpy as np
import pytest
from scipy.stats import ttest_rel

from evaluation.randomization import PairedTest, randomization_test


def of(numbers) -> dict[str, float]:
    return {f"q{position:03}": float(number) for position, number in enumerate(numbers)}


def zero(values):
    return dict.fromkeys(values, 0.0)


def test_few_queries_are_tested_exactly():
    numbers = [0.3, 0.1, -0.2, 0.4, 0.25, 0.05]
    flips = [sum(np.multiply(signs, numbers)) for signs in product([-1, 1], repeat=6)]
    as_far = sum(abs(total) >= sum(numbers) - 1e-12 for total in flips)

    tested = randomization_test(of(numbers), zero(of(numbers)))

    assert tested.difference == pytest.approx(0.15)
    assert tested.p == pytest.approx(as_far / 64)
    assert (tested.permutations, tested.exact) == (64, True)


def test_many_queries_are_tested_by_draws_that_agree_with_other_tests():
    rng = np.random.default_rng(3)
    second = rng.random(80)
    first = second + rng.normal(0.02, 0.1, 80)

    tested = randomization_test(of(first), of(second))

    signs = np.random.default_rng(4).choice([-1, 1], size=(20_000, 80))
    drawn = np.abs(signs @ (first - second)) >= abs((first - second).sum())
    assert not tested.exact
    assert tested.p == pytest.approx(drawn.mean(), abs=0.012)
    assert tested.p == pytest.approx(ttest_rel(first, second).pvalue, abs=0.02)


def test_copies_in_one_group_do_not_count_as_evidence():
    numbers = [0.1, 0.12, 0.08, 0.11, 0.09]
    once = of(numbers)
    copies = of(np.repeat(numbers, 4))
    groups = {query_id: f"g{position // 4}" for position, query_id in enumerate(copies)}

    grouped = randomization_test(copies, zero(copies), groups)
    loose = randomization_test(copies, zero(copies))

    assert grouped.p == randomization_test(once, zero(once)).p == pytest.approx(2 / 32)
    assert grouped.difference == pytest.approx(0.1)
    assert loose.p < 0.001


def test_the_sides_can_be_exchanged():
    first, second = of([0.3, 0.1, 0.4, 0.6]), of([0.2, 0.2, 0.1, 0.2])

    one, other = randomization_test(first, second), randomization_test(second, first)

    assert one.p == other.p
    assert one.difference == -other.difference


def test_p_is_never_zero_and_the_seed_decides_what_is_drawn():
    rng = np.random.default_rng(5)
    clear, unclear = of(rng.normal(0.5, 0.01, 60)), of(rng.normal(0.01, 0.1, 60))

    assert randomization_test(clear, zero(clear)).p == pytest.approx(2 / 20_001)
    same = [randomization_test(unclear, zero(unclear), seed=seed).p for seed in (1, 1, 2)]
    assert same[0] == same[1] != same[2]


def test_under_no_difference_p_is_small_as_often_as_it_promises():
    rng = np.random.default_rng(6)
    small = 0
    for _ in range(400):
        values = of(rng.normal(0, 0.1, 10))
        small += randomization_test(values, zero(values)).p <= 0.1

    assert 0.06 <= small / 400 <= 0.14


@pytest.mark.parametrize("numbers", [[0.4], [0.0] * 30, [0.1, -0.1]])
def test_one_query_and_no_difference_prove_nothing(numbers):
    assert randomization_test(of(numbers), zero(of(numbers))).p == 1.0


def test_no_queries_give_no_figures():
    tested = randomization_test({}, {})

    assert (math.isnan(tested.difference), math.isnan(tested.p)) == (True, True)
    assert isinstance(tested, PairedTest)


def test_other_queries_and_nan_are_refused():
    with pytest.raises(ValueError, match="same queries"):
        randomization_test({"a": 1.0}, {"b": 1.0})
    with pytest.raises(ValueError, match="cannot use NaN"):
        randomization_test({"a": math.nan}, {"a": 1.0})
