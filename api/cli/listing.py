"""``yilian list`` and ``yilian show``: what is stored."""

from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import out, print_json, shorten
from api.settings import Settings


class Kind(StrEnum):
    """What can be listed."""

    NEEDS = "needs"
    ACHIEVEMENTS = "achievements"
    ORGANIZATIONS = "organizations"


def list_records(
    kind: Annotated[Kind, typer.Argument(help="列出哪一类 / which kind")],
    limit: Annotated[int, typer.Option(min=1, help="最多条数 / most rows")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """列出已载入的需求、成果或单位。 / What is stored, by id."""
    from api.service import MatchService
    from matcher.types import Organization

    records, total = MatchService(Settings.from_environment()).records.listed(
        kind.value, limit=limit
    )
    if as_json:
        print_json([_plain(asdict(record)) for record in records])
        return
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column("编号 id", overflow="fold")
    table.add_column("名称 title", overflow="fold")
    table.add_column("状态 status")
    for record in records:
        title = record.name if isinstance(record, Organization) else record.title
        status = "" if isinstance(record, Organization) else str(record.status)
        table.add_row(escape(record.id), escape(shorten(title, 200)), status)
    out.print(table)
    out.print(f"[dim]{len(records)} / {total}[/]")


def show(
    record_id: Annotated[str, typer.Argument(help="编号 / id")],
    kind: Annotated[
        Kind | None, typer.Option(help="哪一类，默认先找需求 / which kind; needs first")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """显示一条需求、成果或单位的全部内容。 / Everything about one record."""
    from api.service import MatchService

    service = MatchService(Settings.from_environment())
    record = service.records.find(record_id, *([kind] if kind else []))
    fields = _plain(asdict(record))
    if as_json:
        print_json(fields)
        return
    table = Table(show_header=False, box=None, padding=(0, 1))
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in _named(fields, service.records.organization_names()).items():
        words = "；".join(value) if isinstance(value, list) else str(value)
        table.add_row(f"[bold]{name}[/]", escape(words))
    out.print(table)


def _named(fields: Mapping[str, Any], organizations: Mapping[str, str]) -> dict[str, Any]:
    """The fields with the names that people know beside the ids of other records."""
    from data.reference import chain_name, county_name

    shown = dict(fields)
    for name, names in (("organization", organizations.get), ("county", county_name)):
        if name in shown:
            shown[name] = f"{names(shown[name])} ({shown[name]})"
    if "chains" in shown:
        shown["chains"] = [f"{chain_name(chain)} ({chain})" for chain in shown["chains"]]
    return shown


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """JSON values of the fields that say something."""
    said = {name: value for name, value in fields.items() if value not in (None, "", ())}
    return {name: _plain_value(value) for name, value in said.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain_value(item) for item in value]
    return value if isinstance(value, int) else str(value)
