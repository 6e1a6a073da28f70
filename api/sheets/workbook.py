"""Tables as Excel workbooks and CSV that are safe to open, whatever their texts begin with.

A cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return is a formula
to a spreadsheet, and may fetch or run things (OWASP, "CSV Injection"). In a workbook we mark
texts as texts; in CSV, which has no such mark, an apostrophe goes before them.
"""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path
from typing import IO, TYPE_CHECKING

from api.pictures.drawing import printable, text_width
from api.sheets.sheet import Cell, Sheet

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MOST_CHARS = 32_000
"""Excel holds 32,767 characters in a cell."""

_WIDEST, _NARROWEST = 60.0, 8.0
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def save_workbook(sheets: Iterable[Sheet], target: Path | IO[bytes]) -> None:
    """Writes sheets as ``.xlsx``, with frozen headings and columns wide enough to read.

    No text becomes a formula, whatever it begins with.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book["Sheet"])
    for sheet in sheets:
        _write(book.create_sheet(sheet.title), sheet)
    book.save(target)


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table as CSV that Excel opens as UTF-8; texts that look like formulas get a ``'``."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_defused(cell) for cell in row] for row in rows)
    return f"\ufeff{file.getvalue()}"


def _defused(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA) else cell


def _write(target: "Worksheet", sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for column, heading in enumerate(sheet.columns, start=1):
        _put(target, 1, column, heading)
        cell = target.cell(row=1, column=column)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDEBF7")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    top = Alignment(wrap_text=True, vertical="top")
    for row, values in enumerate(sheet.rows, start=2):
        for column, value in enumerate(values, start=1):
            _put(target, row, column, value)
            target.cell(row=row, column=column).alignment = top
    for column, heading in enumerate(sheet.columns, start=1):
        texts = [heading, *(str(row[column - 1] or "") for row in sheet.rows)]
        # a narrow character is 0.6 of an ideograph, and one column unit wide
        widest = max(text_width(line, 1.0) for text in texts for line in text.split("\n")) / 0.6
        width = min(max(widest + 2, _NARROWEST), _WIDEST)
        target.column_dimensions[get_column_letter(column)].width = width
    target.freeze_panes = "A2"


def _put(target: "Worksheet", row: int, column: int, value: Cell) -> None:
    if value == "":
        return
    if not isinstance(value, str):
        target.cell(row=row, column=column, value=value)
        return
    text = "\n".join(printable(line) for line in value.split("\n"))
    cell = target.cell(row=row, column=column, value=text[:MOST_CHARS])
    # openpyxl takes "=…" for a formula; the mark keeps it text when somebody edits the cell
    cell.data_type = "s"
    cell.quotePrefix = True
