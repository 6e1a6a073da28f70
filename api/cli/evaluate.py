"""``yilian eval rank``: how well needs are answered, beside baselines."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from api.cli.console import out, print_json, progress, say
from api.cli.evaluate_options import AsJson, DatasetFolder, ReportFolder, Split
from api.cli.tables import ready_to_evaluate, save, show

if TYPE_CHECKING:
    from evaluation.per_query import Comparison, Reading

_GROUPS = {
    "retrieval": "检索 retrieval",
    "requirements": "要求 requirements",
    "fit": "条件 fit",
    "chains": "产业链 chains",
}


def rank(
    dataset: DatasetFolder,
    split: Split = "test",
    folds: Annotated[
        int,
        typer.Option(
            min=0, help="另做分组交叉验证的训练排序，0 不做 / adds a ranker trained out of fold"
        ),
    ] = 0,
    ablation: Annotated[
        bool, typer.Option("--ablate", help="逐组去掉信号 / what each group of signals is worth")
    ] = False,
    report: ReportFolder = None,
    as_json: AsJson = False,
) -> None:
    """在标注数据上评测排序，并与基线并列。 / Ranking quality beside baselines."""
    from api.reports.ranking import ranking_report

    settings = ready_to_evaluate(report)
    with progress("编码 / encoding") as encoding, progress("评测 / evaluating") as evaluating:
        found = ranking_report(
            settings,
            dataset,
            split,
            folds=folds,
            ablation=ablation,
            encoding=encoding,
            evaluating=evaluating,
            notify=say,
        )
    save(
        report,
        "排序评测 / Ranking",
        found.dataset,
        found.sections(),
        model=found.model,
        settings={"折 / folds": str(folds or "–")},
    )
    if as_json:
        extra = {"ablation": found.ablation.as_json()} if found.ablation else {}
        print_json({**found.report.as_json(), "model": found.model, **extra})
        return
    measured = found.report
    out.print(escape(f"模型 / model: {found.model}"), style="dim", soft_wrap=True)
    show(measured.columns(), measured.rows(), title=f"{measured.dataset} · {measured.split}")
    if found.taught:
        out.print(
            "[yellow]![/] 出厂排序模型正是用这批标注训练的，yilian 一行偏高；请看 --folds 5。\n"
            "  The shipped ranker learnt from these judgements, which flatters the row\n"
            "  yilian; read the row trained (--folds 5)."
        )
    _show_comparisons(found.comparisons)
    if found.ablation is not None:
        show(
            found.ablation.columns(),
            [(_GROUPS.get(group, group), *cells) for group, *cells in found.ablation.rows()],
            title="每组信号的价值：去掉后重新训练 / what each group of signals is worth",
        )
    _show_worst(found.headline, found.worst)


def _show_comparisons(comparisons: "Sequence[Comparison]") -> None:
    from evaluation.figures import decimals, signed

    columns = ("", "差 / difference", "p", "胜–平–负 / won–tied–lost")
    rows = [
        (
            f"{one.first} − {one.second}",
            signed(one.difference),
            decimals(one.test.p, digits=4),
            f"{one.wins}–{one.ties}–{one.losses}",
        )
        for one in comparisons
    ]
    show(columns, rows, title="两两相比，ndcg@10 / compared need by need, ndcg@10")


def _show_worst(system: str, readings: "Sequence[Reading]") -> None:
    if not readings:
        out.print(
            "没有一项需求有五条以上、等级不一的评判，排序无从评起。\n"
            "Nothing to order: no need has five judged matches of several levels."
        )
        return
    title = f"排得最差的需求，供阅读 / worst needs, for reading: {system}"
    out.print(f"\n[bold]{escape(title)}[/]")
    for one in readings:
        out.print(escape(f"  {one.value:.3f}  {one.query_id}  {one.title}"), soft_wrap=True)
