"""Results as tables on the screen and as reports on disk, for every ``yilian eval``."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table

from api.cli.console import out, say
from api.settings import Settings

if TYPE_CHECKING:
    from evaluation.dataset import Dataset
    from evaluation.page import Section


CALIBRATION_TITLE = "概率与实际之差 / how far probabilities are from what came true"

_UNBOUNDED = 10_000


def show(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str | None = None
) -> None:
    """A table with its first column to the left and figures to the right.

    Args:
        columns: Headings; what follows a `` / `` stands on a second line.
        rows: Cells, as many in each as there are columns.
        title: A line above the table, parted from what was printed before.
    """
    if title is not None:
        out.print(f"\n[bold]{escape(title)}[/]", soft_wrap=True)
    cells = list(rows)
    table = _table(columns, cells, gap=2)
    if _width(table) > out.width:
        table = _table(columns, cells, gap=1)
    # figures are never cut, however narrow the screen or a pipe claims to be
    Console(file=out.file, width=max(_width(table), out.width)).print(table)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, gap: int) -> Table:
    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False)
    for place, column in enumerate(columns):
        heading = escape(column.replace(" / ", "\n"))
        side: JustifyMethod = "right" if place else "left"
        table.add_column(heading, justify=side, vertical="bottom", no_wrap=True)
    for row in rows:
        table.add_row(*map(escape, row))
    return table


def _width(table: Table) -> int:
    return out.measure(table, options=out.options.update(max_width=_UNBOUNDED)).maximum


def ready_to_evaluate(report: Path | None) -> Settings:
    """The settings, once the model is there.

    A folder that ``save`` could not use is refused before hours go into what is to be saved.

    Raises:
        OccupiedFolder: it holds something other than a report.
        EmbeddingError: the default model cannot be built.
    """
    from api.model import ensure_model
    from evaluation.report import check_folder

    if report is not None:
        check_folder(report)
    settings = Settings.from_environment()
    ensure_model(settings, say)
    return settings


def save(
    folder: Path | None,
    title: str,
    dataset: "Dataset",
    sections: "Sequence[Section]",
    *,
    model: str,
    settings: Mapping[str, str] | None = None,
) -> None:
    """Writes a report into a folder, if one is named, and says where it is.

    Raises:
        OccupiedFolder: the folder holds something other than a report.
        ReportNotWritten: the disk is full, or rights are missing.
    """
    from evaluation.page import Page
    from evaluation.provenance import provenance
    from evaluation.report import write_report

    if folder is None:
        return
    command = ["yilian", *sys.argv[1:]]
    made = provenance(dataset, model=model, command=command, settings=settings)
    say(f"报告 / report: {write_report(Page(title, made, sections), folder)}")
