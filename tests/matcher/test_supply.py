"""When a list says that there is no good supply, and why."""

from dataclasses import replace

import numpy as np
import pytest

from matcher.coverage import Answer, Coverage
from matcher.grading import Graded
from matcher.requirements import Requirement
from matcher.signals import NAMES
from matcher.span import Span
from matcher.supply import Supply, supply
from matcher.types import Document

MUST = Requirement(
    "温升低于40 K", Span("must_have[0]", 0, 8), must=True, marked=True, quantities=()
)


def graded(fair: float, *, maturity: float = np.nan, met: bool = True) -> Graded:
    values = np.full((1, len(NAMES)), np.nan)
    values[0, NAMES.index("maturity")] = maturity
    covered = Coverage((Answer(0, 0.9, met=met),), float(met), float(met))
    grades = np.array([[1.0, fair, 0.0]])
    return Graded(
        (MUST,), np.array([0]), [Document(id="a", title="电机")], [covered], values, grades
    )


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (graded(0.4), Supply.GOOD),
        (graded(0.39), Supply.NOTHING_NEAR),
        (graded(0.39, met=False), Supply.MUST_HAVES_OPEN),
        (graded(0.39, maturity=0.5, met=False), Supply.TOO_EARLY),
        (graded(0.39, maturity=1.0, met=False), Supply.MUST_HAVES_OPEN),
        (graded(0.1, maturity=0.5, met=False), Supply.NOTHING_NEAR),
    ],
)
def test_the_reason_is_that_of_the_best_candidate_that_is_near(case, said):
    assert supply(case, threshold=0.4) is said


def test_a_need_that_asks_for_nothing_is_told_so_unless_something_is_good():
    policy = [replace(graded(fair), requirements=()) for fair in (0.39, 0.1, 0.4)]

    assert [supply(case, threshold=0.4) for case in policy] == [
        Supply.NOTHING_ASKED,
        Supply.NOTHING_ASKED,
        Supply.GOOD,
    ]


def test_a_list_without_candidates_has_nothing_near():
    empty = Graded((), np.array([], int), [], [], np.zeros((0, len(NAMES))), np.zeros((0, 3)))
    assert supply(empty, threshold=0.4) is Supply.NOTHING_NEAR
