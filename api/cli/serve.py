"""``yilian serve``: the REST interface on this machine."""

from typing import Annotated

import typer

from api.cli.console import say
from api.settings import Settings


def serve(
    host: Annotated[str, typer.Option(help="监听地址 / address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 / port")] = 8000,
) -> None:
    """启动服务，接口文档见 /docs。 / Serve the REST interface; see /docs."""
    import uvicorn

    from api.app import create_app
    from api.model import ensure_model

    settings = Settings.from_environment()
    ensure_model(settings, say)
    uvicorn.run(create_app(settings), host=host, port=port)
