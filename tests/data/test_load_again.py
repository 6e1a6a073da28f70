"""Loading again, with less in the file or under another id: nothing is lost or doubled."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.importers.load import load
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import session_scope
from matcher.types import Organization, OrganizationKind, Status
from tests.data.builders import write_lines, write_sheet


def organizations(engine: Engine) -> dict[str, Organization]:
    with session_scope(engine, write=False) as session:
        return {item.id: item for item in OrganizationRepository(session).all()}


def poster_of(engine: Engine, need_id: str) -> str | None:
    with session_scope(engine, write=False) as session:
        need = NeedRepository(session).get(need_id)
        return None if need is None else need.organization


def test_a_field_without_a_column_is_kept_and_a_blank_cell_clears(
    sqlite_engine: Engine, tmp_path: Path
):
    full = write_sheet(
        tmp_path / "需求1.xlsx",
        ["编号", "标题", "描述", "预算", "单位", "产业链", "状态"],
        ["n1", "甲", "损耗大", 800, "示例电机", "机器人", "已撤回"],
    )
    brief = write_sheet(tmp_path / "需求2.xlsx", ["编号", "标题", "预算"], ["n1", "乙", None])
    load([full], engine=sqlite_engine)

    load([brief], engine=sqlite_engine)

    with session_scope(sqlite_engine, write=False) as session:
        need = NeedRepository(session).all()[0]
    assert (need.title, need.budget_cny) == ("乙", None)
    assert (need.text, need.chains, need.status) == ("损耗大", ("robot",), Status.WITHDRAWN)
    assert organizations(sqlite_engine)[need.organization or ""].name == "示例电机"


def test_a_beir_corpus_keeps_what_it_cannot_say(sqlite_engine: Engine, tmp_path: Path):
    sheet = write_sheet(
        tmp_path / "成果.xlsx", ["编号", "成果名称", "成熟度"], ["a1", "护套", 6], sheet="成果"
    )
    write_lines(tmp_path / "corpus.jsonl", {"_id": "a1", "title": "新护套", "text": "缠绕"})
    load([sheet], engine=sqlite_engine)

    load([tmp_path], engine=sqlite_engine)

    with session_scope(sqlite_engine, write=False) as session:
        item = AchievementRepository(session).all()[0]
    assert (item.title, item.text, item.trl) == ("新护套", "缠绕", 6)


def test_an_organisation_keeps_its_county_but_not_a_guessed_kind(
    sqlite_engine: Engine, tmp_path: Path
):
    needs = write_lines(
        tmp_path / "needs.jsonl", {"id": "n1", "title": "甲", "organization": "u-1"}
    )
    first = write_lines(
        tmp_path / "organizations1.jsonl", {"id": "u-1", "name": "示例大学", "county": "永康市"}
    )
    second = write_lines(tmp_path / "organizations2.jsonl", {"id": "u-1", "name": "示范大学"})

    for path in (needs, first, second):
        load([path], engine=sqlite_engine)

    (found,) = organizations(sqlite_engine).values()
    assert (found.name, found.county) == ("示范大学", "yongkang")
    assert found.kind is OrganizationKind.UNIVERSITY


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("name", ["示例电机有限公司", "H3C"])
def test_an_organisation_given_by_name_and_by_id_settles_under_its_id(
    sqlite_engine: Engine, tmp_path: Path, name: str, together: bool
):
    kind = "enterprise"
    paths = [
        write_lines(tmp_path / "organizations1.jsonl", {"name": name, "kind": kind}),
        write_lines(tmp_path / "organizations2.jsonl", {"id": "e-1", "name": name, "kind": kind}),
        write_lines(tmp_path / "organizations3.jsonl", {"name": name, "kind": kind}),
        write_lines(tmp_path / "needs.jsonl", {"id": "n1", "title": "甲", "organization": name}),
    ]
    loads = [paths] if together else [[path] for path in paths]
    for each in loads:
        load(each, engine=sqlite_engine)
    before = load(paths[1:2], engine=sqlite_engine).data_version

    again = [load(each, engine=sqlite_engine) for each in loads]

    assert list(organizations(sqlite_engine)) == ["e-1"]
    assert poster_of(sqlite_engine, "n1") == "e-1"
    assert {report.data_version for report in again} == {before}
    assert all(report.merged_organizations == () for report in again)


def test_a_name_that_looks_like_an_id_moves_to_the_real_record(
    sqlite_engine: Engine, tmp_path: Path
):
    needs = write_lines(
        tmp_path / "needs.jsonl", {"id": "n1", "title": "甲", "organization": "H3C"}
    )
    records = write_lines(
        tmp_path / "organizations.jsonl", {"id": "e-9", "name": "H3C", "kind": "enterprise"}
    )
    load([needs], engine=sqlite_engine)

    report = load([records], engine=sqlite_engine)

    assert report.merged_organizations == ("H3C",)
    assert list(organizations(sqlite_engine)) == ["e-9"]
    assert poster_of(sqlite_engine, "n1") == "e-9"


@pytest.mark.parametrize("title", ["", "  ", "——", None])
def test_a_beir_row_without_a_title_is_named_by_its_first_line_of_words(
    sqlite_engine: Engine, tmp_path: Path, title: str | None
):
    text = "——\n***\n护套太厚\n怎么办"
    write_lines(tmp_path / "queries.jsonl", {"_id": "q1", "title": title, "text": text})

    report = load([tmp_path], engine=sqlite_engine)

    assert report.problems == ()
    with session_scope(sqlite_engine, write=False) as session:
        need = NeedRepository(session).all()[0]
    assert (need.title, need.text) == ("护套太厚", text)
