"""``yilian chain save``, ``load`` and ``rename``: the city edits its chains in one file."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from api.cli.chain_tag import person
from api.cli.console import out, say
from api.settings import Settings

if TYPE_CHECKING:
    from matcher.chain import IndustryChain

_RENAME = typer.Option(
    "--rename", metavar="旧=新", help="改名或合并的链或环节编号，可多次 / ids renamed or merged"
)
_WHO = typer.Option(help="谁改的，默认为系统用户名 / who says so; else the OS user")


def save(
    file: Annotated[Path, typer.Argument(help="*.json")],
    force: Annotated[bool, typer.Option("--force", help="覆盖已有文件 / overwrite")] = False,
) -> None:
    """把产业链定义写成一个可编辑的文件。 / The chains as one file to edit."""
    from api.service import MatchService
    from data.reference.chain_file import chains_as_json

    if file.exists() and not force:
        raise typer.BadParameter(
            f"{file} 已存在；换一个名称或加 --force / it exists; rename it or add --force"
        )
    if not file.parent.is_dir():
        raise typer.BadParameter(
            f"文件夹 {file.parent} 不存在，请先建立 / no such folder; make it first"
        )
    chains = MatchService(Settings.from_environment()).records.chains()
    file.write_text(chains_as_json(chains), encoding="utf-8")
    out.print(f"已写出 / written: {escape(str(file))}（{len(chains)} 链 chains）")


def load(
    file: Annotated[Path, typer.Argument(help="yilian chain save 写出的格式 / as saved")],
    rename: Annotated[list[str] | None, _RENAME] = None,
    who: Annotated[str | None, _WHO] = None,
) -> None:
    """以文件中的定义替换全部产业链；人工标注随改名移动。 / Replace the chains by a file's."""
    from data import reference
    from data.reference.chain_file import load_chains

    counties = {county.id for county in reference.counties()}
    chains = load_chains(file.parent, file.name, counties=counties)
    _change(chains, rename or (), who)


def rename(
    pairs: Annotated[list[str], typer.Argument(metavar="旧=新", help="编号 / ids: old=new")],
    who: Annotated[str | None, _WHO] = None,
) -> None:
    """登记已去掉的链或环节由谁取代，人工标注随之移动。 / Say what took the place of an id."""
    _change(None, pairs, who)


def _change(
    chains: "Sequence[IndustryChain] | None", pairs: Sequence[str], who: str | None
) -> None:
    from api.service import MatchService
    from data.chains import ChainRepository
    from data.session import session_scope

    renamed = dict(map(_pair, pairs))
    service = MatchService(Settings.from_environment(), notify=say)
    with session_scope(service.engine) as session:
        repository = ChainRepository(session)
        before = repository.all()
        if chains is not None:
            repository.replace_all(chains)
        moved = repository.rename(renamed, who=person(who))
        after = repository.all()
    segments = sum(len(chain.segments) for chain in after)
    out.print(f"{len(after)} 链 chains，{segments} 环节 segments，移动标注 tags moved: {moved}")
    _suggest(before, after, renamed)
    waiting = len(service.tags.for_review())
    if waiting:
        out.print(f"{waiting} 项待复核：yilian chain review / items to review")


def _suggest(
    before: "Sequence[IndustryChain]", after: "Sequence[IndustryChain]", renamed: dict[str, str]
) -> None:
    """Say which ids are gone, and which new one bears the same name."""
    old, new = (_names(chains) for chains in (before, after))
    by_name = {name: id_ for id_, name in new.items() if id_ not in old}
    for id_, name in old.items():
        if id_ not in new and id_ not in renamed:
            hint = f"：yilian chain rename {id_}={by_name[name]}" if name in by_name else ""
            say(f"{id_} {name} 已不存在 / is gone{hint}")


def _names(chains: "Sequence[IndustryChain]") -> dict[str, str]:
    names = {chain.id: chain.name_zh for chain in chains}
    return names | {s.id: s.name_zh for chain in chains for s in chain.segments}


def _pair(written: str) -> tuple[str, str]:
    old, _, new = (part.strip() for part in written.partition("="))
    if not old or not new:
        raise typer.BadParameter(f"{written}：应为 旧=新 / write OLD=NEW", param_hint="--rename")
    return old, new
