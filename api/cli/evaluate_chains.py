"""``yilian eval chains``: how well texts are tagged with the ten chains."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from api.cli.console import out, print_json, progress, say
from api.settings import Settings

if TYPE_CHECKING:
    from evaluation.chains import ChainReport


def chains(
    labels: Annotated[Path, typer.Option(help="标注文件 JSONL / file of labels")],
    trained: Annotated[
        bool, typer.Option("--trained", help="另做 5 折训练评测 / also trained, in 5 folds")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """在标注数据上评测产业链归属。 / How well texts are tagged with chains."""
    from api.model import ensure_model
    from api.reports.chains import chain_report

    settings = Settings.from_environment()
    ensure_model(settings, say)
    with progress("编码 / encoding") as encoding:
        shipped, folded = chain_report(
            settings, labels, folds=5 if trained else 0, encoding=encoding
        )
    if as_json:
        extra = {} if folded is None else {"trained_5fold": folded.as_json()}
        print_json({**shipped.as_json(), **extra})
        return
    _show("仅凭定义 / definitions alone", shipped)
    out.print(_confusion(shipped))
    if folded is not None:
        _show("训练，5 折 / trained, 5-fold", folded)


def _show(title: str, report: "ChainReport") -> None:
    out.print(f"{title}：macro-F1 {report.macro_f1:.3f}，accuracy {report.accuracy:.3f}")
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column("chain", no_wrap=True)
    for column in ("precision", "recall", "f1", "support"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, figures in report.per_chain.items():
        shares = (f"{figures[key]:.3f}" for key in ("precision", "recall", "f1"))
        table.add_row(name, *shares, str(figures["support"]))
    out.print(table)


def _confusion(report: "ChainReport") -> Table:
    """Rows are labels; columns are answers, numbered in the same order to stay narrow."""
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column("标注 label ↓ 判为 answer →", no_wrap=True)
    for number in range(1, len(report.confusion) + 1):
        table.add_column(str(number), justify="right", no_wrap=True)
    for number, (name, row) in enumerate(
        zip(report.per_chain, report.confusion, strict=True), start=1
    ):
        table.add_row(f"{number} {name}", *(str(n) if n else "·" for n in row))
    return table
