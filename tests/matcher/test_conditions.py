"""A figure answers only what was found under the conditions that are wanted."""

import pytest

from matcher.conditions import conditions_of
from matcher.quantities import quantities_in


def last(text: str):
    """The conditions of the last figure that is none itself."""
    quantities = quantities_in(text)
    at = max(i for i, one in enumerate(quantities) if one.name and one.unit != "degC")
    return conditions_of(text, quantities, at)


def answers(offered: str, wanted: str) -> bool:
    return last(offered).answer(last(wanted))


@pytest.mark.parametrize(
    ("wanted", "offered", "answered"),
    [
        ("-10 ℃循环200次保持率≥70 %", "55 ℃循环500次保持率81 %", False),
        ("-10 ℃循环200次保持率≥70 %", "−12 ℃循环500次保持率81 %", True),
        ("-10 ℃循环200次保持率≥70 %", "-10 ℃循环150次保持率81 %", False),
        ("-10 ℃循环200次保持率≥70 %", "-10 ℃保持率81 %", False),
        ("-10 ℃循环200次保持率≥70 %", "循环500次保持率81 %", False),
        ("循环200次保持率≥70 %", "55 ℃循环500次保持率81 %", True),
        ("2 ℃黏度≤9 mPa·s", "-2 ℃黏度8 mPa·s", False),
        ("0 ℃黏度≤9 mPa·s", "-2 ℃黏度8 mPa·s", True),
        ("-2 ℃黏度≤9 mPa·s", "-6 ℃黏度8 mPa·s", True),
        ("800 ℃蠕变≤9 %", "830 ℃蠕变8 %", True),
        ("800 ℃蠕变≤9 %", "860 ℃蠕变8 %", False),
        ("80 ℃黏度≤9 mPa·s", "黏度8 mPa·s", False),
        ("25 ℃黏度≤9 mPa·s", "黏度8 mPa·s", True),
        ("25 ℃黏度≤9 mPa·s", "常温黏度8 mPa·s", True),
        ("-15 ℃误差≤3 %", "常温误差2 %", False),
        ("-15 ℃误差≤3 %", "低温误差2 %", True),
        ("高温误差≤3 %", "120 ℃误差2 %", True),
        ("高温误差≤3 %", "20 ℃误差2 %", False),
        ("2 kHz损耗≤9 W", "3 kHz损耗8 W", False),
        ("2 kHz损耗≤9 W", "损耗8 W", True),
    ],
)
def test_conditions_that_differ_answer_nothing(wanted, offered, answered):
    assert answers(offered, wanted) is answered


def test_a_condition_may_stand_behind_in_brackets():
    assert answers("涂层强度9 MPa（-40 ℃）", "-40 ℃涂层强度≥8 MPa")
    assert not answers("涂层强度9 MPa（90 ℃）", "-40 ℃涂层强度≥8 MPa")


def test_conditions_of_another_clause_are_those_of_its_own_figure():
    text = "循环500次，回弹率91 %"

    assert last(text).cycles is None
    assert last("循环500次回弹率91 %").cycles == 500


def test_the_nearest_condition_counts():
    text = "泵在60 ℃扬程保持90 %，-30 ℃扬程保持70 %"

    assert answers(text, "-30 ℃扬程保持≥60 %")
    assert not answers(text, "60 ℃扬程保持≥60 %")
    assert answers("泵经60 ℃、-30 ℃扬程保持70 %", "-30 ℃扬程保持≥60 %")


def test_a_figure_whose_name_is_not_said_again_keeps_the_conditions():
    text = "2 kHz/90 ℃损耗5 W，4 kHz约9 W"

    assert answers(text, "4 kHz/90 ℃损耗≤9 W")
    assert not answers(text, "2 kHz/90 ℃损耗≤9 W")
    assert not answers("2 kHz/90 ℃损耗5 W，4 kHz损耗9 W", "4 kHz/90 ℃损耗≤9 W")


@pytest.mark.parametrize("text", ["熔点210 ℃、强度30 MPa", "耐150 ℃、强度30 MPa"])
def test_a_temperature_that_was_measured_is_no_condition(text):
    assert last(text).temperature is None
    assert last("试样210 ℃、强度30 MPa").temperature is not None
