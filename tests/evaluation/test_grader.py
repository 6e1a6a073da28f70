import numpy as np
import pytest

from evaluation.errors import UnknownLevel, UnusableGrades
from evaluation.grader import Judged, grades_of, judgements_of
from matcher.errors import EmptyQuery
from matcher.types import Query

NEED = Query(id="n1", title="电机")


class Fixed:
    name = "fixed"

    def __init__(self, grades):
        self._grades = grades

    def retrieve(self, query, *, k, allowed=None):
        return {}

    def grade(self, query, document_ids):
        if isinstance(self._grades, Exception):
            raise self._grades
        return np.array(self._grades)


def test_merged_judgements_become_single_ones_on_levels():
    assert judgements_of({"n1": {"a": 0, "b": 3}, "n2": {}}) == (
        Judged("n1", "a", 1),
        Judged("n1", "b", 4),
    )


def test_scores_beyond_the_four_levels_are_refused():
    with pytest.raises(UnknownLevel, match="'n1' and 'a' are on level 5") as caught:
        judgements_of({"n1": {"a": 4}})

    assert (caught.value.query_id, caught.value.document_id, caught.value.level) == ("n1", "a", 5)


def test_good_grades_pass_and_rounding_is_cut_off():
    grades = grades_of(Fixed([[1 + 1e-12, 0.5, -1e-12]]), NEED, ["a"])

    assert grades.tolist() == [[1.0, 0.5, 0.0]]


@pytest.mark.parametrize(
    ("grades", "problem"),
    [
        ([[0.5, 0.4]], r"have shape \(1, 2\), not \(1, 3\)"),
        ([[0.5, 0.4, 0.3]] * 2, r"have shape \(2, 3\)"),
        ([[0.5, float("nan"), 0.3]], "without NaN"),
        ([[1.1, 0.4, 0.3]], r"lie in \[0, 1\]"),
        ([[0.5, 0.4, -0.1]], r"lie in \[0, 1\]"),
        ([[0.5, 0.6, 0.3]], "must not rise"),
    ],
)
def test_grades_that_are_no_level_probabilities_are_refused(grades, problem):
    with pytest.raises(UnusableGrades, match=problem) as caught:
        grades_of(Fixed(grades), NEED, ["a"])

    assert (caught.value.system, caught.value.query_id) == ("fixed", "n1")


def test_nothing_is_related_to_a_need_without_words():
    assert grades_of(Fixed(EmptyQuery("n1")), NEED, ["a", "b"]).tolist() == [[0.0] * 3] * 2
