"""Workbooks as they come: merged, calculated, styled, mislabelled, damaged."""

import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine

from data.importers.load import load
from data.importers.report import LoadReport
from data.repositories import NeedRepository
from data.session import session_scope
from matcher.types import Need
from tests.data.builders import write_sheet

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512


def needs(engine: Engine) -> dict[str, Need]:
    with session_scope(engine, write=False) as session:
        return {need.id: need for need in NeedRepository(session).all()}


def only_message(report: LoadReport) -> str:
    (problem,) = report.problems
    return problem.message


def test_a_merged_cell_counts_for_each_of_its_rows_and_is_mentioned(
    sqlite_engine: Engine, tmp_path: Path
):
    path = write_sheet(
        tmp_path / "需求.xlsx",
        ["技术需求征集表", None, None],
        ["编号", "标题", "县市区"],
        ["n1", "甲", "永康市"],
        ["n2", "乙", None],
        ["n3", "丙", "义乌市"],
    )
    book = load_workbook(path)
    book["需求"].merge_cells("A1:C1")
    book["需求"].merge_cells("C3:C4")
    book.save(path)

    report = load([path], engine=sqlite_engine)

    counties = {need.id: need.county for need in needs(sqlite_engine).values()}
    assert counties == {"n1": "yongkang", "n2": "yongkang", "n3": "yiwu"}
    assert [(w.row, w.value) for w in report.warnings] == [(3, "永康市")]
    assert "C3:C4" in report.warnings[0].message


def test_a_formula_without_a_saved_value_is_reported_with_what_to_do(
    sqlite_engine: Engine, tmp_path: Path
):
    path = write_sheet(
        tmp_path / "需求.xlsx",
        ["编号", "标题", "预算"],
        ["n1", "甲", "=40*20000"],
        ["n2", "乙", 5],
    )

    report = load([path], engine=sqlite_engine)

    (problem,) = report.problems
    assert (problem.row, problem.column, problem.value) == (2, "预算", "=40*20000")
    assert "保存" in problem.message
    assert set(needs(sqlite_engine)) == {"n2"}


def test_a_formula_with_a_saved_value_counts_with_that_value(sqlite_engine: Engine, tmp_path: Path):
    path = write_sheet(tmp_path / "f.xlsx", ["编号", "标题", "预算"], ["n1", "甲", "=40*20000"])
    saved = tmp_path / "需求.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(saved, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b"<v></v>", b"<v>800000</v>").replace(
                    b"<v />", b"<v>800000</v>"
                )
                assert b"800000" in content
            new.writestr(name, content)

    report = load([saved], engine=sqlite_engine)

    assert report.problems == ()
    assert needs(sqlite_engine)["n1"].budget_cny == 800_000


def test_a_workbook_as_excel_itself_writes_it_is_read(sqlite_engine: Engine, tmp_path: Path):
    # texts in a table of their own, a formula whose result is an empty text, gaps between cells
    words = ["编号", "标题", "描述", "n1", "护套"]
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = (
        f'<worksheet xmlns="{main}"><dimension ref="A1:XFD1048576"/><sheetData>'
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c>'
        '<c r="D1" t="s"><v>2</v></c></row>'
        '<row r="4"><c r="A4" t="s"><v>3</v></c><c r="C4" t="s"><v>4</v></c>'
        '<c r="D4" t="str"><f>IF(A1="","x","")</f><v></v></c></row>'
        "</sheetData></worksheet>"
    )
    strings = f'<sst xmlns="{main}">' + "".join(f"<si><t>{w}</t></si>" for w in words) + "</sst>"
    base = write_sheet(tmp_path / "x.xlsx", ["x"])
    path = tmp_path / "需求.xlsx"
    with zipfile.ZipFile(base) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                content = sheet
            elif name == "[Content_Types].xml":
                kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
                part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}.'
                content = content.replace("</Types>", part + 'sharedStrings+xml"/></Types>')
            new.writestr(name, content)
        new.writestr("xl/sharedStrings.xml", strings)

    report = load([path], engine=sqlite_engine)

    assert (report.problems, report.warnings) == ((), ())
    assert needs(sqlite_engine)["n1"].title == "护套"
    assert needs(sqlite_engine)["n1"].text == ""


def test_error_values_are_reported(sqlite_engine: Engine, tmp_path: Path):
    path = write_sheet(tmp_path / "需求.xlsx", ["编号", "标题", "预算"], ["n1", "甲", "#N/A"])

    assert "#N/A" in only_message(load([path], engine=sqlite_engine))


def test_text_that_begins_like_a_formula_stays_text(sqlite_engine: Engine, tmp_path: Path):
    path = write_sheet(tmp_path / "需求.xlsx", ["编号", "标题"], ["n1", "x"])
    book = load_workbook(path)
    cell = book["需求"]["B2"]
    cell.value = "=1+1"
    cell.data_type = "s"
    book.save(path)

    load([path], engine=sqlite_engine)

    assert needs(sqlite_engine)["n1"].title == "=1+1"


