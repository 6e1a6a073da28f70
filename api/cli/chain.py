"""``yilian chain``: the city's industry chains, their parts and what feeds what."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import out, print_json, progress, say
from api.cli.question import require_id_or_text
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
    from data.reference import reference
    from matcher.chain import chain_graph, neighbours

    facts = reference()
    chains = {chain.id: chain for chain in _chains()}
    chain = chains.get(facts.find_chain(name) or name)
    if chain is None:
        hints = "、".join(facts.nearest_chains(name) or [c.name_zh for c in chains.values()])
        raise typer.BadParameter(f"未知产业链 {name}，可用 / unknown chain, try: {hints}")
    graph = chain_graph([chain], facts.counties)
    out.print(f"[bold]{escape(chain.name_zh)}[/] {escape(chain.name_en)} [dim]{chain.id}[/]")
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    for heading in ("位置 position", "环节 segment", "关键词 keywords", "上下游 links"):
        table.add_column(heading, overflow="fold")
    for segment in chain.segments:
        links = len(neighbours(graph, f"segment:{segment.id}", relation="feeds"))
        words = "、".join(segment.keywords)
        table.add_row(segment.position, escape(segment.name_zh), escape(words), str(links))
    out.print(table)


def tag(
    posting_id: Annotated[
        str | None, typer.Argument(help="需求或成果编号 / id of a need or an achievement")
    ] = None,
    text: Annotated[str | None, typer.Option(help="任意技术文字 / any technical text")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """判断一段文字属于哪条产业链及依据。 / Which chains a text belongs to, and why."""
    from api.model import ensure_model
    from api.service import MatchService
    from data.reference import chain_name
    from matcher.text import document_of
    from matcher.types import Document

    require_id_or_text(posting_id, text)
    settings = Settings.from_environment()
    ensure_model(settings, say)
    with progress("编码 / encoding") as advance:
        service = MatchService(settings, notify=say, progress=advance)
        document = (
            document_of(service.records.posting(posting_id))
            if posting_id is not None
            else Document(id="text", title=text or "")
        )
        (tags,) = service.tagger.tag([document])
    if as_json:
        print_json([asdict(found) for found in tags])
        return
    if not tags:
        out.print("不属于十条产业链中的任何一条 / of none of the chains")
        return
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    for heading in ("产业链 chain", "环节 segment", "权重 weight", "依据 evidence"):
        table.add_column(heading, overflow="fold")
    names = {s.id: s.name_zh for c in service.records.chains() for s in c.segments}
    for found in tags:
        segment = names.get(found.segment or "", "–")
        evidence = " ".join(f"「{term}」" for term in found.evidence)
        weight = f"{found.weight:.2f}"
        table.add_row(escape(chain_name(found.chain)), escape(segment), weight, escape(evidence))
    out.print(table)


def _chains() -> "Sequence[IndustryChain]":
    """The chains as the city keeps them in its database."""
    from api.service import MatchService

    return MatchService(Settings.from_environment()).records.chains()
