"""Servers on loopback that webhooks are sent to, well-behaved and otherwise."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from api.seal import Seal
from data.delivery_values import Told, WebhookDelivery

SEAL = Seal("a secret of tests, thirty-two characters", "webhook")
MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


class Target:
    """A server that remembers what it was sent, and answers with a status.

    Attributes:
        requests: Path, headers and body of each request.
        headers: What it adds to its answers.
    """

    def __init__(self, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.status = status
        self.headers = headers or {}
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@contextmanager
def serving(target: Target, tls: ssl.SSLContext | None = None) -> Iterator[Target]:
    """Lets a target answer while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            target.requests.append((self.path, dict(self.headers.items()), body))
            self.send_response(target.status)
            for name, value in target.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    target.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield target
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def misbehaving(answer: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """URL of a server that answers its first caller by hand; the event ends it."""
    ended = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                answer(connection, ended)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        ended.set()
        # accept does not notice that its socket is closed; a last caller wakes it
        with suppress(OSError):
            socket.create_connection(listener.getsockname(), timeout=1).close()
        listener.close()
        thread.join(5)


def make_request(url: str, id: str = "d1", told: bool = True) -> WebhookDelivery:
    """A delivery that tells of n1 and a confidential a1."""
    news = Told(
        item=7,
        kind="strong_match",
        need="n1",
        need_title="电机转子护套减薄",
        achievement="a1",
        achievement_title=None,
        probability=0.8,
        created_at=MOMENT,
    )
    return WebhookDelivery(
        id=id,
        lease="l",
        webhook="w1",
        url=url,
        secret="whsec_示例",
        told=news if told else None,
        created_at=MOMENT,
    )
