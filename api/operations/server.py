"""The web server around an application, the same for every command that starts one."""

import uvicorn
from fastapi import FastAPI

from api.operations.bounded import BoundedProtocol
from api.operations.logs import configure_logs
from api.service_settings import ServiceSettings

STOP_S = 20
"""How long answers under way may take after a signal to stop; systemd and Docker wait longer."""


def run_server(app: FastAPI, *, host: str, port: int) -> None:
    """Serves until SIGTERM or SIGINT: no new requests then, those under way are answered.

    Args:
        app: The application; ``app.state.settings`` says how to log.
        host: Address to listen on.
        port: 1 to 65535.
    """
    settings: ServiceSettings = app.state.settings
    configure_logs(form=settings.log_format, level=settings.log_level)
    uvicorn.Server(server_config(app, host=host, port=port)).run()


def server_config(app: FastAPI, *, host: str, port: int) -> uvicorn.Config:
    """How every server of ours is set up."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=BoundedProtocol,
        # the logs are set up apart, and ``Observer`` tells of every request
        log_config=None,
        access_log=False,
        # what runs here, and in which version, is nobody's business
        server_header=False,
        timeout_graceful_shutdown=STOP_S,
    )
