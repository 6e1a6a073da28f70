"""``yilian bench graph``: how fast the graph ranks, beside networkx."""

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.console import out, print_json, say


def graph(
    achievements: Annotated[
        int, typer.Option(min=10, help="虚拟城市的成果数 / achievements of the invented city")
    ] = 200_000,
    needs: Annotated[int, typer.Option(min=1, help="需求数 / needs asked for")] = 1_000,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """图游走要多久，与 networkx.pagerank 相比。 / The graph walk beside networkx.pagerank."""
    from api.bench.graph import PEER_CALLS, time_graph

    times = time_graph(achievements=achievements, needs=needs, progress=say)
    if as_json:
        print_json(asdict(times))
        return
    out.print(
        f"成果 achievements: {times.achievements}，"
        f"节点 nodes: {times.nodes}，边 edges: {times.edges}"
    )
    out.print(
        f"{times.needs} 条需求对全部成果的得分 scores for {times.needs} needs:"
        f" {times.walk_s:.2f} s（准备 prepared once in {times.prepare_s:.2f} s）"
    )
    out.print(
        f"networkx.pagerank 每条需求 per need: {times.peer_need_s:.2f} s"
        f"（{min(PEER_CALLS, times.needs)} 次中位数，按需求数折算"
        f" / median of {min(PEER_CALLS, times.needs)} calls, scaled to all needs）"
    )
    out.print(
        f"快 speed-up: {times.speedup:.0f}×，计入准备 with preparing: {times.speedup_prepared:.0f}×"
    )
    out.print(
        f"新增一条需求并排序 adding one need and ranking it: {times.add_need_ms:.1f} ms；"
        f"与收敛值之差 difference to the converged peer: {times.worst_difference:.1e}"
    )
