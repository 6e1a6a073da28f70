"""``yilian pair``: one chain, one county, one lead university and some partners."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import out, print_json, progress, say
from api.settings import Settings

if TYPE_CHECKING:
    from api.service import MatchService
    from matcher.pairing.plan import Plan


class By(StrEnum):
    """What gets a team."""

    CHAIN = "chain"
    COUNTY = "county"
    BOTH = "both"


def pair(
    by: Annotated[By, typer.Option(help="按链、按县或统筹 / what gets a team")] = By.CHAIN,
    partners: Annotated[int, typer.Option(min=0, help="协作单位上限 / partners at most")] = 1,
    capacity: Annotated[
        int, typer.Option(min=1, help="每家单位服务上限 / teams a university is in at most")
    ] = 2,
    lead: Annotated[
        list[str] | None,
        typer.Option(help="指定牵头 链或县=单位，可重复 / fix a lead: hub=university"),
    ] = None,
    fix: Annotated[
        list[str] | None,
        typer.Option(help="指定参与 链或县=单位，可重复 / fix a member: hub=university"),
    ] = None,
    forbid: Annotated[
        list[str] | None,
        typer.Option(
            help="禁止 链或县=单位:理由，可重复 / forbid: hub=university:reason, repeatable"
        ),
    ] = None,
    min_local: Annotated[
        int, typer.Option(min=0, help="每队本地单位下限 / local members of each team")
    ] = 0,
    local_lead: Annotated[
        bool, typer.Option("--local-lead", help="牵头须为本地单位 / leads must be local")
    ] = False,
    time_limit: Annotated[
        float, typer.Option(min=0.1, help="求解时限（秒）/ seconds for the solver")
    ] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """一链一校、一县一校：联合求解牵头与协作单位。 / Leads and partners, chosen jointly."""
    from api.pairing import PairOptions
    from api.pairing import pair as pair_jointly
    from api.service import MatchService
    from matcher.pairing.problem import Fixed, Forbidden, HubKind, Role

    kinds = tuple(HubKind) if by is By.BOTH else (HubKind(by.value),)
    with progress("编码 / encoding") as advance:
        service = MatchService(Settings.from_environment(), notify=say, progress=advance)
        fixed = [
            Fixed(hub=hub, supplier=supplier, role=role)
            for texts, role in ((lead, Role.LEAD), (fix, None))
            for hub, supplier, _ in _rules(service, texts)
        ]
        forbidden = [
            Forbidden(hub=hub, supplier=supplier, reason=reason or "未说明 not stated")
            for hub, supplier, reason in _rules(service, forbid)
        ]
        options = PairOptions(
            kinds=kinds,
            partners=partners,
            capacity=capacity,
            min_local=min_local,
            local_lead=local_lead,
            fixed=tuple(fixed),
            forbidden=tuple(forbidden),
            time_limit_s=time_limit,
        )
        plan = pair_jointly(service, options)
    if as_json:
        print_json({**asdict(plan), "gap": plan.gap})
    else:
        print_plan(plan, service)


def _rules(service: "MatchService", texts: Sequence[str] | None) -> Iterator[tuple[str, str, str]]:
    """Chain or county id, organisation id and reason from ``hub=university[:reason]``."""
    from api.pairing import read_rule

    for text in texts or ():
        hub, equals, rest = text.partition("=")
        supplier, _, reason = rest.replace("：", ":").partition(":")
        if not (equals and hub.strip() and supplier.strip()):
            raise typer.BadParameter(
                f"{text} 应写作 链或县=单位 / write {text} as hub=university",
                param_hint="--lead | --fix | --forbid",
            )
        yield (*read_rule(service, hub.strip(), supplier.strip()), reason.strip())


SOLVERS = {
    "exact": "精确求解 solved exactly",
    "limited": "到时限为止的最好方案 best plan within the time limit",
    "greedy": "贪心方案，未经精确求解 greedy, not solved exactly",
}


def print_plan(plan: "Plan", service: "MatchService") -> None:
    """The plan as a table for people."""
    if not plan.teams:
        out.print("没有带产业链的需求，无法结对。 / no needs with a chain to pair for")
        return
    names = service.records.organization_names()
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column("链或县 hub", overflow="fold")
    table.add_column("牵头 lead", overflow="fold")
    table.add_column("协作 partners", overflow="fold")
    table.add_column("覆盖需求 needs", justify="right")
    table.add_column("覆盖值 value", justify="right")
    for team in plan.teams:
        covered = [c for c in plan.coverage if c.hub == team.hub]
        answers = Counter(c.supplier for c in covered)
        cells = [f"{escape(names.get(s, s))} ({answers[s]})" for s in team.members]
        table.add_row(
            escape(hub_name(team.hub)),
            "\n".join(cells[:1]) or "–",
            "\n".join(cells[1:]) or "–",
            str(len(covered)),
            f"{sum(c.value for c in covered):.2f}",
        )
    out.print(table)
    out.print(
        f"[dim]覆盖需求 covered {plan.objective.coverage:.2f} · {SOLVERS[plan.solver.value]}"
        f" · 最优性差距 proven gap {plan.gap:.2%} · {plan.seconds:.1f} s[/]"
    )
    for notice in plan.notices:
        out.print(f"[dim]{escape(str(notice))}[/]")


def hub_name(hub: str) -> str:
    """The Chinese name of a chain or a county."""
    from data.reference import chain_name, county_name

    name = chain_name(hub)
    return county_name(hub) if name == hub else name
