"""Judged pairs move the pairs that are like them, and leave all others alone."""

import numpy as np
import pytest

from matcher.precedent_learning import fit_precedents
from matcher.precedents import Precedent, Precedents
from matcher.signals import NAMES

FLAT = np.array([[0.6, 0.3, 0.1]])
EAST, NORTH, WEST = (np.array(v, dtype=np.float32) for v in ((1, 0), (0, 1), (-1, 0)))


def at(degrees: float) -> np.ndarray:
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], dtype=np.float32)


def judged(*levels: float, documents=None, queries=None, weights=None) -> Precedents:
    """One need in the east by default, one achievement per level, a quarter turn apart."""
    n = len(levels)
    return fit_precedents(
        [Precedent("n", f"a{i}", level) for i, level in enumerate(levels)],
        np.repeat(FLAT, n, axis=0),
        queries=np.stack([EAST] * n) if queries is None else np.stack(queries),
        documents=np.stack([at(90 * i) for i in range(n)] if documents is None else documents),
        values=np.full((n, len(NAMES)), np.nan),
        weights=weights,
    )


def moved(precedents: Precedents, document: np.ndarray, *, query: np.ndarray = EAST) -> np.ndarray:
    unknown = np.full((1, len(NAMES)), np.nan)
    return precedents.moved(FLAT, query, document[None], unknown)[0]


@pytest.mark.parametrize(("level", "sign"), [(4, 1), (1, -1)])
def test_a_pair_follows_its_own_judgement(level, sign):
    change = moved(judged(level), EAST) - FLAT[0]

    assert np.all(sign * change > 0.05)


def test_the_nearer_an_achievement_the_further_it_is_moved():
    precedents = judged(4)

    reached = [moved(precedents, at(degrees))[1] for degrees in (0, 30, 60, 90)]

    assert reached == sorted(reached, reverse=True)
    assert reached[0] > reached[-1] + 0.2


def test_a_judgement_says_little_about_another_need_and_nothing_about_an_unlike_one():
    precedents = judged(4)

    own, like = moved(precedents, EAST)[1], moved(precedents, EAST, query=at(40))[1]

    assert FLAT[0, 1] < like < own
    assert moved(precedents, EAST, query=NORTH).tolist() == FLAT[0].tolist()


def test_what_the_ranker_expected_moves_nothing_up_or_down():
    expected = 1 + FLAT.sum()

    change = moved(judged(expected), EAST) @ [1, 1, 1] - FLAT.sum()

    assert abs(change) < 0.1


def test_grades_stay_probabilities_that_fall_from_level_to_level():
    rng = np.random.default_rng(0)
    documents = rng.normal(size=(40, 2)).astype(np.float32)
    documents /= np.linalg.norm(documents, axis=1, keepdims=True)
    precedents = judged(*rng.integers(1, 5, size=40), documents=list(documents))

    grades = np.stack([moved(precedents, at(degrees)) for degrees in range(0, 360, 20)])

    assert np.all((grades >= 0) & (grades <= 1))
    assert np.all(np.diff(grades, axis=1) <= 0)


def test_half_a_level_lies_between_its_neighbours():
    two, half, three = (moved(judged(level), EAST)[1] for level in (2, 2.5, 3))

    assert two < half < three


def test_a_pair_that_weighs_more_moves_further():
    light, heavy = (moved(judged(4, weights=[w]), EAST)[1] for w in (0.2, 3.0))

    assert FLAT[0, 1] < light < heavy


def test_judgements_that_contradict_each_other_meet_in_between():
    same = [EAST, EAST]
    both = moved(judged(1, 4, documents=same), EAST)[1]

    assert moved(judged(1), EAST)[1] < both < moved(judged(4), EAST)[1]


def test_signals_alike_count_as_being_alike():
    values = np.zeros((2, len(NAMES)))
    values[:, 0] = 1.0, -1.0
    precedents = fit_precedents(
        [Precedent("n", "a0", 4), Precedent("n", "a1", 1)],
        np.repeat(FLAT, 2, axis=0),
        queries=np.stack([EAST, EAST]),
        documents=np.stack([EAST, WEST]),
        values=values,
    )

    high, low = precedents.moved(FLAT.repeat(2, axis=0), EAST, np.stack([NORTH, NORTH]), values)

    assert high[1] > low[1]


def test_a_signal_unknown_to_the_precedents_says_nothing():
    precedents = judged(4, 1)
    known = np.ones((1, len(NAMES)))

    told = precedents.moved(FLAT, EAST, NORTH[None], known)

    assert told[0].tolist() == moved(precedents, NORTH).tolist()


def test_the_likest_precedent_is_named():
    precedents = judged(4, 1)

    near, far = precedents.cited(EAST, np.stack([at(80), at(5)]))

    assert near is not None
    assert far is not None
    assert near.precedent == Precedent("n", "a1", 1)
    assert far.precedent == Precedent("n", "a0", 4)
    assert 0 < near.likeness < far.likeness < 1
    assert precedents.cited(NORTH, np.stack([EAST])) == [None]


def test_of_too_many_precedents_the_last_are_kept(monkeypatch):
    monkeypatch.setattr("matcher.precedent_learning.MOST", 2)

    assert [one.document_id for one in judged(4, 1, 2).judged] == ["a1", "a2"]
