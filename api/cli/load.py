"""``yilian load`` and ``yilian template``: data in, and the form to write it on."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import err, out, print_json, progress, say
from api.settings import Settings

if TYPE_CHECKING:
    from data.importers.report import LoadReport


class Kind(StrEnum):
    """What the rows of a file can be."""

    NEEDS = "needs"
    ACHIEVEMENTS = "achievements"
    ORGANIZATIONS = "organizations"
    DECISIONS = "decisions"
    COOPERATIONS = "cooperations"
    EXPERTS = "experts"


SOME_ROWS_REFUSED = 3
SHOWN_PROBLEMS = 50
SHOWN_NAMES = 10


def load(
    paths: Annotated[list[Path], typer.Argument(help="Excel、CSV、JSONL 或 BEIR 文件夹")],
    kind: Annotated[
        Kind | None, typer.Option(help="文件内容，默认自动判断 / what the files hold")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="有错则全部不载入 / all rows or none")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """载入需求、成果、单位、反馈、合作关系与专家，并更新索引。 / Load files, update the indexes."""
    from api.model import ensure_model
    from api.service import MatchService
    from data.importers.load import load as load_files
    from data.importers.rows import Kind as RowKind
    from data.repository import UpsertCounts

    settings = Settings.from_environment()
    ensure_model(settings, say)
    with progress("读取与编码 / reading and encoding") as advance:
        service = MatchService(settings, notify=say, progress=advance)
        report = load_files(
            paths,
            engine=service.engine,
            strict=strict,
            kind=RowKind(kind.value) if kind else RowKind.AUTO,
            progress=lambda stage, file, done, total: advance(done, total),
        )
        # told before indexing, which may fail although the rows are stored
        _print(report, as_json)
        service.refresh()
    if report.problems:
        some_loaded = any(counts != UpsertCounts() for counts in report.counts.values())
        raise typer.Exit(SOME_ROWS_REFUSED if some_loaded else 1)


def template(
    kind: Annotated[Kind, typer.Argument(help="模板种类 / what for")],
    path: Annotated[
        Path | None, typer.Argument(help="文件名，默认为当前文件夹 / file to write")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有文件 / overwrite")] = False,
) -> None:
    """生成带下拉选项的 Excel 填报模板。 / An Excel template with drop-down lists."""
    from api.service import MatchService
    from data.importers.rows import Kind as RowKind
    from data.template import write_template

    target = path or Path(f"yilian-{kind.value}.xlsx")
    if target.suffix.casefold() != ".xlsx":
        raise typer.BadParameter("模板是 Excel 文件，请用 .xlsx / the name must end in .xlsx")
    if target.exists() and not force:
        raise typer.BadParameter(
            f"{target} 已存在；换一个名称或加 --force / it exists; rename it or add --force"
        )
    chains = MatchService(Settings.from_environment()).records.chains()
    write_template(RowKind(kind.value), target, overwrite=force, chains=chains)
    out.print(f"已生成 / written: {escape(str(target))}")


def _print(report: "LoadReport", as_json: bool) -> None:
    if as_json:
        print_json(report_as_json(report))
        return
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    for heading in ("文件 file", "类别 kind", "行 rows", "新增 added", "更新 changed", "未变 same"):
        table.add_column(
            heading, justify="left" if heading[0] in "文类" else "right", overflow="fold"
        )
    for part in report.tables:
        name = f"{part.file} [{part.sheet}]" if part.sheet else part.file
        counts = part.counts
        numbers = (part.rows, counts.added, counts.changed, counts.unchanged)
        table.add_row(escape(name), part.kind, *map(str, numbers))
    if report.tables:
        out.print(table)
    _say_names("按行中名称新建单位 / organisations added from rows", report.added_organizations)
    _say_names("已并入正式单位 / merged into their own records", report.merged_organizations)
    for style, problems in (("yellow", report.warnings), ("red", report.problems)):
        for problem in problems[:SHOWN_PROBLEMS]:
            err.print(f"[{style}]•[/] {escape(problem.message)}", soft_wrap=True)
        if len(problems) > SHOWN_PROBLEMS:
            say(f"… 另有 {len(problems) - SHOWN_PROBLEMS} 条，用 --json 查看 / more with --json")
    if not report.stored:
        err.print("未载入任何内容。 / nothing was loaded", style="red")


def _say_names(what: str, names: Sequence[str]) -> None:
    if names:
        more = "…" if len(names) > SHOWN_NAMES else ""
        say(f"{what} ({len(names)}): {'、'.join(names[:SHOWN_NAMES])}{more}")


def report_as_json(report: "LoadReport") -> dict[str, object]:
    """The whole report as plain values."""
    from dataclasses import asdict

    return asdict(report)
