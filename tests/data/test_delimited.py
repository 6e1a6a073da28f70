"""CSV files in every encoding and state in which people send them."""

import csv
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.importers.encoding import encoding_of
from data.importers.load import load
from data.importers.problems import UnreadableFile
from data.repositories import NeedRepository
from data.session import session_scope

TABLE = '需求编号,需求名称,需求描述\nn1,护套减薄,"损耗大，\n要减薄"\n\nn2,"带""引号""的",𠮷\n'


def titles(engine: Engine) -> dict[str, str]:
    with session_scope(engine, write=False) as session:
        return {need.id: need.title for need in NeedRepository(session).all()}


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_every_common_encoding_and_delimiter_is_recognised(
    sqlite_engine: Engine, tmp_path: Path, encoding: str, delimiter: str
):
    path = tmp_path / "需求.csv"
    path.write_bytes(TABLE.replace(",", delimiter).encode(encoding))

    report = load([path], engine=sqlite_engine)

    assert (report.problems, report.warnings) == ((), ())
    assert titles(sqlite_engine) == {"n1": "护套减薄", "n2": '带"引号"的'}


def test_rows_are_counted_as_a_spreadsheet_shows_them(sqlite_engine: Engine, tmp_path: Path):
    path = tmp_path / "需求.csv"
    path.write_text(TABLE + "n3,,空标题\n", encoding="utf-8")

    report = load([path], engine=sqlite_engine)

    # header, n1 (two lines in quotes), a blank row, n2, then the bad one
    assert [p.row for p in report.problems] == [5]


def test_a_list_full_of_semicolons_does_not_pass_for_the_delimiter(
    sqlite_engine: Engine, tmp_path: Path
):
    path = tmp_path / "需求.csv"
    path.write_text("编号,标题,关键词\nn1,甲,a;b;c;d;e;f;g\n", encoding="utf-8")

    load([path], engine=sqlite_engine)

    assert titles(sqlite_engine) == {"n1": "甲"}


def test_rows_longer_or_shorter_than_the_header(sqlite_engine: Engine, tmp_path: Path):
    path = tmp_path / "需求.csv"
    path.write_text("编号,标题,描述\nn1,甲,a,b\nn2,乙\nn3,丙,c,,\n", encoding="utf-8")

    report = load([path], engine=sqlite_engine)

    assert titles(sqlite_engine) == {"n2": "乙", "n3": "丙"}
    assert [p.row for p in report.problems] == [2]
    assert "双引号" in report.problems[0].message


def test_stray_and_unclosed_quotes_are_reported_and_the_rest_loads(
    sqlite_engine: Engine, tmp_path: Path
):
    path = tmp_path / "需求.csv"
    path.write_text('编号,标题\nn1,"甲"乙\nn2,丙\nn3,"丁\nn4,戊\n', encoding="utf-8")

    report = load([path], engine=sqlite_engine)

    assert titles(sqlite_engine) == {"n2": "丙"}
    assert [p.row for p in report.problems] == [2, 4]
    assert "没有闭合" in report.problems[1].message


def test_a_damaged_row_is_reported_and_the_others_load(sqlite_engine: Engine, tmp_path: Path):
    path = tmp_path / "需求.csv"
    good = "".join(f"n{i},完好的标题第{i}行\n" for i in range(50)).encode()
    path.write_bytes("编号,标题\n".encode() + good + b"x1,\xe6\x8a\n")

    report = load([path], engine=sqlite_engine)

    assert len(titles(sqlite_engine)) == 50
    assert [(p.row, p.column) for p in report.problems] == [(52, "标题")]
    assert "UTF-8" in report.problems[0].message


def test_bytes_of_no_known_encoding_are_refused(tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"\xff\xff\x80" * 50)

    with pytest.raises(UnreadableFile, match="UTF-8"):
        encoding_of(path)


def test_binary_content_is_refused(tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_bytes(bytes([0, 1, 0, 0, 2, 0, 0, 0]) * 100)

    with pytest.raises(UnreadableFile, match="no text file"):
        encoding_of(path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "文件是空的"),
        ("编号,标题\n".encode(), "没有数据行"),
        (b"\n\n \n", "没有数据行"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"SQLite format 3\0....", "SQLite"),
    ],
)
def test_files_without_rows_say_so(
    sqlite_engine: Engine, tmp_path: Path, content: bytes, expected: str
):
    path = tmp_path / "需求.csv"
    path.write_bytes(content)

    report = load([path], engine=sqlite_engine)

    messages = [problem.message for problem in (*report.problems, *report.warnings)]
    assert any(expected in message for message in messages), messages


def test_a_stray_byte_among_plain_ascii_costs_its_own_row_alone(
    sqlite_engine: Engine, tmp_path: Path
):
    path = tmp_path / "needs.csv"
    good = "".join(f"n{i},A motor that runs hot\n" for i in range(500)).encode()
    path.write_bytes(b"id,title\n" + good + b"x1,stray \xff byte\n")

    report = load([path], engine=sqlite_engine)

    assert len(titles(sqlite_engine)) == 500
    assert [(p.row, p.column) for p in report.problems] == [(502, "title")]


def test_the_limit_of_a_cell_fits_a_c_long_of_every_platform(sqlite_engine: Engine, tmp_path: Path):
    path = tmp_path / "需求.csv"
    path.write_text(TABLE, encoding="utf-8")

    load([path], engine=sqlite_engine)

    assert csv.field_size_limit() == 2**31 - 1