def test_styled_rows_without_content_are_passed_over(sqlite_engine: Engine, tmp_path: Path):
    path = write_sheet(
        tmp_path / "需求.xlsx", ["编号", "标题"], ["n1", "甲"], [None, None], ["n2", " "]
    )
    book = load_workbook(path)
    sheet = book["需求"]
    for row in range(5, 3000):
        sheet.cell(row=row, column=1).number_format = "@"
    sheet.cell(row=1_048_576, column=2).number_format = "@"
    book.save(path)

    report = load([path], engine=sqlite_engine)

    assert report.tables[0].rows == 2
    assert [p.row for p in report.problems] == [4]


def test_carriage_returns_that_workbooks_escape_become_line_ends(
    sqlite_engine: Engine, tmp_path: Path
):
    path = write_sheet(
        tmp_path / "需求.xlsx", ["编号", "标题", "描述"], ["n1", "甲", "一_x000D_\n二"]
    )

    load([path], engine=sqlite_engine)

    assert needs(sqlite_engine)["n1"].text == "一\n二"


def test_numbers_and_dates_in_text_columns_are_kept_as_shown(sqlite_engine: Engine, tmp_path: Path):
    path = write_sheet(tmp_path / "需求.xlsx", ["编号", "标题", "描述"], [7.0, 2026, 0.5])

    load([path], engine=sqlite_engine)

    assert needs(sqlite_engine)["7"].title == "2026"
    assert needs(sqlite_engine)["7"].text == "0.5"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("旧.xls", OLE, "另存为 .xlsx"),
        ("旧.xlsx", OLE, "旧版 .xls"),
        ("旧.csv", OLE, "旧版 .xls"),
        ("密.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "密码"),
        ("文.xlsx", "编号,标题\n".encode(), "这不是 .xlsx 工作簿（文本"),
        ("空.xlsx", b"", "文件是空的"),
        ("图.xlsx", b"\x89PNG\r\n\x1a\n\0", "PNG"),
        ("断.xlsx", b"PK\x03\x04" + b"\0" * 50, "损坏"),
    ],
)
def test_files_under_a_wrong_name_are_told_for_what_they_are(
    sqlite_engine: Engine, tmp_path: Path, name: str, content: bytes, expected: str
):
    path = tmp_path / name
    path.write_bytes(content)

    assert expected in only_message(load([path], engine=sqlite_engine))


def test_a_zip_renamed_to_xlsx_and_a_workbook_renamed_to_csv(sqlite_engine: Engine, tmp_path: Path):
    renamed = tmp_path / "需求1.xlsx"
    with zipfile.ZipFile(renamed, "w") as archive:
        archive.writestr("readme.txt", "x")
    as_csv = write_sheet(tmp_path / "x.xlsx", ["编号", "标题"]).rename(tmp_path / "需求2.csv")

    first = only_message(load([renamed], engine=sqlite_engine))
    second = only_message(load([as_csv], engine=sqlite_engine))

    assert "（zip）" in first
    assert "扩展名改为 .xlsx" in second


@pytest.mark.parametrize("kept", [0.3, 0.7, 0.99])
def test_a_workbook_cut_short_is_reported(sqlite_engine: Engine, tmp_path: Path, kept: float):
    path = write_sheet(tmp_path / "需求.xlsx", ["编号", "标题"], ["n1", "甲"])
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])

    assert "损坏" in only_message(load([path], engine=sqlite_engine))


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row><c></row>"),
        ("xl/workbook.xml", b"not xml"),
        ("xl/_rels/workbook.xml.rels", b"<Relationships/>"),
    ],
)
def test_a_workbook_with_a_broken_part_is_reported(
    sqlite_engine: Engine, tmp_path: Path, part: str, content: bytes
):
    good = write_sheet(tmp_path / "x.xlsx", ["编号", "标题"], ["n1", "甲"])
    broken = tmp_path / "需求.xlsx"
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))

    report = load([broken], engine=sqlite_engine)

    assert "损坏" in only_message(report)
    assert needs(sqlite_engine) == {}


def test_a_workbook_without_a_known_header_says_so(sqlite_engine: Engine, tmp_path: Path):
    path = write_sheet(tmp_path / "随便.xlsx", ["甲", "乙"], [1, 2], sheet="Sheet1")
    empty = tmp_path / "需求.xlsx"
    Workbook().save(empty)

    assert "表头" in only_message(load([path], engine=sqlite_engine))
    assert "没有数据行" in load([empty], engine=sqlite_engine).warnings[0].message


@pytest.mark.parametrize(("offset", "value"), [(8, 1), (10, 99)], ids=["encrypted", "packing"])
def test_a_member_that_zip_cannot_open_is_reported_and_other_files_load(
    sqlite_engine: Engine, tmp_path: Path, offset: int, value: int
):
    locked = write_sheet(tmp_path / "锁.xlsx", ["编号", "标题"], ["n1", "甲"])
    good = write_sheet(tmp_path / "需求.xlsx", ["编号", "标题"], ["n2", "乙"])
    content = bytearray(locked.read_bytes())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + offset] = value
        at = content.find(b"PK\x01\x02", at + 1)
    locked.write_bytes(content)

    report = load([locked, good], engine=sqlite_engine)

    assert "已加密" in only_message(report)
    assert set(needs(sqlite_engine)) == {"n2"}
