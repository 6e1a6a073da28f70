"""Templates: filled in and loaded, they give what was filled in."""

import errno
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine

from data.cooperations import CooperationRepository
from data.decisions import DecisionRepository
from data.errors import CannotWriteFile
from data.expert import Expert
from data.experts import ExpertRepository
from data.importers.fields import FIELDS
from data.importers.load import load
from data.importers.names import id_of_name
from data.importers.rows import Kind
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import session_scope
from data.template import SHEETS, write_template
from matcher.decision import ReasonCode, Verdict
from tests.data.builders import (
    make_achievement,
    make_cooperation,
    make_decision,
    make_need,
    make_organization,
)

FILLED = {
    Kind.NEEDS: {
        "id": "n1",
        "title": "电机转子护套减薄",
        "text": "护套过厚，\n涡流损耗大。",
        "county": "永康市",
        "chains": "电动工具及农机装备；新能源汽车",
        "keywords": "永磁电机；护套",
        "must_have": "转速≥60000 r/min",
        "nice_to_have": "可批量生产",
        "indicators": "损耗≤1,200 W",
        "budget_cny": "80万元",
        "deadline": "2027-06-30",
        "min_trl": "6",
        "cooperation_modes": "合作开发；许可",
        "visibility": "仅经纪人",
        "status": "已发布",
    },
    Kind.ACHIEVEMENTS: {
        "id": "a1",
        "title": "碳纤维缠绕护套",
        "text": "预张力缠绕。",
        "county": "市外",
        "chains": "新能源汽车",
        "keywords": "碳纤维",
        "trl": "6",
        "ip_status": "已授权",
        "ipc": "H02K1/27",
        "team": "张工（示例）",
        "price_cny": 500_000,
        "cooperation_modes": "转让",
        "visibility": "公开",
    },
    Kind.ORGANIZATIONS: {
        "id": "e1",
        "name": "示例e1有限公司",
        "kind": "企业",
        "county": "永康市",
        "chains": "电动工具及农机装备",
        "text": "生产电动工具。",
        "gbt4754": "3465",
    },
    Kind.DECISIONS: {
        "id": "d1",
        "query_id": "示例-N-001",
        "document_id": "示例-A-001",
        "level": "2",
        "verdict": "不采纳",
        "reason": "硬性要求未满足",
        "note": "转速不够",
        "who": "张工（示例）",
        "made_at": "2026-03-04 13:06:07",
        "rank": "3",
        "run_id": "r1",
    },
    Kind.COOPERATIONS: {
        "id": "c1",
        "enterprise": "e1",
        "university": "u1",
        "chain": "新能源汽车",
        "segment": "nev.drive-motor",
        "since": "2021",
        "year": "2024",
        "kind": "委托开发",
        "source": "合同登记",
    },
    Kind.EXPERTS: {
        "id": "x1",
        "name": "张 示 例",
        "title": "教授",
        "organization": "示例理工大学",
        "fields": "永磁电机；转子强度",
        "text": "做过护套。\n可承担设计。",
    },
}
EXPECTED = {
    Kind.NEEDS: make_need("n1", created_at=None, updated_at=None),
    Kind.ACHIEVEMENTS: make_achievement("a1", created_at=None, updated_at=None),
    Kind.ORGANIZATIONS: make_organization("e1"),
    Kind.DECISIONS: make_decision(
        "d1",
        query_id="示例-N-001",
        document_id="示例-A-001",
        level=2,
        verdict=Verdict.REJECT,
        reason=ReasonCode.MUST_HAVE_OPEN,
        note="转速不够",
        rank=3,
        run_id="r1",
    ),
    Kind.COOPERATIONS: make_cooperation("c1"),
    Kind.EXPERTS: Expert(
        id="x1",
        name="张示例",
        title="教授",
        organization=id_of_name("示例理工大学"),
        fields=("永磁电机", "转子强度"),
        text="做过护套。\n可承担设计。",
    ),
}
REPOSITORIES = {
    Kind.NEEDS: NeedRepository,
    Kind.ACHIEVEMENTS: AchievementRepository,
    Kind.ORGANIZATIONS: OrganizationRepository,
    Kind.DECISIONS: DecisionRepository,
    Kind.COOPERATIONS: CooperationRepository,
    Kind.EXPERTS: ExpertRepository,
}


