"""``yilian chain export`` and ``yilian chain links``: the city graph, and who should meet."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import out, print_json, progress, say
from api.settings import Settings

if TYPE_CHECKING:
    import networkx as nx

    from matcher.graph.links import Introduction, Meeting

FORMATS = (".graphml", ".json")


def chain_export(
    file: Annotated[Path, typer.Argument(help="*.graphml（Gephi）或 *.json / where to write")],
    everything: Annotated[
        bool,
        typer.Option("--all", help="含非公开名称，仅限内部 / names what is not public too"),
    ] = False,
) -> None:
    """导出产业链图谱，供 Gephi 或网页使用。 / The city graph as GraphML or JSON."""
    if file.suffix.lower() not in FORMATS:
        raise typer.BadParameter(
            f"只能写 {' 或 '.join(FORMATS)} 文件 / name a file that ends so: {', '.join(FORMATS)}",
            param_hint="FILE",
        )
    if not file.parent.is_dir():
        raise typer.BadParameter(
            f"文件夹 {file.parent} 不存在，请先建立 / no such folder; make it first",
            param_hint="FILE",
        )
    from matcher.graph.export import graphml, node_link, public_view
    from matcher.graph.problems import problems

    graph = _graph()
    for problem in problems(graph):
        say(problem.message)
    shown = graph if everything else public_view(graph)
    as_graphml = file.suffix.lower() == ".graphml"
    file.write_bytes(graphml(shown) if as_graphml else node_link(shown).encode())
    out.print(
        f"{escape(str(file))}：{len(shown)} 节点 nodes，{shown.number_of_edges()} 边 edges，"
        f"数据版本 data version {shown.graph['data_version']}"
    )


def chain_links(
    k: Annotated[
        int, typer.Option("-k", min=1, max=500, help="每类条数 / pairs of each sort")
    ] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """建议相识：尚未合作而应当认识的校与链、企与校。 / Pairs that should meet, and why."""
    from datetime import date

    from matcher.graph.links import chain_introductions, enterprise_introductions
    from matcher.graph.places import title
    from matcher.graph.ranking import CityWalk
    from matcher.graph.supply import supply_table

    graph = _graph()
    table = supply_table(graph, today=date.today())
    chains = chain_introductions(graph, table, k=k)
    enterprises = enterprise_introductions(graph, table, CityWalk(graph), k=k)
    names = {name: title(graph, name, "zh") for name in graph}
    if as_json:
        print_json(
            {
                "university_chain": _plain(chains, names),
                "enterprise_university": _plain(enterprises, names),
            }
        )
        return
    if not chains and not enterprises:
        out.print(
            "没有可建议的：请先载入带产业链的需求与成果（yilian load 文件）。"
            " / nobody to introduce: load needs and achievements on the chains (yilian load FILE)"
        )
        return
    _show("高校 ↔ 产业链 / university ↔ chain", chains, names, table.since)
    _show("高校 ↔ 企业 / university ↔ enterprise", enterprises, names, table.since)


def _graph() -> "nx.MultiDiGraph":
    from datetime import date

    from api.model import ensure_model
    from api.service import MatchService

    settings = Settings.from_environment()
    ensure_model(settings, say)
    with progress("编码 / encoding") as advance:
        service = MatchService(settings, notify=say, progress=advance)
        return service.graphs.current(today=date.today())


def _show(
    heading: str, found: "Sequence[Introduction]", names: Mapping[str, str], since: int
) -> None:
    table = Table(box=None, padding=(0, 1), pad_edge=False, title=heading, title_justify="left")
    for column in ("高校院所 university", "对象 with", "理由 why"):
        table.add_column(column, overflow="fold")
    for one in found:
        why = "\n".join(_reason(meeting, names, since) for meeting in one.meetings)
        table.add_row(escape(names[one.university]), escape(names[one.other]), escape(why))
    out.print(table)


def _reason(meeting: "Meeting", names: Mapping[str, str], since: int) -> str:
    supply = meeting.supply
    recent = f"（{since} 年以来 {supply.recent}）" if supply.recent else ""
    unplaced = "" if meeting.place.startswith("segment:") else "环节未定的"
    wanted = f"，{unplaced}需求 {meeting.needs} 项" if meeting.needs else ""
    return f"{names[meeting.place]}：成果 {supply.achievements} 项{recent}{wanted}"


def _plain(found: "Sequence[Introduction]", names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "university": {"node": one.university, "name": names[one.university]},
            "with": {"node": one.other, "name": names[one.other]},
            "score": one.score,
            "reasons": [
                {
                    "place": meeting.place,
                    "name": names[meeting.place],
                    "needs": meeting.needs,
                    "achievements": meeting.supply.achievements,
                    "recent": meeting.supply.recent,
                    "strength": meeting.supply.strength,
                }
                for meeting in one.meetings
            ],
        }
        for one in found
    ]
