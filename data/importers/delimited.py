"""CSV and its kin, in UTF-8, GB18030 or UTF-16, parted by comma, tab or semicolon.

Read with the standard library: pandas drops or shifts rows that are too long, and a
report that names the wrong row is worse than none.
"""

import csv
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from data.importers.columns import HEADER_WITHIN, find_header, known_headers
from data.importers.encoding import ERRORS, encoding_of
from data.importers.problems import Advice, Place
from data.importers.rows import Kind, RawRow, Table

_DELIMITERS = ",\t;；"
# the limit is a C long, which has 32 bits on Windows
_MOST_CELL_CHARS = 2**31 - 1
_Record = tuple[int, list[str], Advice | None]


def read_delimited(path: Path, name: str, kind: Kind) -> Iterator[Table]:
    """The one table of a delimited file.

    Rows are counted as a spreadsheet shows them: a record whose quoted text spans three
    lines is one row, a blank line is one too.

    Raises:
        UnreadableFile: no known encoding, or not a text file.
    """
    # the module's default would refuse a cell of more than 131,072 characters
    csv.field_size_limit(_MOST_CELL_CHARS)
    encoding = encoding_of(path)
    with path.open(encoding=encoding, errors=ERRORS[encoding], newline="") as file:
        delimiter = _delimiter(list(islice(file, HEADER_WITHIN)), kind)
        file.seek(0)
        records = _records(csv.reader(file, delimiter=delimiter, strict=True))
        yield _table(records, Place(name), kind)


def _table(records: Iterator[_Record], place: Place, kind: Kind) -> Table:
    first = list(islice(records, HEADER_WITHIN))
    at = find_header([cells for _, cells, _ in first], kind)
    if at is None:
        header = next((tuple(cells) for _, cells, _ in first if any(map(str.strip, cells))), ())
        return Table(place, header, iter(()))
    number, cells, _ = first[at]
    header = tuple(cells)
    rows = _rows(chain(first[at + 1 :], records), header, place)
    return Table(place, header, rows, header_row=number)


def _records(reader: Iterator[list[str]]) -> Iterator[_Record]:
    """Every record with its number; one that cannot be parsed comes with advice instead."""
    number = 0
    while True:
        number += 1
        try:
            yield number, next(reader), None
        except StopIteration:
            return
        except csv.Error as error:
            unclosed = "unexpected end" in str(error)
            yield number, [], (_UNCLOSED if unclosed else _BAD_QUOTES)
            if unclosed:
                return


def _rows(records: Iterator[_Record], header: tuple[str, ...], place: Place) -> Iterator[RawRow]:
    for number, cells, advice in records:
        if any(cell.strip() for cell in cells[len(header) :]):
            advice = _TOO_LONG
        problems = () if advice is None else (place.problem(advice, row=number),)
        if problems or any(cell.strip() for cell in cells):
            yield RawRow(number, _by_header(header, cells), problems)


def _by_header(header: Sequence[str], cells: Sequence[str]) -> dict[str, object]:
    by_header: dict[str, object] = {}
    for name, cell in zip(header, cells, strict=False):
        by_header.setdefault(name, cell)
    return by_header


def _delimiter(lines: Sequence[str], kind: Kind) -> str:
    """The one that parts some line into most known headers; lists may hold any other."""
    return max(
        _DELIMITERS,
        key=lambda d: max(
            (
                known_headers([part.strip(' "\r\n') for part in line.split(d)], kind)
                for line in lines
            ),
            default=0,
        ),
    )


_TOO_LONG = Advice(
    "单元格比表头多，含逗号的内容请加英文双引号",
    'more cells than headers; put "double quotes" around a text that holds commas',
)
_BAD_QUOTES = Advice(
    "双引号不成对；内容中的双引号请写成两个",
    'stray double quote; write a quote inside a quoted text twice ("")',
)
_UNCLOSED = Advice(
    "双引号没有闭合，此行及以下内容未读取",
    "a double quote is never closed; this row and all below were not read",
)
