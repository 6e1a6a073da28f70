"""Loading files into the database: what is stored, and what is reported."""

import json
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine, select

from data.importers.load import load
from data.importers.names import id_of_name
from data.importers.rows import Kind
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.repository import UpsertCounts
from data.session import make_engine, session_scope
from data.tables import UserRow
from matcher.types import (
    Achievement,
    CooperationMode,
    Need,
    Organization,
    OrganizationKind,
    Visibility,
)
from tests.data.builders import MOMENT, write_lines, write_sheet


def needs(engine: Engine) -> dict[str, Need]:
    with session_scope(engine, write=False) as session:
        return {need.id: need for need in NeedRepository(session).all()}


def achievements(engine: Engine) -> dict[str, Achievement]:
    with session_scope(engine, write=False) as session:
        return {item.id: item for item in AchievementRepository(session).all()}


def organizations(engine: Engine) -> dict[str, Organization]:
    with session_scope(engine, write=False) as session:
        return {item.id: item for item in OrganizationRepository(session).all()}


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """Loading is the same on either database; the repositories are tested on both."""
    return sqlite_engine


def test_a_chinese_workbook_is_read_field_by_field(engine: Engine, tmp_path: Path):
    path = write_sheet(
        tmp_path / "征集表.xlsx",
        ["编号", "需求名称", "需求描述", "企业名称", "所在县市区", "产业链", "预算（万元）",
         "截止日期", "最低成熟度", "必备要求", "合作方式", "可见范围"],
        [1001, " 护套减薄 ", "损耗大。\n要减薄。", "示例电机有限公司", "永康市",
         "新能源汽车、机器人", 80, date(2027, 6, 30), "TRL6", "1.转速≥60,000 r/min；2.可批量",
         "合作开发", "仅经纪人"],
    )  # fmt: skip

    report = load([path], engine=engine)

    need = needs(engine)["1001"]
    assert report.problems == ()
    assert (need.title, need.text) == ("护套减薄", "损耗大。\n要减薄。")
    assert (need.county, need.chains) == ("yongkang", ("nev", "robot"))
    assert (need.budget_cny, need.deadline, need.min_trl) == (800_000, date(2027, 6, 30), 6)
    assert need.must_have == ("转速≥60,000 r/min", "可批量")
    assert need.cooperation_modes == (CooperationMode.JOINT_DEVELOPMENT,)
    assert need.visibility is Visibility.BROKER


def test_every_bad_row_is_reported_with_its_place_and_good_rows_load(
    engine: Engine, tmp_path: Path
):
    path = write_sheet(
        tmp_path / "需求.xlsx",
        ["编号", "标题", "预算", "截止日期", "产业链", "县市区"],
        ["n1", "好的一行", "", "", "", ""],
        ["n2", " ", "-5", "明年", "新能原汽车", "永慷市"],
        [None, "没有编号", "", "", "", ""],
        ["n3", "又一行好的", "面议", "长期", "无", "/"],
    )

    report = load([path], engine=engine)

    assert set(needs(engine)) == {"n1", "n3"}
    places = [(p.row, p.column, p.value) for p in report.problems]
    assert places == [
        (3, "预算", "-5"),
        (3, "截止日期", "明年"),
        (3, "产业链", "新能原汽车"),
        (3, "县市区", "永慷市"),
        (3, "标题", ""),
        (4, "编号", ""),
    ]
    assert all(p.file == str(path) and p.sheet == "需求" for p in report.problems)
    assert "第 3 行 “预算”列的值“-5”：金额不能为负数 / " in report.problems[0].message
    assert "新能源汽车" in report.problems[2].message


def test_strict_loads_all_or_nothing(engine: Engine, tmp_path: Path):
    path = write_lines(
        tmp_path / "needs.jsonl", {"id": "n1", "title": "好"}, {"id": "n2", "title": ""}
    )

    strict = load([path], engine=engine, strict=True)
    lenient = load([path], engine=engine)

    assert (strict.stored, strict.counts[Kind.NEEDS], strict.data_version) == (
        *(False, UpsertCounts(), 0),
    )
    assert (lenient.stored, lenient.counts[Kind.NEEDS].added) == (True, 1)


def test_the_same_file_twice_changes_nothing(engine: Engine, tmp_path: Path):
    path = write_sheet(
        tmp_path / "成果.xlsx",
        ["编号", "成果名称", "完成单位", "合作方式"],
        ["a1", "护套", "示例大学", "许可"],
        sheet="成果",
    )
    first = load([path], engine=engine)

    second = load([path], engine=engine)

    assert first.added_organizations == ("示例大学",)
    assert second.counts == {Kind.ACHIEVEMENTS: UpsertCounts(unchanged=1)}
    assert second.added_organizations == ()
    assert second.data_version == first.data_version


