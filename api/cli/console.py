"""How the command talks: results on stdout, remarks and progress on stderr."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any, TextIO

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

# no highlighting and no emoji codes: what is stored is shown as it is
out = Console(highlight=False, emoji=False)
err = Console(stderr=True, highlight=False, emoji=False)

PATIENCE_S = 2.0
"""Work that takes longer shows a progress bar."""

Advance = Callable[[int, int | None], None]
"""Called with the steps done and the steps in all, None where nobody knows."""


def say(message: str) -> None:
    """A remark beside the result."""
    err.print(escape(message), style="dim")


def print_json(value: Any) -> None:
    """One JSON document on stdout, for programs; ASCII where the stream cannot write Chinese."""
    unicode = "utf" in (sys.stdout.encoding or "").lower()
    typer.echo(json.dumps(value, ensure_ascii=not unicode, indent=2))


def shorten(text: str, most: int) -> str:
    """The text on one line, cut with an ellipsis when it is very long."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def write_anything(*streams: TextIO) -> None:
    """Make streams show what their encoding lacks as ``?`` instead of failing."""
    for stream in streams:
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


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
