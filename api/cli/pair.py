"""``yilian pair``: one chain, one county, one lead university and some partners."""

import getpass
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
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
    from matcher.pairing.problem import HubKind


RULE_OPTIONS = "--lead | --fix | --forbid"


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
    reasons: Annotated[
        bool, typer.Option("--reasons/--no-reasons", help="是否列出理由 / why, or the table only")
    ] = True,
    keep: Annotated[
        bool, typer.Option("--keep", help="保存方案，见 yilian plan / store it for yilian plan")
    ] = False,
    name: Annotated[str, typer.Option(help="保存的方案名称 / name of the stored plan")] = "",
    author: Annotated[
        str | None, typer.Option(help="由谁编制，默认为系统用户名 / by whom; else the OS user")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """一链一校、一县一校：联合求解牵头与协作单位。 / Leads and partners, chosen jointly."""
    from api.cli.pair_document import print_reasons
    from api.plans.kept import Draft, keep_plan, names_of, seen_data
    from api.plans.pairing import PairOptions, pairing_problem
    from api.service import MatchService
    from matcher.pairing.problem import Fixed, Forbidden, HubKind, Role
    from matcher.pairing.solve import solve

    if (name or author is not None) and not keep:
        raise typer.BadParameter(
            "须与 --keep 同用 / only with --keep", param_hint="--name | --author"
        )
    made_by = (author or getpass.getuser()).strip() if keep else ""
    if keep and not made_by:
        raise typer.BadParameter("请写明由谁编制 / say who", param_hint="--author")
    kinds = tuple(HubKind) if by is By.BOTH else (HubKind(by.value),)
    with progress("编码 / encoding") as advance:
        service = MatchService(Settings.from_environment(), notify=say, progress=advance)
        fixed = [
            Fixed(hub=hub, supplier=supplier, role=role)
            for texts, role in ((lead, Role.LEAD), (fix, None))
            for hub, supplier, _ in _rules(service, texts, kinds)
        ]
        forbidden = [
            Forbidden(hub=hub, supplier=supplier, reason=reason or "未说明 not stated")
            for hub, supplier, reason in _rules(service, forbid, kinds)
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
        # asked before the data is read: what changes from here on makes the plan stale
        seen = seen_data(service.engine)
        problem = pairing_problem(service, options, today=date.today())
        plan = solve(problem, time_limit_s=options.time_limit_s)
        version = None
        if keep:
            version = keep_plan(
                service.engine, problem, plan, author=made_by, seen=seen, name=name.strip()
            )
    if as_json:
        print_json({**asdict(plan), "gap": plan.gap, "version": version})
        return
    print_plan(plan, service)
    if reasons:
        print_reasons(Draft(problem, plan, names_of(service.engine, problem)))
    if version is not None:
        out.print(
            f"\n已保存为方案 {version}，查看全部理由：yilian plan show {version}"
            f" / kept as plan {version}; all reasons: yilian plan show {version}",
            soft_wrap=True,
        )


def _rules(
    service: "MatchService", texts: Sequence[str] | None, kinds: "Sequence[HubKind]"
) -> Iterator[tuple[str, str, str]]:
    """Chain or county id, organisation id and reason from ``hub=university[:reason]``."""
    from api.plans.pairing import hub_kinds, read_rule

    known = hub_kinds(service)
    for text in texts or ():
        hub, equals, rest = text.partition("=")
        supplier, _, reason = rest.replace("：", ":").partition(":")
        if not (equals and hub.strip() and supplier.strip()):
            raise typer.BadParameter(
                f"{text} 应写作 链或县=单位 / write {text} as hub=university",
                param_hint=RULE_OPTIONS,
            )
        hub_id, supplier_id = read_rule(service, hub.strip(), supplier.strip())
        kind = known.get(hub_id)
        if kind is not None and kind not in kinds:
            raise typer.BadParameter(
                f"{hub.strip()} 本次不参与结对，请用 --by both 或 --by {kind.value}"
                f" / {hub.strip()} is not paired here; use --by both or --by {kind.value}",
                param_hint=RULE_OPTIONS,
            )
        yield hub_id, supplier_id, reason.strip()


SOLVERS = {
    "exact": "精确求解 solved exactly",
    "limited": "到时限为止的最好方案 best plan within the time limit",
    "greedy": "贪心方案，未经精确求解 greedy, not solved exactly",
}


def print_plan(plan: "Plan", service: "MatchService") -> None:
    """The plan as a table for people."""
    names = service.records.organization_names()
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    for heading in ("链或县\nhub", "牵头（覆盖需求数）\nlead (needs)", "协作\npartners"):
        table.add_column(heading, overflow="fold")
    for heading in ("需求\nneeds", "价值\nworth"):
        table.add_column(heading, justify="right")
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
        f" · 最优性差距 proven gap {plan.gap:.2%} · {plan.seconds:.1f} s[/]",
        soft_wrap=True,
    )
    for notice in plan.notices:
        out.print(f"[yellow]•[/] {escape(str(notice))}", soft_wrap=True)


def hub_name(hub: str) -> str:
    """The Chinese name of a chain or a county."""
    from data.reference import chain_name, county_name

    name = chain_name(hub)
    return county_name(hub) if name == hub else name
