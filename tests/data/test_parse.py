"""Texts, lists, choices and names from cells."""

import pytest

from data.importers.choices import IP_STATUSES, STATUSES
from data.importers.clean import cleaned
from data.importers.modes import parse_mode, parse_modes
from data.importers.names import guess_kind, organization_from_name
from data.importers.parse import (
    choice_parser,
    parse_chains,
    parse_class_code,
    parse_county,
    parse_ipc,
    parse_labels,
    parse_phrases,
    parse_text,
)
from data.importers.problems import BadCell
from matcher.types import CooperationMode, IpStatus, OrganizationKind, Status


def test_labels_are_parted_by_every_common_separator_and_kept_once():
    assert parse_labels("电机；护套;碳纤维、缠绕，转子,电机|IP｜x\ny ") == (
        *("电机", "护套", "碳纤维", "缠绕", "转子", "IP", "x", "y"),
    )


def test_requirements_keep_their_commas_and_lose_their_numbering():
    written = "1、转速≥60,000 r/min；\n（2）耐温、耐油，可批量\n③寿命 ≥ 5 年\n1.5 mm 以内"

    assert parse_phrases(written) == (
        "转速≥60,000 r/min",
        "耐温、耐油，可批量",
        "寿命 ≥ 5 年",
        "1.5 mm 以内",
    )


def test_a_list_from_json_is_not_parted_again():
    assert parse_labels(["电机，护套", " 转子 ", ""]) == ("电机，护套", "转子")


def test_numbers_in_text_columns_read_as_a_sheet_shows_them():
    assert parse_text(1001) == "1001"
    assert parse_text(1001.0) == "1001"
    assert parse_text(0.5) == "0.5"
    assert parse_text("=SUM(A1)") == "=SUM(A1)"


def test_ipc_groups_lose_their_blanks():
    assert parse_ipc("h02k 1/27；B29C70/32") == ("H02K1/27", "B29C70/32")


def test_choices_are_read_in_chinese_and_english():
    assert parse_modes("合作开发；License、作价入股") == (
        CooperationMode.JOINT_DEVELOPMENT,
        CooperationMode.LICENSE,
        CooperationMode.EQUITY,
    )
    assert choice_parser(STATUSES)("已发布") is Status.PUBLISHED
    assert choice_parser(IP_STATUSES)("无") is IpStatus.NONE


COMMISSIONED = CooperationMode.COMMISSIONED_DEVELOPMENT
JOINT = CooperationMode.JOINT_DEVELOPMENT


@pytest.mark.parametrize(
    ("words", "modes"),
    [
        ("技术开发", (COMMISSIONED, JOINT)),
        ("合作开发；技术开发合同", (JOINT, COMMISSIONED)),
        ("技术服务", (CooperationMode.CONSULTING,)),
        ("技术转让/许可", (CooperationMode.TRANSFER, CooperationMode.LICENSE)),
        ("专利实施许可合同", (CooperationMode.LICENSE,)),
        ("技术入股或委托开发", (CooperationMode.EQUITY, COMMISSIONED)),
        ("technology transfer", (CooperationMode.TRANSFER,)),
        (["joint_development", "技术咨询"], (JOINT, CooperationMode.CONSULTING)),
        ("不限", ()),
    ],
)
def test_contract_words_name_the_forms_of_cooperation_that_they_mean(words: object, modes: object):
    assert parse_modes(words) == modes


def test_one_cooperation_has_one_form_and_an_unknown_word_is_answered_with_the_known_ones():
    assert parse_mode("技术开发合同") is COMMISSIONED
    assert parse_mode("联合研发") is JOINT
    with pytest.raises(BadCell) as caught:
        parse_modes("合作开发；租赁")
    assert "转让、许可" in caught.value.advice.zh


def test_an_unknown_choice_is_answered_with_those_there_are():
    with pytest.raises(BadCell) as caught:
        choice_parser(STATUSES)("上架")

    assert "草稿、已提交、已退回、已发布" in caught.value.advice.zh
    assert "draft, submitted, returned, published" in caught.value.advice.en


def test_chains_and_counties_are_found_by_name_alias_or_id():
    assert parse_chains("新能源汽车；robot") == ("nev", "robot")
    assert parse_county("浙江省金华市永康市") == "yongkang"
    assert parse_county("市外") is None


def test_an_unknown_chain_is_answered_with_the_nearest_known_one():
    with pytest.raises(BadCell) as caught:
        parse_chains("机器人；新能原汽车")

    assert "新能原汽车" in caught.value.advice.zh
    assert "新能源汽车" in caught.value.advice.zh


def test_an_unknown_county_is_answered_with_the_nearest_known_one():
    with pytest.raises(BadCell) as caught:
        parse_county("永慷市")

    assert "永康市" in caught.value.advice.zh


def test_a_class_code_regains_the_zero_that_a_sheet_dropped():
    assert parse_class_code(111) == "0111"
    with pytest.raises(BadCell):
        parse_class_code("0000")


def test_control_characters_go_while_tabs_and_lines_stay():
    assert cleaned("a\tb\r\nc\x00\x0bd_x000D_\ne\ufeff") == ("a\tb\ncd\ne", True)
    assert cleaned(["x\x07", "y"]) == (["x", "y"], True)
    assert cleaned("净\n文") == ("净\n文", False)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("示例大学", OrganizationKind.UNIVERSITY),
        ("示例大学科技园有限公司", OrganizationKind.ENTERPRISE),
        ("示例公司研究院", OrganizationKind.INSTITUTE),
        ("示例产业基金", OrganizationKind.FUND),
        ("示例", None),
    ],
)
def test_the_end_of_a_name_tells_the_kind(name: str, kind: OrganizationKind | None):
    assert guess_kind(name) is kind


def test_an_organisation_known_by_name_only_gets_the_same_id_every_time():
    first = organization_from_name("示例甲", otherwise=OrganizationKind.ENTERPRISE)
    again = organization_from_name("示例甲", otherwise=OrganizationKind.ENTERPRISE)
    by_id = organization_from_name("e-nev-1", otherwise=OrganizationKind.ENTERPRISE)

    assert first == again
    assert first.id != "示例甲"
    assert by_id.id == "e-nev-1"
