"""Results as tables on the screen and as reports on disk, for every ``yilian eval``."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api.cli.console import out, say

if TYPE_CHECKING:
    from evaluation.dataset import Dataset
    from evaluation.page import Section


_WIDE = 200


def show(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table with its first column to the left and figures to the right."""
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left", no_wrap=True)
    for row in rows:
        table.add_row(*map(escape, row))
    # figures are never cut, however narrow the screen or a pipe claims to be
    whole = out.measure(table, options=out.options.update(max_width=10_000)).maximum
    Console(file=out.file, width=max(whole, out.width)).print(table)


def save(
    folder: Path | None,
    title: str,
    dataset: "Dataset",
    sections: "Sequence[Section]",
    *,
    model: str,
    settings: Mapping[str, str] | None = None,
) -> None:
    """Writes a report into a folder, if one is named, and says where it is."""
    from evaluation.page import Page
    from evaluation.provenance import provenance
    from evaluation.report import write_report

    if folder is None:
        return
    command = ["yilian", *sys.argv[1:]]
    made = provenance(dataset, model=model, command=command, settings=settings)
    say(f"报告 / report: {write_report(Page(title, made, sections), folder)}")
