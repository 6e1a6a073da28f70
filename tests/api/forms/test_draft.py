"""Forms as drafts: labels found in whatever shape, words quoted, people left out."""

from datetime import date

import pytest

from api.forms.blocks import Cell, Row
from api.forms.draft import draft_of, need_of
from data.access.errors import NotAcceptable
from matcher.types import CooperationMode, Status


def lines(*texts: str) -> list[Row]:
    return [(Cell(text, {"paragraph": n}),) for n, text in enumerate(texts, start=1)]


def table(*rows: tuple[str, ...]) -> list[Row]:
    return [
        tuple(Cell(t, {"table": 1, "row": r, "column": c}) for c, t in enumerate(row, start=1))
        for r, row in enumerate(rows, start=1)
    ]


def values(draft) -> dict[str, object]:
    return {field["field"]: field["value"] for field in draft["fields"]}


@pytest.mark.parametrize(
    "rows",
    [
        lines("需求名称：轴承降温", "预算：80万元", "截止日期：2027-06-30"),
        lines("一、需求名称", "轴承降温", "二、预算", "80万元", "三、截止日期", "2027年6月30日"),
        lines("（1）需 求 名 称 : 轴承降温", "（2）预算（万元）：80", "（3）截止时间：2027/6/30"),
        table(("需求名称", "轴承降温"), ("预算（万元）", "80", "截止日期", "2027-06-30")),
        table(("需求名称", "预算（万元）", "截止日期"), ("轴承降温", "80", "2027-06-30")),
        table(("1. 需求名称*", "轴承降温", "", ""))
        + lines("Budget: 800000", "deadline: 2027-06-30"),
    ],
)
def test_the_same_need_is_read_from_every_shape_of_form(rows: list[Row]):
    assert values(draft_of(rows)) == {
        "title": "轴承降温",
        "budget_cny": 800_000,
        "deadline": "2027-06-30",
    }


def test_long_fields_go_on_until_the_next_label_and_short_ones_do_not():
    draft = draft_of(
        lines(
            "2026年技术需求征集",
            "需求名称：轴承降温",
            "本表可复印",
            "需求描述：",
            "油脂润滑，温升45 K。",
            "希望降到30 K。",
            "技术指标：1. 温升≤30 K",
            "2. 寿命≥8000 h",
        )
    )

    found = {field["field"]: field for field in draft["fields"]}
    assert found["text"]["value"] == "油脂润滑，温升45 K。\n希望降到30 K。"
    assert found["text"]["place"] == {"paragraph": 5}
    assert found["indicators"]["value"] == ["温升≤30 K", "寿命≥8000 h"]
    assert [one["quote"] for one in draft["unread"]] == ["2026年技术需求征集", "本表可复印"]


def test_people_and_paperwork_are_named_but_not_kept():
    draft = draft_of(
        table(("需求名称", "轴承降温"), ("联系人", "王工", "联系电话", "13800000000"))
        + lines("填表人：李四", "审核意见：", "同意。")
    )

    assert draft["left_out"] == ["联系人", "联系电话", "填表人", "审核意见"]
    for secret in ("王工", "13800000000", "李四", "同意"):
        assert secret not in str(draft)


def test_a_field_that_cannot_be_read_keeps_its_words_and_says_what_would_be_right():
    draft = draft_of(lines("需求名称：轴承降温", "预算：面议再说", "合作方式：合作开发、许可"))

    found = {field["field"]: field for field in draft["fields"]}
    assert found["budget_cny"]["value"] is None
    assert found["budget_cny"]["quote"] == "面议再说"
    assert found["budget_cny"]["problem"]["zh"]
    assert found["cooperation_modes"]["value"] == ["joint_development", "license"]


def test_what_a_form_does_not_tell_is_missing():
    draft = draft_of(lines("预算：80万元"))

    assert [one["field"] for one in draft["missing"]] == ["title", "text"]
    with pytest.raises(NotAcceptable) as caught:
        need_of(draft, {})
    assert caught.value.field == "title"


def test_a_confirmed_draft_is_a_need_with_the_corrections_made():
    draft = draft_of(
        lines(
            "需求编号：X-1",
            "需求名称：轴承降温",
            "预算：面议再说",
            "状态：已发布",
            "合作方式：许可",
        )
    )

    need = need_of(
        draft, {"budget_cny": "80万", "title": "电主轴轴承降温", "cooperation_modes": ""}
    )

    assert (need.title, need.budget_cny, need.status) == ("电主轴轴承降温", 800_000, Status.DRAFT)
    assert need.cooperation_modes == ()
    assert need_of(draft, {"budget_cny": ""}).cooperation_modes == (CooperationMode.LICENSE,)
    with pytest.raises(NotAcceptable) as caught:
        need_of(draft, {"budget_cny": "80万", "deadline": "第三季度后"})
    assert caught.value.field == "deadline"


def test_the_first_of_two_counts_and_the_other_is_quoted_as_unread():
    draft = draft_of(lines("需求名称：轴承降温", "需求名称：另一项", "截止日期：2027-06-30"))

    assert values(draft) == {"title": "轴承降温", "deadline": str(date(2027, 6, 30))}
    assert [one["quote"] for one in draft["unread"]] == ["另一项"]
