"""``yilian bench load``: what the service bears, beside a bare endpoint."""

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from api.cli.console import out, print_json, say


def load(
    achievements: Annotated[int, typer.Option(min=1, help="成果数 / achievements")] = 100_000,
    clients: Annotated[int, typer.Option(min=1, help="并发数 / clients at once")] = 50,
    seconds: Annotated[float, typer.Option(min=1, help="每段时长（秒） / of each part")] = 20.0,
    folder: Annotated[
        Path | None, typer.Option(help="保留语料的文件夹 / keeps the corpus for the next run")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """混合负载下的吞吐与延迟，同时测对照端点。 / Throughput beside a bare endpoint, same run."""
    from api.bench.load import measure_load

    with TemporaryDirectory(prefix="yilian-load-") as temporary:
        report = measure_load(
            folder or Path(temporary),
            achievements=achievements,
            clients=clients,
            seconds=seconds,
            say=say,
        )
    if as_json:
        print_json(asdict(report))
        return
    out.print(
        f"吞吐 throughput {report.per_second:.0f}/s，对照 bare {report.peer_per_second:.0f}/s，"
        f"占比 share {report.share:.0%}"
    )
    out.print(
        f"p99 {report.p99_ms:.0f} ms，对照 bare {report.peer_p99_ms:.0f} ms，"
        f"倍数 ratio {report.p99_ratio:.1f}；错误 errors {report.errors}"
    )
    kinds = "，".join(f"{name} {ms:.1f} ms" for name, ms in report.by_kind_ms.items())
    out.print(f"中位 medians {kinds}")
    out.print(
        f"发布到清单 posting to list p95 {report.list_p95_s:.2f} s；"
        f"内存 memory {report.memory_mib:,.0f} MiB"
    )
