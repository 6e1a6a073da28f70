"""``yilian eval levels``: how near predicted levels come to those that staff gave."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import out, print_json, progress
from api.cli.evaluate_options import AsJson
from api.cli.tables import ready_to_evaluate, save, show


def levels(
    dataset: Annotated[Path, typer.Option(help="BEIR 文件夹，提供文本 / folder with the texts")],
    train: Annotated[Path, typer.Option(help="训练用等级 CSV / levels to learn from")],
    test: Annotated[
        Path | None, typer.Option(help="待预测等级 CSV / levels to predict; else --folds")
    ] = None,
    folds: Annotated[
        int, typer.Option(min=2, help="没有 --test 时把训练文件分折 / parts of --train alone")
    ] = 5,
    report: Annotated[
        Path | None, typer.Option(help="报告写入此文件夹 / folder for a report")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """预测四级相关性，按竞赛口径评分。 / Predicted levels, scored as 1/(1+MAE)."""
    from api.reports.levels import levels_report
    from evaluation.sections import levels_section

    settings = ready_to_evaluate(report)
    with progress("编码 / encoding") as encoding, progress("评测 / evaluating") as evaluating:
        found, read, model = levels_report(
            settings, dataset, train, test, folds=folds, encoding=encoding, evaluating=evaluating
        )
    protocol = {"折 / folds": str(folds)} if test is None else {"预测 / test": test.name}
    save(
        report,
        "等级预测 / Levels",
        read,
        [levels_section(found)],
        model=model,
        settings={"训练 / train": train.name, **protocol},
    )
    if as_json:
        print_json(found.as_json())
        return
    show(found.columns(), found.rows())
    predicted = len(found.predictions)
    out.print(
        f"训练 {found.trained_on} 条，预测 {predicted} 条，未用 {found.left_out} 条。\n"
        f"{found.trained_on} in training, {predicted} predicted, {found.left_out} left out",
        style="dim",
    )
    if found.judged_before:
        out.print(
            f"预测的 {found.judged_before} 条，其需求与成果另有评分在训练中。"
            f" / {found.judged_before} were judged in training too",
            style="dim",
        )
