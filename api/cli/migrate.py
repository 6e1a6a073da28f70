"""``yilian migrate``: the schema forwards, or back for an older program."""

from typing import Annotated

import typer

from api.cli.console import out
from api.settings import Settings


def migrate(
    to: Annotated[
        str | None,
        typer.Option(
            metavar="REVISION", help="结构版本，默认最新 / revision; the newest by default"
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 / do not ask")] = False,
) -> None:
    """升级数据库结构；--to 可退回旧版。 / Migrate the database; with --to also back."""
    from data.migrate import HEAD, check, move_to
    from data.session import make_engine

    engine = make_engine(Settings.from_environment().database_url)
    before = check(engine).revision
    target = to or HEAD
    if before is not None and target < before and not yes:
        typer.confirm(
            f"从 {before} 退回 {target} 会删除其后新增的表及其内容（可能包括审计记录），"
            "请先运行 yilian backup。继续？"
            f" / going back from {before} to {target} drops the tables added since with all"
            " they hold, the audit perhaps among them; run yilian backup first. Go on?",
            abort=True,
            err=True,
        )
    after = move_to(engine, target)
    engine.dispose()
    out.print(f"结构版本 / schema revision: {before or '—'} → {after.revision}")
