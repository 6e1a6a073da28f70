"""Experts from files: known by id, or by organisation and name; stored, changed, handed over."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.expert import Expert
from data.experts import ExpertRepository
from data.importers.load import load
from data.importers.rows import Kind
from data.repositories import OrganizationRepository
from data.repository import UpsertCounts
from data.session import session_scope
from matcher.types import OrganizationKind
from tests.data.builders import make_organization, write_lines, write_sheet

HEADER = ("姓名", "职称", "工作单位", "研究领域", "简介")
LISTED = "x-" + "0" * 32
"""An id as the service gives them."""


@pytest.fixture
def store(engine: Engine) -> Engine:
    """Two universities and an enterprise."""
    with session_scope(engine) as session:
        OrganizationRepository(session).upsert_many(
            [
                make_organization("e1"),
                make_organization("u1", name="示例大学", kind=OrganizationKind.UNIVERSITY),
                make_organization("u2", name="示例学院", kind=OrganizationKind.UNIVERSITY),
            ]
        )
    return engine


def stored(engine: Engine) -> list[Expert]:
    with session_scope(engine, write=False) as session:
        experts = ExpertRepository(session).all()
    return sorted(
        (replace(one, created_at=None, updated_at=None) for one in experts),
        key=lambda one: (one.organization, one.name, one.text),
    )


def write_experts(path: Path, *rows: Sequence[object]) -> Path:
    return write_sheet(path, *rows, sheet="专家")


def put(engine: Engine, *experts: Expert) -> None:
    with session_scope(engine) as session:
        ExpertRepository(session).add_many(experts)


def test_a_sheet_of_people_is_recognised_and_loaded_again_without_a_change(
    store: Engine, tmp_path: Path
):
    path = write_sheet(
        tmp_path / "名单.xlsx",
        ("某市专家库（2026）",),
        ("序号", *HEADER),
        (1, "张 三", "教授", "示例大学", "永磁电机、转子强度", "做过护套。"),
        (2, "李四", "", "u2", "低盐染色", ""),
        sheet="Sheet1",
    )

    report = load([path], engine=store)
    with session_scope(store, write=False) as session:
        before = ExpertRepository(session).all()
    again = load([path], engine=store)

    assert (report.problems, report.warnings) == ((), ())
    assert report.counts == {Kind.EXPERTS: UpsertCounts(added=2)}
    with session_scope(store, write=False) as session:
        assert ExpertRepository(session).all() == before
    assert again.counts == {Kind.EXPERTS: UpsertCounts(unchanged=2)}
    first, second = stored(store)
    assert (first.organization, first.name, first.title) == ("u1", "张三", "教授")
    assert first.fields == ("永磁电机", "转子强度")
    assert (second.organization, second.name, second.text) == ("u2", "李四", "")


def test_a_row_changes_the_expert_of_its_name_and_keeps_what_it_has_no_column_for(
    store: Engine, tmp_path: Path
):
    put(store, Expert(id=LISTED, organization="u1", name="张三", title="讲师", text="留着。"))
    path = write_lines(
        tmp_path / "x.jsonl",
        {"姓名": "张三", "职称": "教授", "单位": "示例大学"},
        {"姓名": "张三", "职称": "教授", "单位": "示例学院"},
    )

    report = load([path], engine=store)

    assert report.counts == {Kind.EXPERTS: UpsertCounts(added=1, changed=1)}
    changed, added = stored(store)
    assert changed == Expert(id=LISTED, organization="u1", name="张三", title="教授", text="留着。")
    assert added.organization == "u2"


def test_a_number_takes_the_place_of_an_id_that_nobody_chose_and_then_names_the_expert(
    store: Engine, tmp_path: Path
):
    put(store, Expert(id=LISTED, organization="u1", name="张三", text="一"))

    def go(*rows: dict[str, str]) -> UpsertCounts:
        lines = [{"organization": "u1", **row} for row in rows]
        path = write_lines(tmp_path / "experts.jsonl", *lines)
        report = load([path], engine=store)
        assert report.problems == ()
        return report.counts[Kind.EXPERTS]

    numbered = go({"id": "T1", "name": "张三", "text": "一"})
    renamed = go({"id": "T1", "name": "张叁", "text": "一"})
    namesake = go({"id": "T2", "name": "张叁", "text": "二"})

    assert (numbered, renamed) == (UpsertCounts(changed=1), UpsertCounts(changed=1))
    assert namesake == UpsertCounts(added=1)
    assert [(one.id, one.name) for one in stored(store)] == [("T1", "张叁"), ("T2", "张叁")]


def test_namesakes_without_a_number_are_asked_who_is_meant(store: Engine, tmp_path: Path):
    put(
        store,
        Expert(id="T1", organization="u1", name="张三"),
        Expert(id="T2", organization="u1", name="张三"),
    )
    path = write_experts(tmp_path / "专家.xlsx", HEADER, ("张三", "教授", "示例大学", "", ""))

    (problem,) = load([path], engine=store).problems

    assert (problem.row, problem.column, problem.value) == (2, "姓名", "张三")
    assert "T1、T2" in problem.what_is_right
    assert {one.title for one in stored(store)} == {""}


def test_two_people_of_one_name_in_a_file_need_numbers(store: Engine, tmp_path: Path):
    rows = [("张三", "教授", "示例大学", "电机", ""), ("张三", "讲师", "示例大学", "染色", "")]
    plain = write_experts(tmp_path / "专家.xlsx", HEADER, *rows)
    numbered = write_experts(
        tmp_path / "专家编号.xlsx",
        (*HEADER, "专家编号"),
        *((*row, f"T{n}") for n, row in enumerate(rows)),
    )

    (problem,) = load([plain], engine=store, strict=True).problems
    counts = load([numbered], engine=store).counts[Kind.EXPERTS]

    assert (problem.row, problem.column, problem.value) == (3, "姓名", "张三")
    assert "各填专家编号" in problem.what_is_right
    assert counts == UpsertCounts(added=2)


def test_rows_of_one_person_follow_each_other(store: Engine, tmp_path: Path):
    put(store, Expert(id=LISTED, organization="u1", name="张三"))
    path = write_lines(
        tmp_path / "experts.jsonl",
        {"name": "张三", "organization": "u1", "title": "讲师"},
        {"name": "张三", "organization": "示例大学", "title": "副教授"},
        {"name": "张三", "organization": "u1", "id": "T1", "title": "教授"},
    )

    report = load([path], engine=store)

    assert report.counts == {Kind.EXPERTS: UpsertCounts(changed=3)}
    assert [(one.id, one.title) for one in stored(store)] == [("T1", "教授")]


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (("张三", "", "", "电机", ""), "所在单位", "请填写专家所在单位"),
        (("张三", "", "e1", "电机", ""), "所在单位", "高校和科研院所"),
        (("张三", "", "新来的制造有限公司", "电机", ""), "所在单位", "高校和科研院所"),
        (("？", "", "u1", "电机", ""), "姓名", "专家姓名"),
        (("", "", "u1", "电机", ""), "姓名", "不能为空"),
    ],
)
def test_a_row_that_cannot_be_placed_is_refused_with_advice_and_no_other(
    store: Engine, tmp_path: Path, row: tuple[str, ...], column: str, words: str
):
    path = write_experts(tmp_path / "专家.xlsx", HEADER, row, ("李四", "", "u1", "", ""))

    report = load([path], engine=store)

    (problem,) = report.problems
    assert (problem.row, problem.column) == (2, column)
    assert re.search(words, problem.what_is_right)
    assert report.added_organizations == ()
    assert [one.name for one in stored(store)] == ["李四"]


@pytest.mark.parametrize(("written", "told"), [("e1", "e1"), ("", None)])
def test_what_is_told_of_a_column_is_what_stands_in_it(
    store: Engine, tmp_path: Path, written: str, told: str | None
):
    path = write_experts(tmp_path / "专家.xlsx", HEADER, ("张三", "", written, "电机", ""))

    (problem,) = load([path], engine=store).problems

    assert (problem.column, problem.value) == ("所在单位", told)


def test_an_id_of_an_expert_elsewhere_is_refused(store: Engine, tmp_path: Path):
    put(store, Expert(id="T1", organization="u2", name="王五"))
    path = write_lines(
        tmp_path / "experts.jsonl", {"id": "T1", "name": "王五", "organization": "u1"}
    )

    (problem,) = load([path], engine=store, kind=Kind.EXPERTS).problems

    assert "另一单位" in problem.what_is_right
    assert [one.organization for one in stored(store)] == ["u2"]


def test_a_university_that_only_its_experts_name_hands_them_to_its_record(
    store: Engine, tmp_path: Path
):
    path = write_experts(tmp_path / "专家.xlsx", HEADER, ("张三", "教授", "新来的大学", "", ""))
    record = write_sheet(
        tmp_path / "单位.xlsx", ("单位编号", "单位名称"), ("u9", "新来的大学"), sheet="单位"
    )

    named = load([path], engine=store)
    merged = load([record], engine=store)
    again = load([path], engine=store)

    assert named.added_organizations == merged.merged_organizations == ("新来的大学",)
    assert [one.organization for one in stored(store)] == ["u9"]
    assert again.counts == {Kind.EXPERTS: UpsertCounts(unchanged=1)}
