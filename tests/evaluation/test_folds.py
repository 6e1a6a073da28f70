import pytest

from evaluation.errors import UnusableFolds
from evaluation.folds import grouped_folds

IDS = [f"q{n:02}" for n in range(23)]
GROUPS = {"q00": "a", "q07": "a", "q20": "a", "q03": "b", "q04": "b"}


def test_every_query_is_in_one_fold_and_copies_are_in_the_same():
    folds = grouped_folds(IDS, GROUPS, n=4)

    fold_of = {query_id: number for number, fold in enumerate(folds) for query_id in fold}
    assert sorted(query_id for fold in folds for query_id in fold) == IDS
    assert len({fold_of[q] for q in ("q00", "q07", "q20")}) == 1
    assert fold_of["q03"] == fold_of["q04"]


@pytest.mark.parametrize("n", [2, 4, 5, 20])
def test_folds_are_of_about_equal_size(n):
    sizes = [len(fold) for fold in grouped_folds(IDS, GROUPS, n=n, seed=n)]

    assert len(sizes) == n
    assert max(sizes) - min(sizes) <= (2 if n == 20 else 1)


def test_one_large_group_does_not_unbalance_the_other_folds():
    groups = dict.fromkeys(IDS[:10], "large")

    sizes = sorted(len(fold) for fold in grouped_folds(IDS, groups, n=3))

    assert sizes == [6, 7, 10]


def test_folds_depend_on_the_seed_and_not_on_the_order():
    backwards = grouped_folds(reversed(IDS), GROUPS, n=4)

    assert grouped_folds(IDS, GROUPS, n=4) == backwards
    assert grouped_folds(IDS, GROUPS, n=4, seed=1) != backwards


@pytest.mark.parametrize("n", [1, 0, 4])
def test_folds_that_cannot_be_filled_are_refused(n):
    with pytest.raises(UnusableFolds, match=f"between 2 and 3, .* not {n}") as caught:
        grouped_folds(["a", "b", "c", "d"], {"c": "x", "d": "x"}, n=n)

    assert (caught.value.folds, caught.value.most) == (n, 3)


def test_a_single_group_cannot_be_parted():
    with pytest.raises(UnusableFolds, match="only 1 groups of queries"):
        grouped_folds(["a", "b"], {"a": "x", "b": "x"}, n=2)
