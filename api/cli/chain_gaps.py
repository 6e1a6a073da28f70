"""``yilian chain gaps``: where the city's chains are thin, and what to do about it."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import out, print_json, progress, say
from api.settings import Settings

if TYPE_CHECKING:
    from api.chains.findings import Finding
    from api.service import MatchService
    from data.definitions import Definitions
    from matcher.chain import IndustryChain
    from matcher.chain_map_types import Balance, ChainEntry, ChainMap

NAMED_IN_OVERVIEW = 3
"""Postings that a sentence names where all chains are shown."""


def chain_gaps(
    name: Annotated[
        str | None, typer.Argument(metavar="[CHAIN]", help="产业链名称或编号 / name or id")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """各链供需图：瓶颈、闲置与下一步。 / Bottlenecks, idle supply and what to do next."""
    found, service = mapped(name)
    if as_json:
        print_json(found.as_json())
    else:
        print_gaps(found, service, in_full=name is not None)


def mapped(name: str | None) -> "tuple[ChainMap, MatchService]":
    """The map of one chain, or of all, as of today.

    Raises:
        typer.BadParameter: no chain of the city has this name.
    """
    from dataclasses import replace
    from datetime import date

    from api.chains.map import city_chain_map
    from api.model import ensure_model
    from api.service import MatchService

    settings = Settings.from_environment()
    with progress("编码 / encoding") as encoding, progress("匹配 / matching") as matching:
        service = MatchService(settings, notify=say, progress=encoding)
        wanted = None if name is None else chain_named(service.tags.definitions(), name)
        ensure_model(settings, say)
        found = city_chain_map(service, today=date.today(), progress=matching)
    if wanted is None:
        return found, service
    return (
        replace(
            found,
            chains=tuple(chain for chain in found.chains if chain.id == wanted.id),
            review=tuple(lost for lost in found.review if lost.chain == wanted.id),
        ),
        service,
    )


def chain_named(definitions: "Definitions", name: str) -> "IndustryChain":
    """The city's chain of this name or id, earlier ids included, however it is spelt.

    Raises:
        typer.BadParameter: there is none; the message gives the nearest names, or all.
    """
    from data.chain_names import ChainNames

    names = ChainNames(definitions)
    found = names.find(name)
    if found is None:
        hints = "、".join(names.nearest(name) or names.all()) or "–"
        raise typer.BadParameter(f"未知产业链 {name}，可用 / unknown chain, try: {hints}")
    return next(chain for chain in definitions.chains if chain.id == found)


def print_gaps(found: "ChainMap", service: "MatchService", *, in_full: bool) -> None:
    """The map as tables and sentences for people."""
    from api.chains.findings import Wording
    from data.reference import county_name

    chains = found.chains
    if not any(chain.total.needs.count or chain.total.achievements.count for chain in chains):
        out.print(
            "没有属于产业链的需求或成果，请先载入：yilian load 文件，或 yilian demo 看样例。"
            " / no needs or achievements on the chains; run yilian load FILE first, or yilian demo"
        )
        # a chain that is asked for is shown all the same, all of them would say nothing
        chains = chains if in_full else ()
    wording = Wording(
        service.records.organization_names(),
        county_name,
        most=None if in_full else NAMED_IN_OVERVIEW,
    )
    if chains and not in_full:
        print_overview(found)
    for chain in chains:
        out.print(f"\n[bold]{escape(chain.name_zh)} {escape(chain.name_en)}[/]")
        if demand := wording.demand_by_county(chain.total):
            out.print(f"[dim]公开需求来自 / public needs from: {escape(demand)}[/]", soft_wrap=True)
        if in_full:
            print_segments(chain)
        for finding in wording.of_chain(chain):
            _print_finding(finding)
    for finding in wording.of_review(found):
        _print_finding(finding)
    if chains:
        out.print(
            f"\n[dim]对口，即三级以上 / fitting is level 3 or better: {escape(found.level3_by)}[/]",
            soft_wrap=True,
        )
        out.print(
            "[dim]实力：每项成果按成熟度与新近程度折算后相加，越往后计得越少"
            " / strength: achievements added up by maturity and age, further ones for less[/]",
            soft_wrap=True,
        )


def print_overview(found: "ChainMap") -> None:
    """A line of figures per chain."""
    from matcher.chain_map_types import State

    table = _figures("产业链\nchain", "瓶颈\nbottleneck", "闲置\nidle")
    for chain in found.chains:
        counts = (len(chain.having(state)) for state in (State.BOTTLENECK, State.IDLE))
        table.add_row(escape(chain.name_zh), *_row(chain.total), *map(str, counts))
    out.print(table)
    if found.outside_needs or found.outside_achievements:
        out.print(
            f"[dim]不属于任何一条链 / of none of the chains:"
            f" {found.outside_needs} 需求 needs, {found.outside_achievements} 成果 supply[/]"
        )


def print_segments(chain: "ChainEntry") -> None:
    """A line of figures per segment."""
    from api.chains.findings import POSITIONS, STATES

    table = _figures("环节\nsegment", "状态\nstate")
    for segment in chain.segments:
        place = f"{POSITIONS[segment.position][0]}·{segment.name_zh}"
        state = " ".join(STATES[segment.balance.state])
        table.add_row(escape(place), *_row(segment.balance), state)
    if chain.unplaced.needs.count or chain.unplaced.achievements.count:
        table.add_row("环节未定 no segment", *_row(chain.unplaced), "–")
    out.print(table)


def _figures(first: str, *more: str) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column(first, overflow="fold")
    for heading in ("需求\nneeds", "未解\nunmet", "成果\nsupply", "对口\nfitting"):
        table.add_column(heading, justify="right")
    for heading in more:
        table.add_column(heading, justify="right" if len(more) > 1 else "left")
    return table


def _row(balance: "Balance") -> tuple[str, ...]:
    counts = (balance.needs, balance.unanswered, balance.achievements)
    return (*(str(postings.count) for postings in counts), str(balance.matches))


def _print_finding(finding: "Finding") -> None:
    # the terminal breaks lines where it likes: a file or a pipe gets whole sentences
    out.print(f"• {escape(finding.zh)}", soft_wrap=True)
    out.print(f"  [dim]{escape(finding.en)}[/]", soft_wrap=True)
    for item in finding.items:
        out.print(f"    {escape(item)}", soft_wrap=True)
