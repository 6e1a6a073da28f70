"""Headers to fields."""

import pytest

from data.importers.columns import Columns, find_header, kind_of
from data.importers.fields import FIELDS
from data.importers.problems import Place
from data.importers.rows import Kind


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("需求名称", "title"),
        ("  标 题 ", "title"),
        ("Title*", "title"),
        ("需求名称*\ntitle", "title"),
        ("ＴＩＴＬＥ", "title"),
        ("预算（万元）", "budget_cny"),
        ("预算/万元", "budget_cny"),
        ("budget (CNY)", "budget_cny"),
        ("Budget_CNY", "budget_cny"),
        ("县(市、区)", "county"),
        ("must have", "must_have"),
        ("_id", "id"),
    ],
)
def test_a_header_is_understood_in_either_language(header: str, field: str):
    column = Columns(Kind.NEEDS).of(header)

    assert column is not None
    assert column.field.name == field


@pytest.mark.parametrize(
    ("header", "factor"),
    [
        ("预算（万元）", 10_000),
        ("预算（元）", 1),
        ("预算/亿元", 10**8),
        ("预算", 1),
        ("预算万元", 10_000),
        ("预算（万）", 10_000),
        ("预算(万)", 10_000),
        ("预算（单位：万）", 10_000),
        ("预算（RMB万）", 10_000),
        ("预算(百万)", 10**6),
        ("预算（千万）", 10**7),
        ("预算（十万元）", 10**5),
        ("预算（单位：十万）", 10**5),
        ("预算十亿元", 10**9),
        ("预算（w）", 10_000),
        ("预算（万元，可面议）", 10_000),
        ("预算万", 10_000),
        ("预算/万", 10_000),
        ("预算w", 10_000),
        ("budget (k)", 1_000),
        ("budget k", 1_000),
        ("budget", 1),
    ],
)
def test_the_unit_in_a_header_is_understood(header: str, factor: int):
    column = Columns(Kind.NEEDS).of(header)

    assert column is not None
    assert column.factor == factor


@pytest.mark.parametrize(
    ("header", "warned"),
    [
        ("预算（美元）", 1),
        ("预算（万美元）", 1),
        ("预算（万）", 0),
        ("预算（CNY）", 0),
        ("预算（必填）", 0),
    ],
)
def test_brackets_without_a_known_unit_are_mentioned(header: str, warned: int):
    columns, warnings = Columns(Kind.NEEDS).assign([header], Place("需求.xlsx"), row=1)

    assert list(columns) == [header]
    assert [w.column for w in warnings] == [header] * warned


def test_a_unit_at_the_end_makes_no_other_column_known():
    assert Columns(Kind.NEEDS).of("编号w") is None


def test_an_unknown_column_is_reported_with_the_nearest_known_one():
    columns, warnings = Columns(Kind.NEEDS).assign(
        ["需求编号", "需求名秤", "审核意见", "序号"], Place("需求.xlsx"), row=1
    )

    assert list(columns) == ["需求编号"]
    assert [w.column for w in warnings] == ["需求名秤", "审核意见"]
    assert "需求名称" in warnings[0].what_is_right
    assert warnings[0].row == 1


def test_two_columns_of_one_meaning_are_reported_and_the_first_is_read():
    columns, warnings = Columns(Kind.NEEDS).assign(["标题", "需求名称"], Place("f"))

    assert list(columns) == ["标题"]
    assert "“标题”" in warnings[0].what_is_right


def test_a_header_below_a_title_is_found():
    rows = [["2026 年技术需求征集表", None], [None, None], ["编号", "需求名称"], ["n1", "标题"]]

    assert find_header(rows, Kind.AUTO) == 2
    assert find_header([["甲", "乙"]], Kind.AUTO) is None


@pytest.mark.parametrize(
    ("sheet", "file", "header", "kind"),
    [
        ("成果", "x", ["编号"], Kind.ACHIEVEMENTS),
        ("Sheet1", "2026年技术需求", ["编号"], Kind.NEEDS),
        (None, "organizations", ["id"], Kind.ORGANIZATIONS),
        (None, "需求与成果", ["编号", "名称", "技术成熟度", "专利号"], Kind.ACHIEVEMENTS),
        (None, "data", ["编号", "名称", "预算", "截止日期"], Kind.NEEDS),
        (None, "data", ["编号", "名称"], Kind.AUTO),
        (None, "data", [], Kind.AUTO),
        (None, "data", ["序号", "姓名", "职称", "工作单位", "研究领域", "简介"], Kind.EXPERTS),
        (None, "data", ["name", "title", "university", "expertise"], Kind.EXPERTS),
        ("专家", "x", ["姓名", "学校"], Kind.EXPERTS),
        # whoever is to be called stands on many sheets
        ("专家", "x", ["需求名称", "预算", "姓名"], Kind.NEEDS),
        (None, "专家成果", ["成果名称", "单位", "姓名", "职称", "研究方向"], Kind.ACHIEVEMENTS),
        (None, "data", ["成果名称", "单位", "姓名", "职称", "研究方向"], Kind.ACHIEVEMENTS),
        (None, "data", ["单位名称", "单位类型", "姓名", "简介"], Kind.ORGANIZATIONS),
        (None, "data", ["需求编号", "成果编号", "结论", "姓名"], Kind.DECISIONS),
    ],
)
def test_the_kind_is_told_by_sheet_then_file_then_columns(
    sheet: str | None, file: str, header: list[str], kind: Kind
):
    assert kind_of(sheet=sheet, file=file, header=header) is kind


@pytest.mark.parametrize("kind", list(FIELDS))
def test_no_word_stands_for_two_fields_of_one_kind(kind: Kind):
    for field in FIELDS[kind]:
        for word in (field.label, field.name, *field.synonyms):
            column = Columns(kind).of(word)
            assert column is not None
            assert column.field is field, word
