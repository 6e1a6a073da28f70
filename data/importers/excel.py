"""Excel workbooks: every sheet that holds rows of ours.

pandas reads the values (it streams, types the cells and drops the styled but empty rows
at the end); ``sheet_xml`` adds what it hides.
"""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile
from zlib import error as ZlibError

from data.importers.columns import HEADER_WITHIN, find_header
from data.importers.problems import Advice, Place, Problem, Severity, UnreadableFile
from data.importers.rows import Kind, RawRow, Table, Unreadable
from data.importers.sheet_xml import Area, SheetFacts, read_sheet_facts
from data.importers.sniff import require_workbook

HELP_SHEETS = frozenset({"说明", "示例", "选项"})
"""Sheets of our own templates that hold no data."""

# what zipfile, the XML parser and openpyxl raise on a file that breaks off or lies;
# RuntimeError stands for members that are encrypted or packed in an unknown way
_DAMAGE = (
    # whichever parser openpyxl finds, what it cannot read is a SyntaxError
    *(BadZipFile, ZlibError, EOFError, SyntaxError, RuntimeError),
    *(KeyError, ValueError, TypeError, AttributeError, IndexError),
)
_Grid = list[list[object]]


def read_excel(path: Path, name: str, kind: Kind) -> Iterator[Table]:
    """One table per worksheet that is not empty and not a help sheet.

    A merged area counts as if each of its cells held the value. A formula counts with
    the value that was saved with it.

    Raises:
        UnreadableFile: not an ``.xlsx`` workbook, protected, or damaged.
    """
    require_workbook(path)
    facts, grids = _read_book(path)
    for sheet, grid in grids.items():
        if grid:
            place = Place(name, sheet)
            yield _table(grid, facts.get(sheet, SheetFacts()), place, kind)


def _read_book(path: Path) -> tuple[dict[str, SheetFacts], dict[str, _Grid]]:
    # takes a third of a second to load, and most commands read no workbook
    import pandas as pd

    try:
        # openpyxl warns of every feature of Excel that it leaves out, such as drop-down lists
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
            with pd.ExcelFile(path, engine="openpyxl") as book:
                names = [str(name) for name in book.sheet_names]
                frames = pd.read_excel(
                    book,
                    sheet_name=[name for name in names if name.strip() not in HELP_SHEETS],
                    header=None,
                    dtype=object,
                    na_filter=False,
                )
        grids = {
            str(name): [list(row) for row in frame.itertuples(index=False, name=None)]
            for name, frame in frames.items()
        }
        return read_sheet_facts(path), grids
    except _DAMAGE as error:
        raise UnreadableFile(
            "工作簿已损坏或已加密，请在 Excel 或 WPS 中打开后另存为 .xlsx",
            "the workbook is damaged or encrypted; open it in Excel or WPS and save it as .xlsx",
        ) from error


def _table(grid: _Grid, facts: SheetFacts, place: Place, kind: Kind) -> Table:
    at = find_header(grid[:HEADER_WITHIN], kind)
    if at is None:
        first = next((row for row in grid if any(map(_filled, row))), [])
        return Table(place, tuple(str(cell) for cell in first if _filled(cell)), iter(()))
    _mark_unreadable(grid, facts)
    warned = _fill_merged(grid, [area for area in facts.merged if area.top > at], place)
    header = tuple(str(cell) if _filled(cell) else "" for cell in grid[at])
    rows = _rows(grid, header, first=at + 1)
    return Table(place, header, rows, header_row=at + 1, problems=tuple(warned))


def _rows(grid: _Grid, header: Sequence[str], *, first: int) -> Iterator[RawRow]:
    for index in range(first, len(grid)):
        cells: dict[str, object] = {}
        for name, cell in zip(header, grid[index], strict=True):
            cells.setdefault(name, cell)
        if any(map(_filled, grid[index])):
            yield RawRow(index + 1, cells)


def _mark_unreadable(grid: _Grid, facts: SheetFacts) -> None:
    for row, column in facts.bare_formulas:
        if row < len(grid) and column < len(grid[row]):
            shown = facts.bare_formulas[row, column]
            grid[row][column] = Unreadable(shown, _BARE_FORMULA)
    for cells in grid:
        for column, cell in enumerate(cells):
            if _is_error(cell):
                cells[column] = Unreadable("#", _ERROR_VALUE)


def _fill_merged(grid: _Grid, areas: Sequence[Area], place: Place) -> Iterator[Problem]:
    for area in areas:
        if area.top >= len(grid) or area.left >= len(grid[area.top]):
            continue
        value = grid[area.top][area.left]
        for row in grid[area.top : area.bottom + 1]:
            row[area.left : area.right + 1] = [value] * len(row[area.left : area.right + 1])
        if _filled(value):
            yield place.problem(
                Advice(
                    f"合并单元格 {area.name} 的值已用于其中每一行每一列；如不是本意，请取消合并",
                    f"the value of merged cells {area.name} was used for each of them;"
                    " unmerge them if that was not meant",
                ),
                row=area.top + 1,
                value=value,
                severity=Severity.WARNING,
            )


def _filled(cell: object) -> bool:
    return cell is not None and not (isinstance(cell, str) and not cell.strip())


def _is_error(cell: Any) -> bool:
    # pandas gives NaN, the one value unlike itself, where Excel shows #N/A, #REF! and so on
    return isinstance(cell, float) and cell != cell


_BARE_FORMULA = Advice(
    "公式没有保存计算结果，请在 Excel 中打开并保存，或粘贴为数值",
    "the formula was saved without its value; open and save the workbook in Excel, or paste values",
)
_ERROR_VALUE = Advice(
    "单元格显示 Excel 错误值（如 #N/A、#REF!），请改正公式",
    "the cell shows an Excel error such as #N/A or #REF!; mend the formula",
)
