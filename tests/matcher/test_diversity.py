"""Variety: each repetition of an organisation costs a share of the gain."""

from hypothesis import given
from hypothesis import strategies as st

from matcher.diversity import varied
from matcher.run import ranking

ONE_BIG = {"a": "big", "b": "big", "c": "big"}


def test_each_better_document_of_the_same_organisation_costs_a_share():
    left = varied({"a": 4.0, "b": 3.0, "c": 2.0, "d": 1.0}, ONE_BIG | {"d": "small"}, repeat=0.5)

    assert left == {"a": 4.0, "b": 1.5, "c": 0.5, "d": 1.0}


def test_a_second_organisation_comes_before_the_third_of_the_first():
    gains = {"a": 2.0, "b": 1.99, "c": 1.98, "d": 1.9}

    left = varied(gains, ONE_BIG | {"d": "small"}, repeat=0.95)

    assert ranking(left) == ["a", "d", "b", "c"]


def test_documents_of_no_known_organisation_are_left_as_they_are():
    gains = {"a": 2.0, "b": 1.5, "c": 1.5}

    assert varied(gains, {}, repeat=0.5) == gains


def test_equal_documents_of_one_organisation_keep_the_order_of_their_ids():
    left = varied({"b": 1.0, "c": 1.0, "a": 1.0}, ONE_BIG, repeat=0.9)

    assert ranking(left) == ["a", "b", "c"]


@given(
    gains=st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.floats(0, 7), max_size=12),
    repeat=st.floats(0.01, 1.0),
)
def test_an_organisation_s_own_order_never_changes_and_its_best_loses_nothing(gains, repeat):
    owners = {i: i[0] for i in gains}

    left = varied(gains, owners, repeat=repeat)

    for owner in set(owners.values()):
        own = {i: g for i, g in gains.items() if owners[i] == owner}
        after = [left[i] for i in ranking(own)]
        assert after == sorted(after, reverse=True)
        assert after[0] == round(max(own.values()), 9)
