"""A plan as an Excel workbook that can be handed round."""

from pathlib import Path
from typing import TYPE_CHECKING

from api.drawing import printable, text_width
from api.plan_tables import Cell, Sheet, sheets_of
from api.plans import ExplainedPlan
from data.whole_file import whole_file

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MOST_CHARS = 32_000
"""Excel holds 32,767 characters in a cell."""

_WIDEST, _NARROWEST = 60.0, 8.0


def write_workbook(explained: ExplainedPlan, path: Path) -> None:
    """Write a plan as ``.xlsx``, one sheet per table; a whole file or none.

    No text becomes a formula, whatever it begins with.

    Raises:
        CannotWriteFile: the folder is missing or closed to us, or the disk is full.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book["Sheet"])
    for sheet in sheets_of(explained):
        _write(book.create_sheet(sheet.title), sheet)
    with whole_file(path) as unfinished:
        book.save(unfinished)


def _write(target: "Worksheet", sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for column, heading in enumerate(sheet.columns, start=1):
        _put(target, 1, column, heading)
        cell = target.cell(row=1, column=column)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDEBF7")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    for row, values in enumerate(sheet.rows, start=2):
        for column, value in enumerate(values, start=1):
            _put(target, row, column, value)
            alignment = Alignment(wrap_text=True, vertical="top")
            target.cell(row=row, column=column).alignment = alignment
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
