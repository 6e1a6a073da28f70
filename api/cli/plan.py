"""``yilian plan``: stored pairing plans, to be read, compared, settled and handed round."""

import getpass
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import out, print_json, progress
from api.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

Version = Annotated[int, typer.Argument(min=1, help="方案版本 / version of the plan")]
SolveAgain = Annotated[
    bool,
    typer.Option(
        "--solve-again",
        help="次选与敏感性按全案重新求解，较慢 / solve whole plans for what-ifs; slower",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")]


class Kind(StrEnum):
    """Which picture."""

    SANKEY = "sankey"
    COVERAGE = "coverage"


def list_plans(as_json: AsJson = False) -> None:
    """列出已保存的结对方案。 / Stored plans, the oldest first."""
    from api.plans.as_json import entry_as_json
    from api.plans.kept import stored_plans
    from api.plans.tables import SOLVERS

    entries, now = stored_plans(_engine())
    if as_json:
        print_json([entry_as_json(e) | {"stale": e.data_version != now} for e in entries])
        return
    if not entries:
        out.print(
            "尚无方案，可用 yilian pair --keep 求解并保存。"
            " / no plans yet; solve and keep one with yilian pair --keep"
        )
        return
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    for heading in ("版本\nversion", "名称\nname", "编制\nauthor", "时间\nmade", "求解\nsolver"):
        table.add_column(heading, overflow="fold")
    table.add_column("价值\nworth", justify="right")
    table.add_column("状态\nstatus", overflow="fold")
    for entry in entries:
        frozen = "已冻结 frozen" if entry.frozen_at else ""
        stale = "已过时 stale" if entry.data_version != now else ""
        table.add_row(
            str(entry.version),
            escape(entry.name),
            escape(entry.author),
            f"{entry.created_at:%Y-%m-%d %H:%M}",
            f"{SOLVERS[entry.plan.solver]}",
            f"{entry.plan.objective.total:.2f}",
            " · ".join(word for word in (frozen, stale) if word),
        )
    out.print(table)


def show_plan(version: Version, solve_again: SolveAgain = False, as_json: AsJson = False) -> None:
    """显示方案及全部理由。 / A plan with all its reasons."""
    from api.cli.plan_document import print_document
    from api.plans.as_json import explained_as_json
    from api.plans.kept import open_plan

    with progress("重新求解 / solving again") as advance:
        explained = open_plan(_engine(), version, solve_again=solve_again, advance=advance)
    if as_json:
        print_json(explained_as_json(explained))
    else:
        print_document(explained)


def compare(
    first: Version,
    second: Annotated[int, typer.Argument(min=1, help="另一版本 / the other version")],
    as_json: AsJson = False,
) -> None:
    """比较两个方案。 / What the second plan does otherwise."""
    from api.cli.plan_document import print_comparison
    from api.plans.comparison import compare_plans
    from api.plans.kept import load_plans
    from api.plans.words import PlanWords

    one, other = load_plans(_engine(), first, second)
    found = compare_plans(one, other)
    if as_json:
        print_json(asdict(found))
    else:
        print_comparison(found, PlanWords(one, other))


def freeze(
    version: Version,
    who: Annotated[
        str | None, typer.Option(help="由谁定稿，默认为系统用户名 / by whom; else the OS user")
    ] = None,
) -> None:
    """冻结方案：定稿后不能删除。 / Declare a plan final."""
    from data.plans import PlanRepository
    from data.session import session_scope

    author = (who or getpass.getuser()).strip()
    if not author:
        raise typer.BadParameter("请写明由谁定稿 / say who", param_hint="--who")
    with session_scope(_engine()) as session:
        PlanRepository(session).freeze(version, who=author)
    out.print(f"已冻结 / frozen: {version} · {escape(author)}")


def remove(version: Version) -> None:
    """删除未冻结的方案。 / Forget a draft."""
    from data.plans import PlanRepository
    from data.session import session_scope

    with session_scope(_engine()) as session:
        PlanRepository(session).remove(version)
    out.print(f"已删除 / removed: {version}")


def export(
    version: Version,
    file: Annotated[
        Path,
        typer.Option("--out", dir_okay=False, help="文件 .xlsx、.json 或 .html / file to write"),
    ],
    solve_again: SolveAgain = False,
) -> None:
    """导出方案为 Excel、JSON 或网页。 / A plan as a workbook, JSON or a page."""
    from api.plans.files import WRITERS
    from api.plans.kept import open_plan

    write = WRITERS.get(file.suffix.lower())
    if write is None:
        raise _wrong_suffix(file, tuple(WRITERS))
    with progress("重新求解 / solving again") as advance:
        explained = open_plan(_engine(), version, solve_again=solve_again, advance=advance)
    write(explained, file)
    out.print(f"已写入 / written: {file}", markup=False, soft_wrap=True)


def picture(
    version: Version,
    file: Annotated[
        Path,
        typer.Option("--out", dir_okay=False, help="图片 .png、.svg 或 .html / picture file"),
    ],
    kind: Annotated[
        Kind, typer.Option(help="桑基图或覆盖热力图 / ribbons, or a coverage heat map")
    ] = Kind.SANKEY,
    font: Annotated[
        Path | None,
        typer.Option(
            envvar="YILIAN_FONT",
            help="PNG 所用中文字体文件 / font file with Chinese characters, for PNG",
        ),
    ] = None,
) -> None:
    """绘制方案：谁服务谁，各能覆盖多少。 / Draws who serves what, and how well."""
    from api.pictures.picture import FORMATS, write_picture
    from api.plans.drawing import draw_heat_map, draw_sankey
    from api.plans.files import write_picture_page
    from api.plans.kept import load_plans

    suffix = file.suffix.lower()
    if suffix not in (*FORMATS, ".html"):
        raise _wrong_suffix(file, (*FORMATS, ".html"))
    (stored,) = load_plans(_engine(), version)
    drawing = draw_sankey(stored) if kind is Kind.SANKEY else draw_heat_map(stored)
    if suffix == ".html":
        write_picture_page(drawing, file)
    else:
        write_picture(drawing, file, font=font)
    out.print(f"已写入 / written: {file}", markup=False, soft_wrap=True)


def _wrong_suffix(file: Path, known: tuple[str, ...]) -> typer.BadParameter:
    return typer.BadParameter(
        f"{file.name}：只能存为 {'、'.join(known)} / the name must end in {', '.join(known)}",
        param_hint="--out",
    )


def _engine() -> "Engine":
    from data.migrate import upgrade
    from data.session import make_engine

    engine = make_engine(Settings.from_environment().database_url)
    upgrade(engine)
    return engine
