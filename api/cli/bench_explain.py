"""``yilian bench explain``: how long it takes to rank and explain two hundred candidates."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import out, print_json, say
from api.settings import Settings


def explain(
    dataset: Annotated[Path, typer.Option(help="BEIR 文件夹 / folder in BEIR layout")],
    split: Annotated[str, typer.Option(help="读取哪一份标注 / which judgements")] = "dev",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """200 条候选全部排序并说明要多久（单线程请设 OMP_NUM_THREADS=1）。 / Ranking with reasons."""
    from api.bench.explain import CANDIDATES, SHORT_LIST, time_explanations
    from api.model import ensure_model

    settings = Settings.from_environment()
    ensure_model(settings, say)
    times = time_explanations(settings, dataset, split=split, progress=say)
    if as_json:
        print_json(asdict(times))
        return
    out.print(
        f"{CANDIDATES} 条候选全部说明 candidates, all explained: {times.explained_ms:.1f} ms"
        f"（最慢 slowest {times.slowest_ms:.1f} ms，{times.needs} 条需求 needs）"
    )
    out.print(f"只说明前 only the first {SHORT_LIST} explained: {times.short_list_ms:.1f} ms")
    out.print(
        f"同模型仅编码这批候选 the peer, the model encoding them once: {times.peer_ms:.1f} ms，"
        f"比值 ratio {times.ratio:.2f}"
    )
