"""Many clients on loopback: sends prepared requests over kept-alive connections and times them.

No library is used, since the clients share the processor with the server under test and
must cost little themselves.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import perf_counter

_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it goes over the wire.

    Attributes:
        name: What it is counted as.
    """

    name: str
    wire: bytes


def http_request(
    name: str, method: str, path: str, *, headers: Iterable[str] = (), body: bytes = b""
) -> Request:
    """A request with these header lines."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return Request(name, ("\r\n".join(lines) + "\r\n\r\n").encode() + body)


@dataclass
class Tally:
    """What came back.

    Attributes:
        seconds: Of every answer, by the request's name.
        errors: Answers that were no success, and connections that broke.
        bytes: Size of all answers' bodies.
    """

    elapsed_s: float = 0.0
    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: int = 0
    bytes: int = 0

    @property
    def answers(self) -> int:
        """How many there were."""
        return sum(len(times) for times in self.seconds.values())

    @property
    def per_second(self) -> float:
        """Throughput."""
        return self.answers / self.elapsed_s

    def quantile_ms(self, q: float, name: str | None = None) -> float:
        """The q-th part of the answers took no longer than this."""
        groups = [self.seconds.get(name, [])] if name else list(self.seconds.values())
        times = sorted(t for group in groups for t in group)
        return times[min(len(times) - 1, int(q * len(times)))] * 1000 if times else 0.0


def run_clients(
    port: int, next_request: Callable[[], Request], *, clients: int, seconds: float
) -> Tally:
    """Let that many clients ask one question after the other for so long."""
    return asyncio.run(_run(port, next_request, clients, seconds))


async def _run(
    port: int, next_request: Callable[[], Request], clients: int, seconds: float
) -> Tally:
    tally = Tally()
    began = perf_counter()
    end = began + seconds
    await asyncio.gather(*(_client(port, next_request, end, tally) for _ in range(clients)))
    tally.elapsed_s = perf_counter() - began
    return tally


async def _client(port: int, next_request: Callable[[], Request], end: float, tally: Tally) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while perf_counter() < end:
            request = next_request()
            sent = perf_counter()
            writer.write(request.wire)
            status, size = await asyncio.wait_for(_answer(reader), _PATIENCE_S)
            tally.seconds.setdefault(request.name, []).append(perf_counter() - sent)
            tally.bytes += size
            tally.errors += not 200 <= status < 300
    except (OSError, EOFError, TimeoutError):
        tally.errors += 1
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, int]:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    length = next(
        int(line.split(b":", 1)[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    await reader.readexactly(length)
    return status, length
