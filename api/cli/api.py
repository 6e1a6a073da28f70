"""``yilian api``: the service in several processes on one PostgreSQL."""

from typing import Annotated

import typer

from api.cli.console import say
from api.settings import Settings


def api(
    host: Annotated[str, typer.Option(help="监听地址 / address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 / port")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="进程数 / processes")] = 2,
) -> None:
    """多进程提供接口，需 PostgreSQL。 / Serve in several processes; needs PostgreSQL.

    匹配清单与后台任务各由其中一个进程执行，其余待命接替。
    One of them makes the match lists and one runs the jobs; the others stand by.
    """
    from sqlalchemy import make_url

    from api.model import ensure_model
    from api.operations.server import run_workers
    from data.migrate import upgrade
    from data.session import make_engine

    settings = Settings.from_environment()
    if make_url(settings.database_url).get_backend_name() == "sqlite":
        say(
            "SQLite 只供一个进程使用，请运行 yilian serve，"
            "或用 YILIAN_DATABASE_URL 指定 PostgreSQL。"
            " / SQLite is for one process: run yilian serve, or name a PostgreSQL in"
            " YILIAN_DATABASE_URL"
        )
        raise typer.Exit(1)
    ensure_model(settings, say)
    # before the processes start: each of them would want to migrate
    engine = make_engine(settings.database_url)
    upgrade(engine)
    engine.dispose()
    run_workers(host=host, port=port, workers=workers)
