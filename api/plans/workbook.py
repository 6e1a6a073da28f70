"""A plan as an Excel workbook that can be handed round."""

from pathlib import Path

from api.plans.kept import ExplainedPlan
from api.plans.tables import sheets_of
from api.sheets.workbook import save_workbook
from data.whole_file import whole_file


def write_workbook(explained: ExplainedPlan, path: Path) -> None:
    """Write a plan as ``.xlsx``, one sheet per table; a whole file or none.

    No text becomes a formula, whatever it begins with.

    Raises:
        CannotWriteFile: the folder is missing or closed to us, or the disk is full.
    """
    with whole_file(path) as unfinished:
        save_workbook(sheets_of(explained), unfinished)
