"""How the command talks: results on stdout, remarks and progress on stderr."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

PATIENCE_S = 2.0
"""Work that takes longer shows a progress bar."""

Advance = Callable[[int, int | None], None]
"""Called with the steps done and the steps in all, None where nobody knows."""


def say(message: str) -> None:
    """A remark beside the result."""
    err.print(escape(message), style="dim")


def print_json(value: Any) -> None:
    """One JSON document on stdout, for programs."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


@contextmanager
def progress(title: str) -> Iterator[Advance]:
    """A bar that shows itself once the work has taken a while, and goes when it is done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    started = time.monotonic()
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(escape(title), total=None, visible=False)

        def advance(done: int, total: int | None) -> None:
            late = time.monotonic() - started > PATIENCE_S
            bar.update(task, completed=done, total=total, visible=late and done != total)

        yield advance
