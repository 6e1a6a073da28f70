"""``yilian chain tag`` and ``yilian chain review``: who belongs to which chain, and who says so."""

import getpass
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import out, print_json, progress, say, shorten
from api.cli.question import require_id_or_text
from api.settings import Settings

if TYPE_CHECKING:
    from api.graph.tagging import Item
    from api.graph.tags import ItemTags
    from api.service import MatchService
    from data.definitions import Definitions
    from matcher.tag_types import Tag

OF_NO_CHAIN = "不属于任何产业链 / of none of the chains"


def tag(
    item_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="需求、成果或单位编号 / id of an item")
    ] = None,
    text: Annotated[str | None, typer.Option(help="任意技术文字 / any technical text")] = None,
    as_set: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="链[/环节][:权重]",
            help="人工指定，如 nev/nev.drive-motor:0.9，可多次 / a person's word, may be repeated",
        ),
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="人工指定：不属于任何链 / no chain")] = False,
    clear: Annotated[
        bool, typer.Option("--clear", help="撤销人工指定 / take the person's word back")
    ] = False,
    who: Annotated[
        str | None, typer.Option(help="谁指定，默认为系统用户名 / who says so; else the OS user")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """判断属于哪条产业链及依据，或由人指定。 / Which chains something belongs to, and why."""
    from api.model import ensure_model
    from api.service import MatchService

    require_id_or_text(item_id, text)
    said = as_set or none or clear
    if sum((bool(as_set), none, clear)) > 1 or (said and text is not None):
        raise typer.BadParameter(
            "只能选一个，且只用于已载入的条目 / choose one, and only for an item that is loaded",
            param_hint="--set | --none | --clear",
        )
    settings = Settings.from_environment()
    ensure_model(settings, say)
    with progress("编码 / encoding") as advance:
        service = MatchService(settings, notify=say, progress=advance)
        if item_id is None:
            _show_text(service, str(text), as_json=as_json)
            return
        item = service.records.find(item_id, "needs", "achievements", "organizations")
        if said:
            _say(service, item, as_set or (), clear=clear, who=person(who))
        known = service.tags.of([item])[item.id]
    if as_json:
        print_json(_plain(known))
    else:
        _show_item(known, service.tags.definitions())


def review(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """列出指向已不存在的链或环节、待人复核的标注。 / Tags whose chain or segment is gone."""
    from api.service import MatchService

    found = MatchService(Settings.from_environment(), notify=say).tags.for_review()
    if as_json:
        print_json([asdict(one) for one in found])
        return
    if not found:
        out.print("没有待复核的标注。 / nothing to review")
        return
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    for heading in ("类别 kind", "编号 id", "名称 title", "已不存在 gone", "谁说的 by"):
        table.add_column(heading, overflow="fold")
    for one in found:
        by = one.who or "填报 declared"
        cells = (one.kind, one.item_id, shorten(one.title, 60), "、".join(one.gone), by)
        table.add_row(*map(escape, cells))
    out.print(table)
    out.print(
        "改名或合并：yilian chain load 文件 --rename 旧=新；"
        "逐条改：yilian chain tag 编号 --set 链/环节"
        " / renamed or merged: yilian chain load FILE --rename OLD=NEW;"
        " one by one: yilian chain tag ID --set CHAIN/SEGMENT"
    )


def _say(
    service: "MatchService", item: "Item", wanted: Sequence[str], *, clear: bool, who: str
) -> None:
    from datetime import UTC, datetime

    from api.graph.tags import kind_of
    from data.session import session_scope
    from data.tags import TagRepository

    tags = _parsed(wanted, service.tags.definitions())
    with session_scope(service.engine) as session:
        repository = TagRepository(session)
        if not clear:
            repository.say(kind_of(item), item.id, tags, who=who, made_at=datetime.now(UTC))
        elif not repository.unsay(kind_of(item), item.id):
            say("没有人工指定，未作更改。 / no person had said anything; nothing was changed")


def _parsed(wanted: Sequence[str], definitions: "Definitions") -> list["Tag"]:
    """The tags that the options describe, of chains and segments that exist."""
    from data.chain_names import ChainNames
    from matcher.tag_types import Tag

    chains = {chain.id: chain for chain in definitions.chains}
    names = ChainNames(definitions)
    tags = []
    for option in wanted:
        place, _, weight = option.replace("：", ":").partition(":")
        chain_name, _, segment_name = (part.strip() for part in place.partition("/"))
        chain = chains.get(names.find(chain_name) or "")
        if chain is None:
            raise _unknown(
                option, "产业链", "chain", [f"{c.id} {c.name_zh}" for c in chains.values()]
            )
        segments = {key: s.id for s in chain.segments for key in (s.id, s.name_zh)}
        segments |= {s.id.partition(".")[2]: s.id for s in chain.segments}
        if segment_name and segment_name not in segments:
            known = [f"{s.id} {s.name_zh}" for s in chain.segments]
            raise _unknown(option, "环节", "segment", known)
        tags.append(Tag(chain.id, segments.get(segment_name), _weight(option, weight), ()))
    return tags


def _weight(option: str, written: str) -> float:
    try:
        weight = float(written or 1)
    except ValueError:
        weight = -1.0
    if not 0 < weight <= 1:
        raise typer.BadParameter(
            f"{option}：权重应大于 0 且不超过 1，如 nev:0.9 / weights lie in (0, 1]: nev:0.9",
            param_hint="--set",
        )
    return weight


def _unknown(option: str, zh: str, en: str, known: Sequence[str]) -> typer.BadParameter:
    listed = "、".join(known) or "–"
    return typer.BadParameter(
        f"{option}：没有这个{zh}，可用 / no such {en}, try: {listed}", param_hint="--set"
    )


def person(named: str | None) -> str:
    """Who speaks: the name given, else the system user's.

    Raises:
        typer.BadParameter: there is neither.
    """
    try:
        who = (getpass.getuser() if named is None else named).strip()
    except (KeyError, OSError):
        # a container may run under a user id without a name
        who = ""
    if not who:
        raise typer.BadParameter("请写明谁指定 / say who says so", param_hint="--who")
    return who


def _show_text(service: "MatchService", text: str, *, as_json: bool) -> None:
    from matcher.types import Document

    (tags,) = service.tags.tagger().tag([Document(id="text", title=text)])
    if as_json:
        print_json([asdict(found) for found in tags])
    else:
        _show(tags, service.tags.definitions())


def _show_item(known: "ItemTags", definitions: "Definitions") -> None:
    if known.said is not None:
        day = f"{known.said.made_at:%Y-%m-%d}"
        out.print(f"[bold]{escape(known.said.who)} {day} 人工指定 / a person's word[/]")
        _show(known.tags, definitions)
        out.print("[dim]推断，不起作用 / inferred, not in force:[/]")
    _show(known.inferred, definitions)


def _show(tags: Sequence["Tag"], definitions: "Definitions") -> None:
    if not tags:
        out.print(OF_NO_CHAIN)
        return
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    for heading in ("产业链 chain", "环节 segment", "权重 weight", "依据 evidence"):
        table.add_column(heading, overflow="fold")
    chains = {chain.id: chain.name_zh for chain in definitions.chains}
    segments = {s.id: s.name_zh for chain in definitions.chains for s in chain.segments}
    for found in tags:
        cells = (
            chains.get(found.chain, f"{found.chain}（已不存在 gone）"),
            segments.get(found.segment or "", found.segment or "–"),
            f"{found.weight:.2f}",
            " ".join(f"「{term}」" for term in found.evidence),
        )
        table.add_row(*map(escape, cells))
    out.print(table)


def _plain(known: "ItemTags") -> dict[str, Any]:
    said = known.said
    return {
        "tags": [asdict(found) for found in known.tags],
        "said": None
        if said is None
        else {
            "who": said.who,
            "made_at": said.made_at.isoformat(),
            "tags": [asdict(found) for found in said.tags],
        },
        "inferred": [asdict(found) for found in known.inferred],
    }
