"""A ranker's probabilities, and what it refuses to be read from."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from matcher.errors import BadRanker
from matcher.ranker import Ranker, expected_gain
from matcher.signals import NAMES

RANKER = Ranker({"fused": 0.5, "dense": 0.8}, {"fused": 2.0, "dense": 3.0}, (-1.0, 0.0, 2.0))


def values(**known: float) -> np.ndarray:
    row = np.full((1, len(NAMES)), np.nan)
    for name, value in known.items():
        row[0, NAMES.index(name)] = value
    return row


@given(arrays(np.float64, (5, len(NAMES)), elements=st.floats(-1e6, 1e6) | st.just(float("nan"))))
def test_probabilities_never_rise_from_one_level_to_the_next(signals):
    grades = RANKER.grade(signals)
    assert np.all((grades >= 0) & (grades <= 1))
    assert np.all(np.diff(grades, axis=1) <= 0)


def test_an_unknown_signal_neither_helps_nor_harms():
    assert RANKER.grade(values(fused=1.0)) == pytest.approx(
        RANKER.grade(values(fused=1.0, dense=0.8))
    )


def test_at_a_cut_the_level_is_as_likely_as_not():
    grades = RANKER.grade(values(fused=0.5))
    assert grades[0] == pytest.approx([1 / (1 + np.exp(-1)), 0.5, 1 / (1 + np.exp(2))])


def test_the_gain_of_a_certain_level_is_that_of_the_measure():
    certain = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]])
    assert expected_gain(certain).tolist() == [2**s - 1 for s in (0, 1, 2, 3)]


def test_a_ranker_survives_its_file():
    again = Ranker.from_json(json.loads(json.dumps(RANKER.as_json())))
    signals = values(fused=0.3, dense=0.9)
    assert again.grade(signals) == pytest.approx(RANKER.grade(signals))
    assert again.cuts == RANKER.cuts


@pytest.mark.parametrize(
    "edit",
    [
        lambda plain: plain.update(format=2),
        lambda plain: plain.pop("cuts"),
        lambda plain: plain["cuts"].update({"level>=2": 9.0}),
        lambda plain: plain["signals"].update(magic={"centre": 0, "slope": 1}),
        lambda plain: plain["signals"]["fused"].update(slope=float("nan")),
        lambda plain: plain["signals"]["fused"].update(slope="steep"),
        lambda plain: plain["signals"]["fused"].update(slope=10**400),
        lambda plain: plain.update(signals=[]),
        lambda plain: plain.update(signals={}),
    ],
)
def test_a_file_edited_by_hand_or_of_another_version_is_refused_with_a_reason(edit):
    plain = json.loads(json.dumps(RANKER.as_json()))
    edit(plain)
    with pytest.raises(BadRanker, match=r"yilian train.* / .*train again"):
        Ranker.from_json(plain)


@pytest.mark.parametrize("plain", [None, [], "ranker", 3, {}])
def test_what_is_no_ranker_at_all_is_refused(plain):
    with pytest.raises(BadRanker):
        Ranker.from_json(plain)
