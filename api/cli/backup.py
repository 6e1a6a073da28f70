"""``yilian backup`` and ``yilian restore``, also while the service runs."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import out, say
from api.settings import Settings

Source = Annotated[Path, typer.Argument(help="备份文件 / a file from yilian backup")]


def backup(
    target: Annotated[
        Path | None,
        typer.Argument(help="文件，默认在 YILIAN_HOME/backups / file; in YILIAN_HOME by default"),
    ] = None,
) -> None:
    """备份数据库，服务可照常运行。 / Back up the database, also while the service runs."""
    from api.operations.backup import backup_file
    from data.backup import back_up
    from data.session import make_engine

    settings = Settings.from_environment()
    path = target or backup_file(settings.home)
    engine = make_engine(settings.database_url)
    manifest = back_up(engine, path)
    engine.dispose()
    out.print(str(path), soft_wrap=True, markup=False)
    say(
        f"数据版本 {manifest.data_version}，结构版本 {manifest.revision}，"
        f"{path.stat().st_size >> 10} KiB；其中含保密内容，请妥善保管。"
        f" / data version {manifest.data_version}, schema {manifest.revision};"
        " it holds confidential content, keep it safe"
    )
    if manifest.audit_head:
        say(f"审计链头，请另行记下 / audit head, to be noted down elsewhere: {manifest.audit_head}")


def restore(
    source: Source,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 / do not ask")] = False,
) -> None:
    """用备份替换数据库，原内容另存。 / Put a backup in the database's place; the old is kept."""
    from data.backup import restore as put_back
    from data.session import display_name, make_engine

    engine = make_engine(Settings.from_environment().database_url)
    if not yes:
        name = display_name(engine.url)
        typer.confirm(
            f"用 {source} 替换 {name}？原内容会另存在旁边。"
            f" / replace {name} by {source}? What is there now is kept beside it",
            abort=True,
            err=True,
        )
    done = put_back(engine, source)
    engine.dispose()
    out.print(
        f"已恢复到 {done.manifest.made_at} / restored as of {done.manifest.made_at}",
        soft_wrap=True,
    )
    if done.kept:
        say(f"原内容 / what was there before: {done.kept}")
