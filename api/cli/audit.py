"""``yilian audit``: whether the record is whole, and the record as a file."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import out, print_json, say
from api.operations.audit_export import Format
from api.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

_TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]

Since = Annotated[
    datetime | None,
    typer.Option(formats=_TIMES, help="自何时起，UTC，含 / made at or after, UTC"),
]
Until = Annotated[
    datetime | None,
    typer.Option(formats=_TIMES, help="到何时止，UTC，不含 / made before, UTC"),
]


def verify(
    head: Annotated[
        str | None,
        typer.Option(help="以前记下的链头 序号:摘要 / a head noted earlier, SEQ:DIGEST"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """核对审计链，有断裂时退出码为 1。 / Check the audit chain; exit code 1 where it is broken."""
    from data.audit import Head
    from data.audit_check import verify as check

    verdict = check(_engine(), noted=Head.parse(head) if head else None)
    broken = verdict.broken
    if as_json:
        fault = {"seq": broken.seq, "why": broken.why} if broken else None
        print_json({"whole": broken is None, "head": str(verdict.head), "broken": fault})
    elif broken is None:
        out.print(f"审计链完整，共 {verdict.head.seq} 条 / whole: {verdict.head.seq} entries")
        out.print(f"链头，请另行记下 / the head, to be noted down elsewhere:\n{verdict.head}")
    else:
        out.print(f"审计链在第 {broken.seq} 条断裂 / broken at entry {broken.seq}: {broken.why}")
    if broken is not None:
        raise typer.Exit(1)


def export(
    target: Annotated[
        Path | None, typer.Argument(help="文件，默认标准输出 / file; standard output by default")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="格式 / format")] = Format.JSONL,
    since: Since = None,
    until: Until = None,
) -> None:
    """导出审计记录。 / Write the audit as JSONL or CSV."""
    from api.operations.audit_export import write_entries
    from data.audit import between, entries
    from data.session import session_scope
    from data.whole_file import whole_file

    wanted = between(_utc(since), _utc(until))
    with session_scope(_engine(), write=False) as session:
        found = entries(session, wanted)
        if target is None:
            write_entries(found, sys.stdout, form=form)
            return
        with whole_file(target) as unfinished:
            # a spreadsheet program knows UTF-8 by its mark only
            encoding = "utf-8-sig" if form is Format.CSV else "utf-8"
            with unfinished.open("w", encoding=encoding, newline="") as file:
                count = write_entries(found, file, form=form)
    say(f"已导出 {count} 条：{target} / {count} entries written")


def _engine() -> "Engine":
    from data.migrate import upgrade
    from data.session import make_engine

    engine = make_engine(Settings.from_environment().database_url)
    upgrade(engine)
    return engine


def _utc(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(tzinfo=UTC)
