"""Stopping the server as systemd and Docker do."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi import FastAPI, Request

from api.operations.server import server_config

SERVER = """
import sys, time
from fastapi import FastAPI
from api.rest.middleware import install
from api.operations.server import run_server
from api.service_settings import ServiceSettings

app = FastAPI()
app.state.settings = ServiceSettings(log_format="json")
install(app)

@app.get("/slow")
def slow() -> str:
    print("begun", flush=True)
    time.sleep(1.0)
    return "done"

run_server(app, host="127.0.0.1", port=int(sys.argv[1]))
"""


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port: int = chosen.getsockname()[1]
        return port


def connect(port: int) -> socket.socket:
    for _ in range(300):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=20)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not start")


def read_all(connection: socket.socket) -> bytes:
    answer = b""
    while part := connection.recv(65536):
        answer += part
    return answer


@pytest.mark.skipif(os.name != "posix", reason="signals are of POSIX")
def test_a_request_under_way_is_answered_before_the_server_stops():
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        with connect(port) as connection:
            connection.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert server.stdout is not None
            begun = server.stdout.readline()
            server.send_signal(signal.SIGTERM)
            _, log = server.communicate(timeout=30)
            answer = read_all(connection)

    assert begun == "begun\n"
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b'"done"')
    assert b"server:" not in answer.lower()
    assert server.returncode == 0
    assert '"path": "/slow", "status": 200' in log
    assert "Shutting down" in log


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where a server in this process listens."""
    app = FastAPI()

    @app.post("/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    chosen = free_port()
    server = uvicorn.Server(server_config(app, host="127.0.0.1", port=chosen))
    thread = threading.Thread(target=server.run)
    thread.start()
    yield chosen
    server.should_exit = True
    thread.join(30)


def test_a_head_without_end_is_cut_off(port: int):
    sent, piece = 0, b"x" * 65536
    with connect(port) as connection:
        connection.sendall(b"POST /length HTTP/1.1\r\nHost: x\r\nx-much: ")
        with contextlib.suppress(OSError):
            for _ in range(1024):
                connection.sendall(piece)
                sent += len(piece)

    # the operating system takes some megabytes before it notices
    assert sent < 32 * 2**20


def test_a_long_body_is_no_head(port: int):
    length = 3 * 2**20
    with connect(port) as connection:
        head = f"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n"
        connection.sendall(head.encode() + b"Connection: close\r\n\r\n")
        connection.sendall(b"x" * length)
        answer = read_all(connection)

    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(str(length).encode())


def test_many_requests_on_one_connection_are_answered(port: int):
    request = b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 700000\r\n"
    with connect(port) as connection:
        for last in (False, False, True):
            ending = b"Connection: close\r\n\r\n" if last else b"\r\n"
            connection.sendall(request + ending + b"x" * 700_000)
            if not last:
                assert b"700000" in connection.recv(65536)
        assert b"700000" in read_all(connection)
