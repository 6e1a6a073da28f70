"""``yilian train``: brokers' decisions make the ranking better, or leave it as it is."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from api.cli.console import out, progress, say
from api.cli.tables import show
from api.settings import Settings

if TYPE_CHECKING:
    from api.training import Measured, Trained
    from matcher.judgement import Judged
    from matcher.pipeline import Pipeline

_LEFT_OUT = {
    "unknown_item": "需求或成果已撤回或不存在 / need or achievement withdrawn or unknown",
    "superseded": "同一经纪人后来另有反馈 / superseded by a later one of the same broker",
    "level_stands": "该经纪人给过的等级仍然有效 / the level given earlier stands",
    "not_about_relevance": "原因与相关性无关 / about terms, not relevance",
    "no_reason": "没有可学习的原因 / no reason to learn from",
}
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
    if sum((dry_run, history, roll_back, dataset is not None)) > 1:
        raise typer.BadParameter(
            "--dry-run、--history、--roll-back、--dataset 只能选一个 / choose one of these"
        )
    if (dataset is None) != (target is None):
        raise typer.BadParameter("--dataset 与 --out 须同时给出 / --dataset goes with --out")
    settings = Settings.from_environment()
    if dataset is not None and target is not None:
        _from_dataset(settings, dataset, split, folds, target)
    elif history:
        _history(settings)
    elif roll_back:
        _roll_back(settings, _name(who))
    else:
        _from_decisions(settings, None if dry_run else _name(who))


def _from_decisions(settings: Settings, author: str | None) -> None:
    """Trains, prints, and keeps the result under the author's name; None keeps nothing."""
    from api.model import ensure_model
    from api.service import MatchService
    from api.training import keep, lesson
    from api.training import train as train_on_decisions
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
        out.print("未保存（--dry-run） / nothing was kept")
        return
    version = keep(service.engine, trained, author=author)
    if trained.better:
        out.print(f"[green]✓[/] 第 {version} 版已启用 / version {version} is in use")
    else:
        out.print(
            f"[yellow]![/] 第 {version} 版不及现用版本，已保存但未启用。"
            f" / version {version} is worse than the one in use; kept, not in use"
        )


def _from_dataset(settings: Settings, folder: Path, split: str, folds: int, target: Path) -> None:
    from api.default_training import train_default, write_ranker
    from api.model import ensure_model
    from evaluation.figures import in_words, signed

    ensure_model(settings, say)
    with progress("编码 / encoding") as encoding, progress("训练 / fitting") as fitting:
        made = train_default(
            settings, folder, split, folds=folds, encoding=encoding, fitting=fitting
        )
    write_ranker(made.ranker, target)
    show(
        ("折外 / out of fold", "值 / value"),
        [
            ("ndcg@10", in_words(made.ndcg)),
            ("增益 / gain", signed(made.gain)),
            ("p", f"{made.p:.4f}"),
        ],
    )
    show(made.calibrated.columns(), made.calibrated.rows())
    out.print(f"[green]✓[/] {escape(str(target))}", soft_wrap=True)


def _history(settings: Settings) -> None:
    from api.service import MatchService
    from data.rankers import RankerRepository
    from data.session import session_scope

    with session_scope(MatchService(settings).engine, write=False) as session:
        repository = RankerRepository(session)
        versions, changes, current = repository.all(), repository.history(), repository.current()
    show(
        ("版本 version", "时间 made", "需求 needs", "评判 pairs", "作者 author", ""),
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
    for change in changes:
        version = "出厂 / shipped" if change.version is None else str(change.version)
        when = f"{change.made_at.astimezone():%Y-%m-%d %H:%M}"
        out.print(escape(f"{when}  {change.action}  {version}  {change.who}"))
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
    out.print(f"评判 {len(judged.judgements)} 对，需求 {needs} 项 / judged pairs, needs")
    for why, count in judged.left_out_counts.items():
        out.print(f"  未用 left out {count}：{_LEFT_OUT[why]}")
    if judged.contradictions:
        out.print(f"  经纪人意见不一 / brokers differ: {len(judged.contradictions)}")
    for one in judged.contradictions[:_CONTRADICTIONS_SHOWN]:
        levels = ", ".join(f"{who} {level}" for who, level in one.levels.items())
        out.print(escape(f"    {one.query_id} ↔ {one.document_id}: {levels}"), soft_wrap=True)


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

    out.print(f"留出的需求 / held-out needs, {trained.folds} 折 folds")
    show(
        ("", "ndcg@10", "RPS（低者优 / lower is better）", "ECE P(level ≥ 3)"),
        [row("新 / candidate", trained.candidate), row("现用 / current", trained.current)],
    )
    out.print(f"增益 / gain: {escape(signed(trained.gain))}")


def _name(named: str | None) -> str:
    try:
        who = (getpass.getuser() if named is None else named).strip()
    except (KeyError, OSError):
        # a container may run under a user id without a name
        who = ""
    if not who:
        raise typer.BadParameter("请写明谁在训练 / say who trains", param_hint="--who")
    return who
