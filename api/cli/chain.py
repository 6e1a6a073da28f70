"""``yilian chain``: the city's industry chains, their parts and what feeds what."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import out
from api.settings import Settings

if TYPE_CHECKING:
    from matcher.chain import IndustryChain


def list_chains() -> None:
    """列出产业链、环节数与所在县市区。 / Every chain with its counties."""
    from data.reference import county_name

    table = Table(box=None, padding=(0, 1), pad_edge=False)
    for heading in ("编号 id", "产业链 chain", "环节 segments", "县市区 counties"):
        table.add_column(heading, overflow="fold")
    for chain in _chains():
        counties = "、".join(county_name(county) for county in chain.counties)
        table.add_row(chain.id, escape(chain.name_zh), str(len(chain.segments)), escape(counties))
    out.print(table)


def show_chain(
    name: Annotated[str, typer.Argument(help="产业链名称或编号 / name or id")],
) -> None:
    """显示一条链的上中下游环节及供给关系。 / A chain's segments and what feeds what."""
    from api.cli.chain_gaps import chain_named
    from api.service import MatchService
    from data.reference import counties
    from matcher.chain import chain_graph, neighbours

    chain = chain_named(MatchService(Settings.from_environment()).tags.definitions(), name)
    graph = chain_graph([chain], counties())
    out.print(f"[bold]{escape(chain.name_zh)}[/] {escape(chain.name_en)} [dim]{chain.id}[/]")
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    for heading in ("位置 position", "环节 segment", "关键词 keywords", "上下游 links"):
        table.add_column(heading, overflow="fold")
    for segment in chain.segments:
        links = len(neighbours(graph, f"segment:{segment.id}", relation="feeds"))
        words = "、".join(segment.keywords)
        table.add_row(segment.position, escape(segment.name_zh), escape(words), str(links))
    out.print(table)


def _chains() -> "Sequence[IndustryChain]":
    """The chains as the city keeps them in its database."""
    from api.service import MatchService

    return MatchService(Settings.from_environment()).records.chains()
