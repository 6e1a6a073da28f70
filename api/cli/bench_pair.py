"""``yilian bench pair``: joint pairing beside the naive rule, and how long it takes."""

from dataclasses import asdict, replace
from statistics import median
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from api.cli.console import out, print_json, say

if TYPE_CHECKING:
    from api.bench.pair import PairTime


def pair(
    province: Annotated[
        bool, typer.Option("--province", help="全省规模，一个样本 / a province, one sample")
    ] = False,
    seeds: Annotated[
        int | None, typer.Option(min=1, help="随机样本数，默认 20 / samples, else 20")
    ] = None,
    partners: Annotated[int, typer.Option(min=0, help="协作单位上限 / partners at most")] = 1,
    time_limit: Annotated[
        float | None, typer.Option(min=0.1, help="每个样本的时限（秒）/ seconds for each")
    ] = None,
    gap: Annotated[float, typer.Option(min=0, help="可接受差距 / gap to stop at")] = 0.001,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """结对求解的用时、差距与收益。 / Pairing: time, proven gap, and gain over a naive rule."""
    from api.bench.pair import CITY, PROVINCE, time_pairing

    size = replace(PROVINCE if province else CITY, partners=partners)
    times = time_pairing(
        size,
        seeds=seeds or (1 if province else 20),
        time_limit_s=time_limit or (900 if province else 60),
        gap=gap,
        progress=say,
    )
    if as_json:
        runs = [
            {**asdict(time), "gain": time.gain, "gain_over_nearest": time.gain_over_nearest}
            for time in times
        ]
        print_json({"size": asdict(size), "runs": runs})
        return
    out.print(
        f"{size.chains} 链 chains × {size.counties} 县 counties × {size.universities} 校"
        f" universities × {size.needs} 需求 needs，每队 team {1 + size.partners} 家，"
        f"{len(times)} 个样本 samples"
    )
    out.print(_table(times))


def _table(times: "list[PairTime]") -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    for heading in ("指标 figure", "中位 median", "最好 best", "最差 worst"):
        table.add_column(heading, justify="left" if heading.startswith("指标") else "right")
    gains = [time.gain for time in times]
    nearer = [time.gain_over_nearest for time in times]
    rows = (
        ("求解用时 solving, s", "{:.2f}", [time.seconds for time in times], min, max),
        ("已证差距 proven gap", "{:.3%}", [time.gap for time in times], min, max),
        ("较平均相似度规则 over mean similarity", "{:+.1%}", gains, max, min),
        ("较最近成果规则 over nearest similarity", "{:+.1%}", nearer, max, min),
        ("内存峰值 peak memory, MiB", "{:.0f}", [time.memory_mib for time in times], min, max),
    )
    for name, form, values, best, worst in rows:
        table.add_row(name, *(form.format(f(values)) for f in (median, best, worst)))
    solvers = sorted({time.solver for time in times})
    table.add_row("求解方式 solver", ", ".join(solvers), "", "")
    return table
