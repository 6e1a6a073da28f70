"""``yilian chain picture``: the chains' upstream, midstream and downstream as a drawing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.chain_gaps import mapped
from api.cli.console import out

if TYPE_CHECKING:
    from matcher.chain import IndustryChain


def chain_picture(
    file: Annotated[
        Path, typer.Option("--out", dir_okay=False, help="图片文件 .svg 或 .png / picture file")
    ],
    name: Annotated[
        str | None,
        typer.Argument(metavar="[CHAIN]", help="产业链名称或编号，默认全部 / name or id; else all"),
    ] = None,
    font: Annotated[
        Path | None,
        typer.Option(
            envvar="YILIAN_FONT",
            help="PNG 所用中文字体文件 / font file with Chinese characters, for PNG",
        ),
    ] = None,
) -> None:
    """绘制上中下游供需图。 / Draws demand and supply along the chains."""
    from api.chains.drawing import draw_chains
    from api.pictures.picture import FORMATS, write_picture

    if file.suffix.lower() not in FORMATS:
        raise typer.BadParameter(
            f"{file.name}：只能存为 {' 或 '.join(FORMATS)}"
            f" / the name must end in {' or '.join(FORMATS)}",
            param_hint="--out",
        )
    found, service = mapped(name)
    chains = {chain.id: chain for chain in service.records.chains()}
    drawing = draw_chains([(entry, feeds_of(chains[entry.id])) for entry in found.chains])
    write_picture(drawing, file, font=font)
    out.print(f"已写入 / written: {file}", markup=False, soft_wrap=True)


def feeds_of(chain: "IndustryChain") -> list[tuple[str, str]]:
    """(supplier, user) pairs of segment ids, as the chain graph has them."""
    from dataclasses import replace

    from matcher.chain import chain_graph

    graph = chain_graph([replace(chain, counties=())], [])
    return [
        (graph.nodes[a]["id"], graph.nodes[b]["id"])
        for a, b, relation in graph.edges(keys=True)
        if relation == "feeds"
    ]
