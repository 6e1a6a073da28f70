"""``yilian bench crash``: a server killed again and again while it is written to."""

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.console import out, print_json, say


def crash(
    rounds: Annotated[int, typer.Option(min=1, help="次数 / how many times")] = 1000,
    seed: Annotated[int, typer.Option(help="随机种子 / seed")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """写入时反复强杀服务，查是否丢数据。 / Kill a server while it is written to; count losses."""
    from api.bench.crash import crash_rounds

    def progress(done: int) -> None:
        if done % 50 == 0:
            say(f"{done}/{rounds}")

    report = crash_rounds(rounds, seed=seed, progress=progress)
    if as_json:
        print_json(asdict(report))
    else:
        out.print(
            f"强杀 kills {report.rounds}，已确认写入 acknowledged writes {report.acknowledged}："
            f"丢失 lost {report.lost}，索引悬空 dangling {report.dangling}"
            f"（{report.seconds:.0f} s）"
        )
    raise typer.Exit(1 if report.lost or report.dangling else 0)
