"""Workbooks and CSV that run nothing when they are opened."""

import csv
import io

import pytest
from openpyxl import load_workbook

from api.sheets.sheet import Sheet
from api.sheets.workbook import csv_text, save_workbook

DANGEROUS = ("=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", " =1+1")


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_that_looks_like_a_formula_is_a_text_in_both(text: str):
    file = io.BytesIO()
    save_workbook([Sheet("表", ("名称",), ((text,),))], file)
    cell = load_workbook(file)["表"]["A2"]
    line = list(csv.reader(io.StringIO(csv_text(["名称"], [[text]]).removeprefix("\ufeff"))))[1]

    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert line[0].startswith("'")


def test_numbers_and_ordinary_texts_are_left_as_they_are():
    rows = list(csv.reader(io.StringIO(csv_text(["a", "b", "c"], [[-5, "温升≤30 K", None]]))))

    assert rows[1] == ["-5", "温升≤30 K", ""]


def test_a_sheet_is_readable_headings_frozen_and_bold_columns_wide_enough():
    file = io.BytesIO()
    save_workbook([Sheet("表", ("名称", "说明"), (("轴", "长" * 500),))], file)

    sheet = load_workbook(file)["表"]

    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert 8 <= sheet.column_dimensions["A"].width < sheet.column_dimensions["B"].width <= 60
