"""``yilian doctor``: what is wrong here, and how to mend it."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import out, print_json
from api.settings import Settings

MARKS = {"good": "[green]✓[/]", "remark": "[yellow]![/]", "broken": "[red]✗[/]"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """检查模型、数据库、索引与版本，并说明如何修复。 / Check every part and say how to mend it."""
    from api.health import State, examine

    findings = examine(Settings.from_environment())
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        table = Table(show_header=False, box=None, padding=(0, 1))
        for _ in ("mark", "part", "words"):
            table.add_column(overflow="fold")
        for finding in findings:
            table.add_row(MARKS[finding.state], finding.part, escape(finding.words))
        out.print(table)
    if any(finding.state is State.BROKEN for finding in findings):
        raise typer.Exit(1)
