"""``yilian worker``: background jobs in a process of their own."""

import signal
from functools import partial
from threading import Event
from typing import Annotated

import typer

from api.cli.console import say
from api.settings import Settings


def worker(
    stop_s: Annotated[
        float, typer.Option(min=0, help="停止时等待当前步骤的秒数 / seconds to wait when stopping")
    ] = 30.0,
) -> None:
    """执行后台任务；配合 yilian api 与 PostgreSQL 使用。 / Run background jobs beside yilian api.

    同一数据库只有一个进程执行任务，其余待命接替。
    Of several processes on one database one runs the jobs; the others wait to take over.
    """
    from api.jobs.setup import make_runner
    from api.model import ensure_model
    from api.operations.backup import make_backup
    from api.operations.logs import configure_logs
    from api.operations.parsing import parse_in_turn
    from api.service import MatchService
    from api.service_settings import ServiceSettings

    settings = Settings.from_environment()
    service_settings = ServiceSettings.load(settings.home)
    configure_logs(form=service_settings.log_format, level=service_settings.log_level)
    parse_in_turn()
    ensure_model(settings, say)
    service = MatchService(settings, notify=say)
    runner = make_runner(
        service,
        service_settings,
        backup=partial(make_backup, service.engine, settings.home),
    )
    told = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    runner.start()
    say("后台任务已启动，Ctrl+C 停止 / running jobs; stop with Ctrl+C")
    told.wait()
    if not runner.stop(stop_s):
        say("有步骤未及完成，下次启动时继续 / a step is unfinished; it goes on at the next start")
    service.close()
