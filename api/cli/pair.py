"""``yilian pair``: one chain, one lead university and some partners."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import out, print_json, progress, say
from api.settings import Settings

if TYPE_CHECKING:
    from api.service import MatchService
    from matcher.pair import ChainPlan, Plan


def pair(
    partners: Annotated[int, typer.Option(min=0, help="每链协作单位上限 / partners a chain")] = 1,
    capacity: Annotated[
        int, typer.Option(min=1, help="每校服务链数上限 / chains a university")
    ] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """一链一校：联合求解各链的牵头与协作单位。 / A university for every chain."""
    from api.pairing import pair_chains
    from api.service import MatchService
    from matcher.pair import PairConfig

    with progress("编码 / encoding") as advance:
        service = MatchService(Settings.from_environment(), notify=say, progress=advance)
        plan = pair_chains(service, PairConfig(partners=partners, capacity=capacity))
    if as_json:
        print_json(asdict(plan))
    else:
        print_plan(plan, service)


def print_plan(plan: "Plan", service: "MatchService") -> None:
    """The plan as a table for people."""
    from data.reference import chain_name

    if not plan.chains:
        out.print("没有带产业链的需求，无法结对。 / no needs with a chain to pair for")
        return
    names = service.records.organization_names()
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column("产业链 chain", overflow="fold")
    table.add_column("牵头 lead", overflow="fold")
    table.add_column("协作 partners", overflow="fold")
    table.add_column("覆盖需求 needs", justify="right")
    table.add_column("覆盖值 value", justify="right")
    for chain in plan.chains:
        table.add_row(
            escape(chain_name(chain.chain)),
            _with_needs(chain, chain.lead, names),
            "\n".join(_with_needs(chain, partner, names) for partner in chain.partners) or "–",
            str(len(chain.covered)),
            f"{chain.value:.2f}",
        )
    out.print(table)
    out.print(f"[dim]合计 total {plan.value:.2f} · 最优性差距 proven gap {plan.gap:.2%}[/]")


def _with_needs(chain: "ChainPlan", university: str | None, names: dict[str, str]) -> str:
    if university is None:
        return "–"
    needs = sum(answered_by == university for answered_by in chain.covered.values())
    return f"{escape(names.get(university, university))} ({needs})"
