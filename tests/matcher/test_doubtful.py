"""Figures and needs that can hardly be meant are found; sound ones are left alone."""

import pytest

from matcher.doubtful import doubtful_figures, says_little
from matcher.requirements import requirements_of
from matcher.text import query_from_text, query_of
from matcher.types import Need


def doubtful(text: str) -> tuple[str, ...]:
    return doubtful_figures(requirements_of(query_of(Need(id="n", title="题", indicators=(text,)))))


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("出水温度≤-300 ℃", ("≤-300 ℃",)),
        ("储存温度-400～-300 ℃", ("-400～-300 ℃",)),
        ("风机效率≥130 %", ("≥130 %",)),
        ("纯度100.5 %", ("100.5 %",)),
        ("整机质量-3 kg", ("-3 kg",)),
        ("良率≥99999999999999 %", ("≥9999999999999",)),
        ("风机效率≥90 %，风机效率≤70 %", ("≥90 %", "≤70 %")),
    ],
)
def test_what_cannot_be_is_doubtful(text, figures):
    assert doubtful(text) == figures


@pytest.mark.parametrize(
    "text",
    [
        "储存温度≥-196 ℃",
        "风机效率≥98 %",
        "断裂伸长率≥300 %",
        "过载能力≥150 %",
        "纯度≥99.999 %",
        "质量偏差±3 kg",
        "风机效率≥70 %，风机效率≤90 %",
        "进口压力≥9 MPa，出口压力≤7 MPa",
        "压力≥9 MPa，温度≤7 ℃",
    ],
)
def test_what_can_be_is_not(text):
    assert doubtful(text) == ()


@pytest.mark.parametrize(("text", "little"), [("阀", True), ("PLC", True), ("球阀内漏检测", False)])
def test_a_word_says_little(text, little):
    assert says_little(requirements_of(query_from_text(text))) is little


def test_a_short_item_beside_a_title_is_no_short_need():
    need = Need(id="n", title="球阀内漏的在线检测", must_have=("防爆",))

    assert not says_little(requirements_of(query_of(need)))
    assert not says_little(())
