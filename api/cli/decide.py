"""``yilian decide`` and ``yilian decisions``: what brokers make of the matches."""

import getpass
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import out, print_json, shorten
from api.settings import Settings

if TYPE_CHECKING:
    from matcher.decision import Decision, ReasonCode


def decide(
    need_id: Annotated[str, typer.Argument(metavar="NEED", help="需求编号 / id of the need")],
    achievement_id: Annotated[
        str, typer.Argument(metavar="ACHIEVEMENT", help="成果编号 / id of the achievement")
    ],
    level: Annotated[
        int | None,
        typer.Option(min=1, max=4, help="4 强 strong、3 较强 fair、2 弱 weak、1 无 none"),
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="采纳 / take it further")] = False,
    reject: Annotated[
        bool, typer.Option("--reject", help="不采纳，须给 --reason / needs a reason")
    ] = False,
    reason: Annotated[
        str | None,
        typer.Option(help="原因代码，填 ? 列出全部 / reason code; ? lists them all"),
    ] = None,
    note: Annotated[str, typer.Option(help="备注 / anything to add")] = "",
    who: Annotated[
        str | None, typer.Option(help="经纪人，默认为系统用户名 / the broker; else the OS user")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """记录经纪人对一条匹配的反馈，供训练使用。 / Record a broker's decision on a match."""
    import uuid
    from datetime import UTC, datetime

    from api.service import MatchService
    from data.decisions import DecisionRepository, last_shown
    from data.session import session_scope
    from matcher.decision import Decision, Verdict

    if accept and reject:
        raise typer.BadParameter("只能选一个 / choose one", param_hint="--accept | --reject")
    code = _reason(reason)
    if reject and code is None:
        raise typer.BadParameter(
            "不采纳须说明原因，否则无从学习 / a rejection without a reason teaches nothing:"
            f" {_known_reasons()}",
            param_hint="--reason",
        )
    verdict = Verdict.ACCEPT if accept else Verdict.REJECT if reject else None
    broker = _broker(who)
    service = MatchService(Settings.from_environment())
    service.records.posting(need_id, "needs")
    service.records.posting(achievement_id, "achievements")
    with session_scope(service.engine) as session:
        shown = last_shown(session, need_id, achievement_id)
        decision = Decision(
            id=str(uuid.uuid4()),
            query_id=need_id,
            document_id=achievement_id,
            level=level,
            verdict=verdict,
            reason=code,
            note=note,
            who=broker,
            made_at=datetime.now(UTC),
            run_id=shown.run_id if shown else None,
            rank=shown.rank if shown else None,
        )
        DecisionRepository(session).add(decision)
    if as_json:
        print_json(_plain(decision))
        return
    place = f"第 {shown.rank} 名 / rank {shown.rank}" if shown else "不在最近清单 / not listed"
    out.print(
        f"已记录 / recorded: {escape(need_id)} ↔ {escape(achievement_id)}"
        f"  {_said(decision)}  [dim]{place}[/]"
    )


def list_decisions(
    need: Annotated[str | None, typer.Option(help="只看此需求 / of this need only")] = None,
    limit: Annotated[int, typer.Option(min=1, help="最多条数 / most rows")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """列出经纪人的反馈，最近的在前。 / Brokers' decisions, the latest first."""
    from api.service import MatchService
    from data.decisions import DecisionRepository
    from data.session import session_scope

    service = MatchService(Settings.from_environment())
    if need is not None:
        service.records.posting(need, "needs")
    with session_scope(service.engine, write=False) as session:
        stored = DecisionRepository(session)
        if need is None:
            total = stored.count()
            decisions = stored.latest(k=limit)
        else:
            of_need = stored.of_query(need)
            total = len(of_need)
            decisions = of_need[::-1][:limit]
    if as_json:
        print_json([_plain(decision) for decision in decisions])
        return
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column("时间 when", no_wrap=True)
    table.add_column("需求 need", overflow="fold")
    table.add_column("成果 achievement", overflow="fold")
    table.add_column("反馈 decision", overflow="fold")
    table.add_column("名次 rank", justify="right")
    table.add_column("经纪人 who", overflow="fold")
    table.add_column("备注 note", overflow="fold")
    for decision in decisions:
        table.add_row(
            f"{decision.made_at.astimezone():%Y-%m-%d %H:%M}",
            escape(decision.query_id),
            escape(decision.document_id),
            _said(decision),
            str(decision.rank or ""),
            escape(decision.who),
            escape(shorten(decision.note, 200)),
        )
    out.print(table)
    out.print(f"[dim]{len(decisions)} / {total}[/]")


def _reason(written: str | None) -> "ReasonCode | None":
    from data.importers.choices import REASONS
    from data.importers.parse import choice_parser
    from data.importers.problems import BadCell

    if written is None:
        return None
    try:
        return choice_parser(REASONS)(written)
    except BadCell:
        raise typer.BadParameter(
            f"应为以下之一 / one of: {_known_reasons()}", param_hint="--reason"
        ) from None


def _known_reasons() -> str:
    from data.importers.choices import REASONS

    return ", ".join(f"{code} {words[0]}" for code, words in REASONS.items())


def _broker(named: str | None) -> str:
    try:
        broker = (getpass.getuser() if named is None else named).strip()
    except (KeyError, OSError):
        # a container may run under a user id without a name
        broker = ""
    if not broker:
        raise typer.BadParameter("请写明经纪人 / say who decides", param_hint="--who")
    return broker


def _said(decision: "Decision") -> str:
    from data.importers.choices import LEVELS, REASONS, VERDICTS

    parts = [
        f"{decision.level} {LEVELS[decision.level][0]}" if decision.level else None,
        VERDICTS[decision.verdict][0] if decision.verdict else None,
        REASONS[decision.reason][0] if decision.reason else None,
    ]
    return " · ".join(part for part in parts if part)


def _plain(decision: "Decision") -> dict[str, Any]:
    """JSON values under the names that ``yilian load`` reads."""
    return asdict(decision) | {"made_at": decision.made_at.isoformat()}
