"""``yilian eval``: figures that anyone can reproduce."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import out, print_json, progress, say
from api.settings import Settings


def rank(
    dataset: Annotated[Path, typer.Option(help="BEIR 文件夹 / folder in BEIR layout")],
    split: Annotated[str, typer.Option(help="qrels/ 下的名称 / name under qrels/")] = "test",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """在标注数据上评测排序，并与基线并列。 / Ranking quality beside baselines."""
    from api.model import ensure_model
    from api.ranking_report import ranking_report

    settings = Settings.from_environment()
    ensure_model(settings, say)
    with progress("编码 / encoding") as encoding, progress("评测 / evaluating") as evaluating:
        report, model = ranking_report(
            settings, dataset, split, encoding=encoding, evaluating=evaluating
        )
    if as_json:
        print_json({**report.as_json(), "model": model})
        return
    out.print(escape(f"{report.dataset} · {report.split} · 模型 model {model}"))
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    for column in report.columns():
        table.add_column(column, justify="left" if column == "system" else "right", no_wrap=True)
    for row in report.rows():
        table.add_row(*row)
    out.print(table)