def test_one_achievement_in_two_files_the_later_file_counts(engine: Engine, tmp_path: Path):
    first = write_lines(tmp_path / "1成果.jsonl", {"id": "a1", "title": "旧"})
    second = write_lines(tmp_path / "2成果.jsonl", {"id": "a1", "title": "新"})

    report = load([first, second], engine=engine)
    again = load([first, second], engine=engine)

    assert report.counts == {Kind.ACHIEVEMENTS: UpsertCounts(added=1)}
    assert again.counts == {Kind.ACHIEVEMENTS: UpsertCounts(unchanged=1)}
    assert achievements(engine)["a1"].title == "新"
    (warning,) = report.warnings
    assert warning.value == "a1"
    assert "2成果" in warning.message


@pytest.mark.parametrize("title", ["\u200b", "\u2060 \u200b", "——", "。"])
def test_a_title_without_a_word_is_refused(engine: Engine, tmp_path: Path, title: str):
    path = write_lines(tmp_path / "成果.jsonl", {"id": "a1", "title": title})

    report = load([path], engine=engine)

    assert len(report.problems) == 1
    assert achievements(engine) == {}


def test_invisible_marks_make_no_second_id(engine: Engine, tmp_path: Path):
    rows = [{"id": "a1", "title": "护套"}, {"id": "a1\u200b", "title": "护套"}]
    path = write_lines(tmp_path / "成果.jsonl", *rows)

    load([path], engine=engine)

    assert list(achievements(engine)) == ["a1"]


def test_a_stray_nul_is_only_a_control_character(engine: Engine, tmp_path: Path):
    path = tmp_path / "成果.csv"
    path.write_bytes("编号,成果名称\na1,护套\0减薄\n".encode() + "a2,轴承\n".encode())

    report = load([path], engine=engine)

    assert sorted(achievements(engine)) == ["a1", "a2"]
    assert achievements(engine)["a1"].title == "护套减薄"
    assert len(report.warnings) == 1


def test_an_empty_folder_says_what_was_looked_for(engine: Engine, tmp_path: Path):
    (tmp_path / "空").mkdir()

    (problem,) = load([tmp_path / "空"], engine=engine).problems

    assert ".jsonl" in problem.message


def test_duplicate_ids_in_one_file_are_merged_or_refused(engine: Engine, tmp_path: Path):
    path = write_sheet(
        tmp_path / "需求.xlsx",
        ["编号", "标题"],
        ["n1", "甲"],
        ["n1", "甲"],
        ["n1", "乙"],
    )

    report = load([path], engine=engine)

    assert needs(engine)["n1"].title == "甲"
    assert [(w.row, w.column, w.value) for w in report.warnings] == [(3, "编号", "n1")]
    assert [(p.row, p.column, p.value) for p in report.problems] == [(4, "编号", "n1")]
    assert "编号与［需求］第 2 行重复" in report.problems[0].message


def test_an_id_used_on_two_sheets_of_a_workbook_is_a_duplicate_too(engine: Engine, tmp_path: Path):
    book = Workbook()
    for name, title in (("需求一", "甲"), ("需求二", "乙")):
        page = book.create_sheet(name)
        page.append(["编号", "标题"])
        page.append(["n1", title])
    book.save(tmp_path / "x.xlsx")

    report = load([tmp_path / "x.xlsx"], engine=engine)

    assert [(p.sheet, p.row) for p in report.problems] == [("需求二", 2)]
    assert needs(engine)["n1"].title == "甲"


def test_json_lines_tell_their_kind_by_the_names_in_the_first_line(engine: Engine, tmp_path: Path):
    path = write_lines(tmp_path / "export.jsonl", {"id": "a1", "title": "甲", "trl": 6, "ipc": []})

    report = load([path], engine=engine)

    assert report.counts == {Kind.ACHIEVEMENTS: UpsertCounts(added=1)}


def test_an_unknown_organisation_is_added_and_said_so(engine: Engine, tmp_path: Path):
    path = write_lines(
        tmp_path / "needs.jsonl",
        {"id": "n1", "title": "甲", "organization": "示例电机"},
        {"id": "n2", "title": "乙", "organization": "示例电机"},
        {"id": "n3", "title": "丙", "organization": "示例材料研究院"},
    )

    report = load([path], engine=engine)

    stored = organizations(engine)
    kinds = {item.name: item.kind for item in stored.values()}
    assert report.added_organizations == ("示例材料研究院", "示例电机")
    assert kinds == {
        "示例电机": OrganizationKind.ENTERPRISE,
        "示例材料研究院": OrganizationKind.INSTITUTE,
    }
    named = needs(engine)
    assert named["n1"].organization == named["n2"].organization in stored