def store_what_decisions_name(engine: Engine) -> None:
    with session_scope(engine) as session:
        NeedRepository(session).upsert_many([make_need("示例-N-001"), make_need("示例-N-002")])
        AchievementRepository(session).upsert_many([make_achievement("示例-A-001")])


@pytest.mark.parametrize("kind", list(SHEETS))
def test_a_filled_template_loads_as_what_was_filled_in(
    sqlite_engine: Engine, tmp_path: Path, kind: Kind
):
    path = tmp_path / "模板.xlsx"
    write_template(kind, path)
    book = load_workbook(path)
    for column, field in enumerate(FIELDS[kind], start=1):
        book[SHEETS[kind]].cell(row=2, column=column, value=FILLED[kind].get(field.name))
    book.save(path)
    if kind is Kind.DECISIONS:
        store_what_decisions_name(sqlite_engine)

    report = load([path], engine=sqlite_engine)

    with session_scope(sqlite_engine, write=False) as session:
        (stored,) = REPOSITORIES[kind](session).all()
    if kind in (Kind.NEEDS, Kind.ACHIEVEMENTS, Kind.EXPERTS):
        stored = replace(stored, created_at=None, updated_at=None)
    assert (report.problems, report.warnings) == ((), ())
    assert stored == EXPECTED[kind]


@pytest.mark.parametrize("kind", list(SHEETS))
def test_an_empty_template_loads_nothing_and_its_examples_would_load(
    sqlite_engine: Engine, tmp_path: Path, kind: Kind
):
    path = tmp_path / "模板.xlsx"
    write_template(kind, path)
    empty = load([path], engine=sqlite_engine)
    book = load_workbook(path)
    del book[SHEETS[kind]]
    book["示例"].title = SHEETS[kind]
    book.save(path)
    if kind is Kind.DECISIONS:
        store_what_decisions_name(sqlite_engine)

    examples = load([path], engine=sqlite_engine)

    assert empty.problems == ()
    assert empty.counts[kind].added == 0
    assert (examples.problems, examples.warnings) == ((), ())
    assert examples.counts[kind].added == 2


def test_every_choice_in_a_drop_down_list_is_understood(tmp_path: Path):
    for kind in SHEETS:
        path = tmp_path / f"{kind}.xlsx"
        write_template(kind, path)
        book = load_workbook(path)
        fields = {field.name: field for field in FIELDS[kind]}
        columns = book["选项"].iter_cols()
        lists = {column[0].value: column[1:] for column in columns if column[0].value}

        assert {"chains", "county"} & set(fields) <= set(lists)
        assert lists or kind is Kind.EXPERTS
        assert len(book[SHEETS[kind]].data_validations.dataValidation) == len(lists)
        for name, cells in lists.items():
            for cell in cells:
                if cell.value is not None:
                    fields[name].parse(cell.value)


def test_a_file_that_may_be_filled_in_is_not_overwritten(tmp_path: Path):
    path = tmp_path / "模板.xlsx"
    path.write_text("已填写", encoding="utf-8")

    with pytest.raises(CannotWriteFile, match="已存在"):
        write_template(Kind.NEEDS, path)
    with pytest.raises(CannotWriteFile, match="missing"):
        write_template(Kind.NEEDS, tmp_path / "missing" / "模板.xlsx")

    assert path.read_text(encoding="utf-8") == "已填写"


def test_a_full_disk_leaves_an_existing_form_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "需求.xlsx"
    path.write_bytes(b"filled in")

    def breaks_off(book: Workbook, target: Path) -> None:
        Path(target).write_bytes(b"PK")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Workbook, "save", breaks_off)

    with pytest.raises(CannotWriteFile, match="No space left"):
        write_template(Kind.NEEDS, path, overwrite=True)

    assert path.read_bytes() == b"filled in"
    assert list(tmp_path.iterdir()) == [path]


def test_a_form_that_may_be_replaced_is_replaced(tmp_path: Path):
    path = tmp_path / "需求.xlsx"
    path.write_bytes(b"old")

    write_template(Kind.NEEDS, path, overwrite=True)

    assert SHEETS[Kind.NEEDS] in load_workbook(path).sheetnames
    assert list(tmp_path.iterdir()) == [path]
