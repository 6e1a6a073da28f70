"""A server in a process of its own on a free port of loopback, for benches."""

import multiprocessing
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

What = TypeVar("What")

_GRACE_S = 30.0
_START = multiprocessing.get_context("forkserver")
"""Children come from a clean process that has only imported: a thousand starts do not import
a thousand times, and no child inherits a lock that a thread of this process holds."""
_START.set_forkserver_preload(
    ["api.rest.app", "api.graph.store", "api.graph.city", "uvicorn.protocols.http.httptools_impl"]
)


@contextmanager
def served(
    serve: Callable[[What, socket.socket], None], what: What
) -> Iterator[tuple[int, BaseProcess]]:
    """The port and the process; asked to end afterwards, and killed if it does not.

    Args:
        serve: Serves ``what`` on the listening socket until it is told to end. A function of a
            module, so that the child can import it.
        what: Can be pickled.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        port = listening.getsockname()[1]
        process = _START.Process(target=serve, args=(what, listening), daemon=True)
        process.start()
    try:
        yield port, process
    finally:
        process.terminate()
        process.join(_GRACE_S)
        if process.is_alive():
            process.kill()
            process.join()
        process.close()


def memory_mib(process: BaseProcess) -> float:
    """Resident memory of a running process."""
    with open(f"/proc/{process.pid}/statm") as statm:  # noqa: PTH123 - a file of the kernel
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def run_app(app: Any, listening: socket.socket) -> None:
    """Serve an ASGI application until a signal ends it."""
    import uvicorn

    config = uvicorn.Config(app, log_level="error", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])