def test_organisations_of_the_same_load_are_found_by_id_and_by_name(engine: Engine, tmp_path: Path):
    write_lines(
        tmp_path / "achievements.jsonl",
        {"id": "a1", "title": "甲", "organization": "u-1"},
        {"id": "a2", "title": "乙", "organization": "示例大学"},
    )
    write_lines(
        tmp_path / "organizations.jsonl",
        {"id": "u-1", "name": "示例大学", "county": "金东区", "kind": "university"},
    )

    report = load([tmp_path], engine=engine)

    assert report.added_organizations == ()
    assert {item.organization for item in achievements(engine).values()} == {"u-1"}


def test_postings_move_to_the_full_record_when_it_is_loaded_later(engine: Engine, tmp_path: Path):
    postings = write_lines(
        tmp_path / "needs.jsonl",
        {"id": "n1", "title": "甲", "organization": "示例电机有限公司"},
        {"id": "n2", "title": "乙", "organization": "e-7"},
    )
    records = write_lines(
        tmp_path / "organizations.jsonl",
        {"id": "e-1", "name": "示例电机有限公司", "county": "永康市"},
        {"id": "e-7", "name": "示例轴承有限公司"},
    )
    load([postings], engine=engine)

    report = load([records], engine=engine)
    again = load([postings], engine=engine)

    assert report.merged_organizations == ("示例电机有限公司",)
    assert set(organizations(engine)) == {"e-1", "e-7"}
    assert needs(engine)["n1"].organization == "e-1"
    assert organizations(engine)["e-7"].name == "示例轴承有限公司"
    assert again.counts == {Kind.NEEDS: UpsertCounts(unchanged=2)}


def test_accounts_move_to_the_full_record_too(engine: Engine, tmp_path: Path):
    need = {"id": "n1", "title": "转子护套减薄", "organization": "示例电机有限公司"}
    load([write_lines(tmp_path / "needs.jsonl", need)], engine=engine)
    account = {"email": "a@example.com", "name": "", "role": "enterprise", "revision": 1}
    account |= {"chains": [], "counties": [], "totp_step": 0, "epoch": 0, "created_at": MOMENT}
    named = id_of_name("示例电机有限公司")
    with session_scope(engine) as session:
        session.add(UserRow(id="a", organization=named, **account))
    record = {"id": "e9", "name": "示例电机有限公司", "kind": "企业"}

    load([write_lines(tmp_path / "organizations.jsonl", record)], engine=engine)

    with session_scope(engine, write=False) as session:
        assert session.scalar(select(UserRow.organization)) == "e9"


def test_a_workbook_may_hold_every_kind_on_sheets_of_their_own(engine: Engine, tmp_path: Path):
    book = Workbook()
    for name, rows in {
        "成果": [["编号", "成果名称", "完成单位"], ["a1", "护套", "示例大学"]],
        "单位": [["单位编号", "单位名称"], ["u1", "示例大学"]],
        "需求": [["编号", "需求名称"], ["n1", "护套太厚"]],
        "备注": [["随便写写"]],
        "示例": [["编号", "成果名称"], ["x", "不要导入"]],
    }.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(tmp_path / "全部.xlsx")

    report = load([tmp_path / "全部.xlsx"], engine=engine)

    assert achievements(engine)["a1"].organization == "u1"
    assert set(needs(engine)) == {"n1"}
    assert report.problems == ()
    assert [w.sheet for w in report.warnings] == ["备注"]


def test_a_beir_folder_loads_corpus_and_queries_with_their_ids(engine: Engine, tmp_path: Path):
    write_lines(
        tmp_path / "corpus.jsonl",
        {"_id": "d1", "title": "护套", "text": "", "metadata": {"year": 2019}},
        {"_id": "d2", "title": "", "text": "没有标题\n只有正文"},
    )
    write_lines(tmp_path / "queries.jsonl", {"_id": "q1", "text": "护套太厚怎么办"})

    report = load([tmp_path], engine=engine)

    assert (report.problems, report.warnings) == ((), ())
    assert achievements(engine)["d2"].title == "没有标题"
    assert achievements(engine)["d2"].text == "没有标题\n只有正文"
    assert needs(engine)["q1"].title == "护套太厚怎么办"


def test_the_labelled_benchmark_loads_whole(benchmarks: Path, engine: Engine):
    report = load([benchmarks / "needs2019"], engine=engine)

    assert report.counts == {
        Kind.NEEDS: UpsertCounts(added=294),
        Kind.ACHIEVEMENTS: UpsertCounts(added=4868),
    }
    assert report.problems == ()


