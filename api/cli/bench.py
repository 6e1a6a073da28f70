"""``yilian bench``: timings that anyone can repeat."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import out, print_json, say
from api.settings import Settings


def match(
    dataset: Annotated[Path, typer.Option(help="BEIR 文件夹 / folder in BEIR layout")],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """一次匹配要多久：整个进程，以及运行中的进程。 / How long a match takes."""
    from api.bench.matching import time_matches
    from api.model import ensure_model

    settings = Settings.from_environment()
    ensure_model(settings, say)
    times = time_matches(settings, dataset, progress=say)
    if as_json:
        print_json(asdict(times))
        return
    out.print(f"成果 achievements: {times.achievements}")
    out.print(
        f"整个进程 whole process: {times.process_s:.2f} s"
        f"（同模型 sentence-transformers 仅编码一句 / the peer: {times.peer_process_s:.2f} s，"
        f"比值 ratio {times.process_s / times.peer_process_s:.2f}）"
    )
    out.print(f"进程内每条需求 per need inside a process: {times.need_ms:.1f} ms")
