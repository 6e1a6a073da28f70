"""``yilian demo``: the whole way on invented samples, apart from the user's own data."""

from typing import Annotated

import typer

from api.cli.console import out, progress, say
from api.cli.match import print_answer
from api.cli.pair import print_plan
from api.settings import Settings

SHOWN_NEEDS = ("n-nev-03", "n-textile-01", "n-robot-06")
"""Needs of different chains; the last one has a supply that falls short of a figure."""

NEXT_STEPS = """
接下来 / what next
  yilian template needs 需求.xlsx          生成填报模板 / an Excel template
  yilian load 需求.xlsx 成果.csv           载入自己的数据 / load your own data
  yilian match 编号                        为需求或成果找匹配 / match a need or an achievement
  yilian match --text "降低永磁电机噪声"   直接描述问题 / describe a problem
"""


def demo(
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="每单条数 / matches a list")] = 5,
) -> None:
    """用虚构样例走完全程：载入、匹配、结对。 / Load samples, match them, pair them."""
    from api.model import ensure_model
    from api.plans.pairing import pair
    from api.service import MatchService
    from data.importers.load import load
    from data.samples import sample_files

    settings = Settings.from_environment()
    ensure_model(settings, say)
    with progress("编码 / encoding") as advance:
        service = MatchService(settings.for_demo(), notify=say, progress=advance)
        with sample_files() as paths:
            load(paths, engine=service.engine)
        service.refresh()
        answers = [service.match(service.records.posting(i), k=k) for i in SHOWN_NEEDS]
        plan = pair(service)
    counts = service.records.counts()
    out.print(
        f"样例（虚构）/ invented samples: {counts['needs']} 需求 needs,"
        f" {counts['achievements']} 成果 achievements,"
        f" {counts['organizations']} 单位 organizations\n"
    )
    for answer in answers:
        print_answer(answer)
        out.print()
    out.print("[bold]一链一校结对方案 / a pairing plan[/]")
    print_plan(plan, service)
    out.print(NEXT_STEPS, markup=False)