def test_very_long_texts_and_formula_like_texts_are_kept_whole(engine: Engine, tmp_path: Path):
    long = "长" * 100_000
    write_lines(
        tmp_path / "needs1.jsonl", {"id": "n1", "title": "=cmd|' /C calc'!A0", "text": long}
    )
    (tmp_path / "needs2.csv").write_text(
        f'编号,标题,描述\nn2,-1+2,"{long}{long}"\n', encoding="utf-8"
    )

    report = load([tmp_path], engine=engine)

    stored = needs(engine)
    assert report.problems == ()
    assert stored["n1"].text == long
    assert stored["n1"].title == "=cmd|' /C calc'!A0"
    assert stored["n2"].text == long + long


def test_control_characters_are_taken_out_and_said_so(engine: Engine, tmp_path: Path):
    path = write_lines(
        tmp_path / "needs.jsonl",
        r'{"id": "n1", "title": "护\u0000套\u0007", "text": "甲\n\t乙\ud800"}',
    )

    report = load([path], engine=engine)

    assert needs(engine)["n1"].title == "护套"
    assert needs(engine)["n1"].text == "甲\n\t乙"
    assert [w.column for w in report.warnings] == ["title", "text"]


def test_bad_json_lines_are_reported_by_line(engine: Engine, tmp_path: Path):
    path = write_lines(
        tmp_path / "needs.jsonl",
        {"id": "n1", "title": "好"},
        '{"id": "n2", "title": ',
        "[1, 2]",
        "",
        {"id": "n3", "title": {"zh": "嵌套"}},
        {"id": "n4", "titel": "拼错"},
        "[" * 100_000,
    )

    report = load([path], engine=engine)

    assert set(needs(engine)) == {"n1"}
    assert [p.row for p in report.problems] == [2, 3, 5, 6, 7]
    assert any("title" in w.message for w in report.warnings)


def test_a_missing_column_is_reported_once(engine: Engine, tmp_path: Path):
    path = write_sheet(tmp_path / "需求.xlsx", ["标题", "预算"], ["甲", 1], ["乙", 2])

    report = load([path], engine=engine)

    assert len(report.problems) == 1
    assert "需求编号" in report.problems[0].message
    assert "yilian template needs" in report.problems[0].message


def test_rows_of_no_known_kind_ask_for_one(engine: Engine, tmp_path: Path):
    path = write_lines(tmp_path / "data.jsonl", {"id": "n1", "title": "甲"})

    unknown = load([path], engine=engine)
    told = load([path], engine=engine, kind=Kind.NEEDS)

    assert "--kind" in unknown.problems[0].message
    assert told.counts[Kind.NEEDS].added == 1


def test_one_unreadable_file_does_not_keep_the_others_out(engine: Engine, tmp_path: Path):
    good = write_lines(tmp_path / "needs.jsonl", {"id": "n1", "title": "甲"})

    report = load([tmp_path / "missing.csv", good, tmp_path / "图.png"], engine=engine)

    assert set(needs(engine)) == {"n1"}
    assert [p.file for p in report.problems] == [
        str(tmp_path / "missing.csv"),
        str(tmp_path / "图.png"),
    ]


def test_a_missing_database_is_created(sqlite_url: str, tmp_path: Path):
    engine = make_engine(sqlite_url)
    path = write_lines(tmp_path / "needs.jsonl", {"id": "n1", "title": "甲"})

    assert load([path], engine=engine).data_version == 1
    engine.dispose()


def test_progress_is_told_for_reading_and_storing(engine: Engine, tmp_path: Path):
    path = write_lines(
        tmp_path / "needs.jsonl", *({"id": f"n{i}", "title": "甲"} for i in range(1200))
    )
    told: list[tuple[str, int, int | None]] = []

    load(
        [path],
        engine=engine,
        progress=lambda stage, file, done, total: told.append((stage, done, total)),
    )

    assert told == [
        ("read", 500, None),
        ("read", 1000, None),
        ("read", 1200, 1200),
        ("store", 1000, 1200),
        ("store", 1200, 1200),
    ]


@pytest.mark.postgres
def test_postgres_takes_the_same_load(postgres_url: str, tmp_path: Path):
    engine = make_engine(postgres_url)
    path = write_lines(
        tmp_path / "needs.jsonl",
        {"id": "n1", "title": "护\u0000套", "organization": "示例电机", "budget_cny": "80万元"},
    )

    first, second = load([path], engine=engine), load([path], engine=engine)

    assert json.dumps([p.message for p in first.problems]) == "[]"
    assert first.counts[Kind.NEEDS].added == second.counts[Kind.NEEDS].unchanged == 1
    engine.dispose()
