"""``yilian serve``: the whole service in one process."""

from typing import Annotated

import typer

from api.cli.console import say
from api.settings import Settings


def serve(
    host: Annotated[str, typer.Option(help="监听地址 / address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 / port")] = 8000,
) -> None:
    """启动服务：接口、后台任务、通知，一个进程。 / Serve everything in one process; see /docs."""
    from api.accounts.local import first_administrator_hint
    from api.model import ensure_model
    from api.operations.server import run_server
    from api.rest.app import create_app
    from api.service_settings import ServiceSettings
    from data.migrate import upgrade
    from data.session import make_engine
    from embeddings.errors import EmbeddingError

    settings = Settings.from_environment()
    try:
        ensure_model(settings, say)
    except EmbeddingError as problem:
        say(str(problem))  # it serves without
    engine = make_engine(settings.database_url)
    upgrade(engine)
    hint = first_administrator_hint(engine)
    engine.dispose()
    if hint is not None:
        say(hint)
    app = create_app(settings, ServiceSettings.load(settings.home))
    run_server(app, host=host, port=port)
