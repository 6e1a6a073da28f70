"""``yilian train``: brokers' decisions make the ranking better, or leave it as it is."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from api.cli.console import out, progress, say
from api.cli.tables import CALIBRATION_TITLE, show
from api.cli.train_model import train_model
from api.settings import Settings

if TYPE_CHECKING:
    from api.learning.training import Measured, Trained
    from matcher.judgement import Judged
    from matcher.pipeline import Pipeline

_LEFT_OUT = {
    "unknown_item": "需求或成果已撤回或不存在 / need or achievement withdrawn or unknown",
    "superseded": "同一经纪人后来另有反馈 / superseded by a later one of the same broker",
    "level_stands": "该经纪人给过的等级仍然有效 / the level given earlier stands",
    "not_about_relevance": "原因与相关性无关 / about terms, not relevance",
    "no_reason": "没有可学习的原因 / no reason to learn from",
}
_ACTIONS = {"promote": "启用 promoted", "roll_back": "退回 rolled back"}
_CONTRADICTIONS_SHOWN = 20


def train(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只比较，不保存 / compare only, keep nothing")
    ] = False,
    history: Annotated[
        bool, typer.Option("--history", help="列出所有版本 / every version and change")
    ] = False,
    roll_back: Annotated[
        bool, typer.Option("--roll-back", help="退回上一个启用的版本 / back to the one before")
    ] = False,
    model: Annotated[
        bool,
        typer.Option("--model", help="让语义比较适应本地语料 / adapt meaning to this corpus"),
    ] = False,
    dataset: Annotated[
        Path | None, typer.Option(help="改用标注数据 / learn from a BEIR folder instead")
    ] = None,
    split: Annotated[str, typer.Option(help="qrels/ 下的名称 / name under qrels/")] = "train",
    folds: Annotated[int, typer.Option(min=2, help="标注数据的折数 / folds of --dataset")] = 5,
    target: Annotated[
        Path | None, typer.Option("--out", help="写入此 JSON 文件 / file for --dataset")
    ] = None,
    who: Annotated[str | None, typer.Option(help="谁在训练 / who trains; else the OS user")] = None,
) -> None:
    """用经纪人的反馈训练排序；不变差才启用，所有版本都保留。 / Learn from decisions."""
    if sum((dry_run or model, history, roll_back, dataset is not None)) > 1:
        raise typer.BadParameter(
            "--history、--roll-back、--dataset 各自单独使用，不与 --model、--dry-run 同用"
            " / --history, --roll-back and --dataset each stand alone"
        )
    if (dataset is None) != (target is None):
        raise typer.BadParameter("--dataset 与 --out 须同时给出 / --dataset goes with --out")
    if target is not None and (target.is_dir() or not target.parent.is_dir()):
        raise typer.BadParameter(
            f"{target} 无法写入：应为已有文件夹中的一个文件 / must be a file in an existing folder",
            param_hint="--out",
        )
    settings = Settings.from_environment()
    if dataset is not None and target is not None:
        _from_dataset(settings, dataset, split, folds, target)
    elif model:
        train_model(settings, dry_run=dry_run)
    elif history:
        _history(settings)
    elif roll_back:
        _roll_back(settings, _name(who))
    else:
        _from_decisions(settings, None if dry_run else _name(who))


def _from_decisions(settings: Settings, author: str | None) -> None:
    """Trains, prints, and keeps the result under the author's name; None keeps nothing."""
    from api.learning.training import keep, lesson
    from api.learning.training import train as train_on_decisions
    from api.model import ensure_model
    from api.service import MatchService
    from data.repositories import AchievementRepository

    def open_pipeline() -> "Pipeline":
        ensure_model(settings, say)
        return service.pipeline(AchievementRepository)

    service = MatchService(settings, notify=say)
    _show_lesson(lesson(service.engine).judged)
    with progress("训练 / fitting") as fitting:
        trained = train_on_decisions(
            service.engine,
            open_pipeline,
            notify=say,
            progress=fitting,
        )
    _show_comparison(trained)
    if author is None:
        out.print("未保存 / nothing was kept (--dry-run)")
        return
    version = keep(service.engine, trained, author=author)
    if trained.better:
        out.print(f"[green]✓[/] 第 {version} 版已启用 / version {version} is in use")
    else:
        out.print(
            f"[yellow]![/] 第 {version} 版不及现用版本，已保存但未启用。\n"
            f"  Version {version} is worse than the one in use: kept, and not put into use."
        )


