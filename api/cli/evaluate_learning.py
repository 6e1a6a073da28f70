"""``yilian eval learn`` and ``yilian eval calibration``: what training brings, and its truth."""

from typing import Annotated

import typer
from rich.markup import escape

from api.cli.console import out, print_json, progress, say
from api.cli.evaluate_options import AsJson, DatasetFolder, ReportFolder, Split
from api.cli.tables import CALIBRATION_TITLE, ready_to_evaluate, save, show


def learn(
    dataset: DatasetFolder,
    split: Split = "test",
    draws: Annotated[int, typer.Option(min=1, help="抽取次数 / draws of training needs")] = 5,
    report: ReportFolder = None,
    as_json: AsJson = False,
) -> None:
    """学习曲线：0、5、10…100 项已评需求各能带来多少。 / What judged needs bring."""
    from api.reports.learning import learning_report
    from evaluation.sections import learning_section

    settings = ready_to_evaluate(report)
    with progress("编码 / encoding") as encoding, progress("训练 / fitting") as fitting:
        found = learning_report(
            settings, dataset, split, draws=draws, encoding=encoding, evaluating=fitting
        )
    curve = found.finding
    save(
        report,
        "学习曲线 / Learning curve",
        found.dataset,
        [learning_section(curve)],
        model=found.model,
    )
    if as_json:
        print_json(curve.as_json())
        return
    show(curve.columns(), curve.rows(), title=f"{found.dataset.name} · {found.dataset.split}")
    out.print(
        "增益相对于未训练的排序；0 行只学语料，不用评判。\n"
        "Gains are over the untrained ranking; row 0 is taught by the corpus alone.",
        style="dim",
    )
    if curve.skipped:
        sizes = ", ".join(map(str, curve.skipped))
        out.print(f"标注需求不足，未测 / too few judged needs for: {sizes}", style="dim")


def calibration(
    dataset: DatasetFolder,
    split: Split = "test",
    folds: Annotated[
        int, typer.Option(min=0, help="交叉验证折数，0 为出厂模型 / 0 measures the shipped ranker")
    ] = 5,
    report: ReportFolder = None,
    as_json: AsJson = False,
) -> None:
    """等级概率是否可信。 / Whether the level probabilities can be trusted."""
    from api.reports.learning import calibration_report
    from evaluation.sections import calibration_section

    settings = ready_to_evaluate(report)
    with progress("编码 / encoding") as encoding, progress("训练 / fitting") as fitting:
        found = calibration_report(
            settings,
            dataset,
            split,
            folds=folds,
            encoding=encoding,
            evaluating=fitting,
            notify=say,
        )
    measured = found.finding
    save(
        report,
        "概率是否可信 / Calibration",
        found.dataset,
        [calibration_section(measured)],
        model=found.model,
        settings={"折 / folds": str(folds)},
    )
    if as_json:
        print_json(measured.as_json())
        return
    out.print(escape(f"{found.dataset.name} · {found.dataset.split} · {measured.system}"))
    show(measured.columns(), measured.rows(), title=CALIBRATION_TITLE)
    out.print(
        "ECE：各组预测与实际之差的平均；“仅因抽样”：概率完全可信时也会有的差。\n"
        "ECE: mean distance of predicted and observed, group by group. By chance: what a\n"
        "sample of this size would show even if the probabilities were exact.",
        style="dim",
    )
    show(
        ("P(level ≥ 3)", "预测 / predicted", "实际 / observed", "对数 / pairs"),
        [
            (
                f"{one.low:.3f} … {one.high:.3f}",
                f"{one.predicted:.3f}",
                f"{one.observed:.3f}",
                str(one.n),
            )
            for one in measured.cuts[3].bins
        ],
        title="预测从低到高分组 / predictions in groups, lowest first",
    )
