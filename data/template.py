"""Excel templates: headers, drop-down lists, an instruction sheet and examples.

The sheet to fill in is empty; examples stand on a sheet of their own, which the importer
passes over, so nobody loads them by mistake.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from data import reference
from data.errors import CannotWriteFile
from data.importers.field import Field
from data.importers.fields import FIELDS
from data.importers.rows import Kind
from data.template_examples import EXAMPLES
from data.whole_file import whole_file
from matcher.chain import IndustryChain

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

SHEETS = {
    Kind.NEEDS: "需求",
    Kind.ACHIEVEMENTS: "成果",
    Kind.ORGANIZATIONS: "单位",
    Kind.DECISIONS: "反馈",
    Kind.COOPERATIONS: "合作关系",
    Kind.EXPERTS: "专家",
}

_ROWS = 5000
_WIDTHS = {"title": 36, "text": 60, "name": 30, "must_have": 36, "indicators": 36}
# several values may stand in these, which no drop-down list can offer
_SEVERAL = frozenset({"chains", "cooperation_modes"})


def write_template(
    kind: Kind,
    path: Path,
    *,
    overwrite: bool = False,
    chains: Sequence[IndustryChain] | None = None,
) -> None:
    """Writes an ``.xlsx`` to fill in and load again.

    Args:
        kind: Needs, achievements, organisations, decisions, cooperations or experts.
        path: The new file.
        overwrite: Replace a file that is there; it may have been filled in.
        chains: Those offered for choice; the packaged ones unless given.

    Raises:
        CannotWriteFile: the file exists, or its folder is missing or closed to us.
    """
    # a tenth of a second that no other command should pay
    from openpyxl import Workbook

    if path.exists() and not overwrite:
        raise CannotWriteFile(
            str(path), "文件已存在，请换一个文件名", "it exists; choose another name"
        )
    book = Workbook()
    book.remove(book["Sheet"])
    fields = FIELDS[kind]
    sheet = book.create_sheet(SHEETS[kind])
    _write_headers(sheet, fields)
    _add_examples(book, kind)
    names = [chain.name_zh for chain in (reference.chains() if chains is None else chains)]
    _add_help(book, kind, names)
    _add_drop_downs(book, sheet, fields, names)
    with whole_file(path) as unfinished:
        book.save(unfinished)


def _write_headers(sheet: "Worksheet", fields: Sequence[Field]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for index, field in enumerate(fields, start=1):
        mark = "*" if field.required else ""
        cell = sheet.cell(row=1, column=index, value=f"{field.label}{mark}\n{field.name}")
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDEBF7")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        column = sheet.column_dimensions[get_column_letter(index)]
        column.width = _WIDTHS.get(field.name, 18)
        # as text, ids keep their leading zeros and dates the form they were typed in
        column.number_format = "@"
    sheet.row_dimensions[1].height = 34
    sheet.freeze_panes = "A2"


def _add_examples(book: "Workbook", kind: Kind) -> None:
    sheet = book.create_sheet("示例")
    _write_headers(sheet, FIELDS[kind])
    for row, example in enumerate(EXAMPLES[kind], start=2):
        for column, field in enumerate(FIELDS[kind], start=1):
            sheet.cell(row=row, column=column, value=example.get(field.name))


def _add_help(book: "Workbook", kind: Kind, chains: Sequence[str]) -> None:
    from openpyxl.styles import Font

    sheet = book.create_sheet("说明")
    sheet.append(["列 / column", "英文名 / field", "必填 / required", "填写方法", "可选值"])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for field in FIELDS[kind]:
        required = "是 / yes" if field.required else ""
        choices = "、".join(_choices(field, chains))
        sheet.append([field.label, field.name, required, field.hint, choices])
    for text in (
        "标 * 的列必填。列的顺序可以改变，不需要的列可以删除。",
        "“示例”“说明”“选项”三张表不会被导入。",
        "同一行再次导入不会重复；反馈一经导入不再更改，要更正请另填一行。"
        if kind is Kind.DECISIONS
        else "同一编号再次导入即更新，不会重复。",
        "Columns marked * are required; order is free. The sheets 示例, 说明, 选项 are not loaded.",
    ):
        sheet.append([text])
    for letter, width in zip("ABCDE", (18, 20, 16, 44, 60), strict=True):
        sheet.column_dimensions[letter].width = width


def _add_drop_downs(
    book: "Workbook", sheet: "Worksheet", fields: Sequence[Field], chains: Sequence[str]
) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    options = book.create_sheet("选项")
    options.sheet_state = "hidden"
    for index, field in enumerate(fields, start=1):
        choices = _choices(field, chains)
        if not choices:
            continue
        # a list in a sheet has no limit; one inside the rule ends at 255 characters
        at = options.max_column + 1 if options["A1"].value else 1
        for row, choice in enumerate((field.name, *choices), start=1):
            options.cell(row=row, column=at, value=choice)
        letter = get_column_letter(at)
        rule = DataValidation(
            type="list",
            formula1=f"选项!${letter}$2:${letter}${len(choices) + 1}",
            allow_blank=True,
            showErrorMessage=field.name not in _SEVERAL,
            errorTitle="请从列表中选择",
            error=f"{field.label}：{'、'.join(choices)}"[:225],
        )
        column = get_column_letter(index)
        rule.add(f"{column}2:{column}{_ROWS}")
        sheet.add_data_validation(rule)


def _choices(field: Field, chains: Sequence[str]) -> tuple[str, ...]:
    if field.name in ("chains", "chain"):
        return tuple(chains)
    if field.name == "county":
        return (*(county.name_zh for county in reference.counties()), "市外")
    return field.choices