def _from_dataset(settings: Settings, folder: Path, split: str, folds: int, target: Path) -> None:
    from api.model import ensure_model
    from api.reports.default_training import train_default, write_ranker
    from evaluation.figures import decimals, in_words, signed

    ensure_model(settings, say)
    with (
        progress("编码 / encoding") as encoding,
        progress("训练 / fitting") as fitting,
        progress("模拟城市 / simulated cities") as simulating,
    ):
        made = train_default(
            settings,
            folder,
            split,
            folds=folds,
            encoding=encoding,
            fitting=fitting,
            simulating=simulating,
        )
    write_ranker(made.ranker, target)
    show(
        ("折外 / out of fold", "值 / value"),
        [
            ("ndcg@10", in_words(made.ndcg)),
            ("增益 / gain", signed(made.gain)),
            ("p", decimals(made.p, digits=4)),
        ],
    )
    show(made.calibrated.columns(), made.calibrated.rows(), title=CALIBRATION_TITLE)
    out.print(f"[green]✓[/] {escape(str(target))}", soft_wrap=True)


def _history(settings: Settings) -> None:
    from api.service import MatchService
    from data.rankers import RankerRepository
    from data.session import session_scope

    with session_scope(MatchService(settings).engine, write=False) as session:
        repository = RankerRepository(session)
        versions, changes, current = repository.all(), repository.history(), repository.current()
    if versions:
        show(
            ("版本 / version", "时间 / made", "需求 / needs", "评判 / pairs", "作者 / author", ""),
            [
                (
                    str(one.version),
                    f"{one.created_at.astimezone():%Y-%m-%d %H:%M}",
                    str(one.trained_on.get("needs", "")),
                    str(one.trained_on.get("pairs", "")),
                    one.author,
                    "现用 in use" if current and current.version == one.version else "",
                )
                for one in versions
            ],
        )
    if changes:
        show(
            ("启用 / change", "版本 / version", "时间 / when", "谁 / who"),
            [
                (
                    _ACTIONS[change.action],
                    "出厂 shipped" if change.version is None else str(change.version),
                    f"{change.made_at.astimezone():%Y-%m-%d %H:%M}",
                    change.who,
                )
                for change in changes
            ],
            title="启用记录 / what was put into use",
        )
    if current is None:
        out.print("现用出厂排序模型 / the shipped ranker is in use")


def _roll_back(settings: Settings, who: str) -> None:
    from api.service import MatchService
    from data.rankers import RankerRepository
    from data.session import session_scope

    with session_scope(MatchService(settings).engine) as session:
        now = RankerRepository(session).roll_back(who=who)
    version = "出厂模型 / the shipped one" if now is None else str(now.version)
    out.print(f"[green]✓[/] 现用版本 / version in use: {version}")


def _show_lesson(judged: "Judged") -> None:
    needs = len({one.query_id for one in judged.judgements})
    pairs = len(judged.judgements)
    out.print(f"{needs} 项需求的 {pairs} 对评判 / {pairs} judged pairs of {needs} needs")
    if judged.left_out:
        out.print(f"未用的反馈 / decisions left out: {len(judged.left_out)}")
    for why, count in judged.left_out_counts.items():
        out.print(f"{count:5}  {_LEFT_OUT[why]}")
    if judged.contradictions:
        out.print(f"经纪人意见不一，取中位数 / brokers differ: {len(judged.contradictions)}")
    for one in judged.contradictions[:_CONTRADICTIONS_SHOWN]:
        levels = ", ".join(f"{who} {level}" for who, level in one.levels.items())
        out.print(escape(f"  {one.query_id} ↔ {one.document_id}: {levels}"), soft_wrap=True)
    if (more := len(judged.contradictions) - _CONTRADICTIONS_SHOWN) > 0:
        out.print(f"  另有 {more} 对 / {more} more")


def _show_comparison(trained: "Trained") -> None:
    from evaluation.figures import NOTHING, in_words, signed

    def row(name: str, measured: "Measured") -> tuple[str, ...]:
        score, reliability = measured.score, measured.reliability
        return (
            name,
            in_words(measured.ndcg),
            in_words(score) if score else NOTHING,
            f"{reliability.error:.3f}" if reliability else NOTHING,
        )

    show(
        ("", "ndcg@10", "RPS 越低越好 / lower is better", "ECE / P(level ≥ 3)"),
        [row("新 candidate", trained.candidate), row("现用 current", trained.current)],
        title=f"留出的需求上，{trained.folds} 折 / on held-out needs, {trained.folds} folds",
    )
    if trained.gain.n:
        out.print(f"ndcg@10 增益 / gain: {escape(signed(trained.gain))}")
    else:
        out.print(
            "没有一项需求有五条以上、等级不一的评判，改以 RPS 比较。\n"
            "No need has five judged matches of several levels: compared by RPS instead."
        )


def _name(named: str | None) -> str:
    try:
        who = (getpass.getuser() if named is None else named).strip()
    except (KeyError, OSError):
        # a container may run under a user id without a name
        who = ""
    if not who:
        raise typer.BadParameter("请写明谁在训练 / say who trains", param_hint="--who")
    return who
