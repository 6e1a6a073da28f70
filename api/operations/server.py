"""The web server around an application, the same for every command that starts one."""

import signal
from types import FrameType

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
    _Server(server_config(app, host=host, port=port)).run()


def run_workers(*, host: str, port: int, workers: int) -> None:
    """Serves from that many processes, each of which reads the environment for itself."""
    uvicorn.run(
        "api.rest.asgi:app_of_environment",
        factory=True,
        workers=workers,
        host=host,
        port=port,
        http=BoundedProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_S,
    )


class _Server(uvicorn.Server):
    """Ends with exit code 0 when it was told to stop.

    uvicorn raises the signal again once it has stopped, and whoever started the process is
    told that a signal killed it.
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        else:
            self.should_exit = True


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
