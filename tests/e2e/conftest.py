"""A city's service as its people meet it: `yilian serve` in a home of its own, and accounts."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from httpx2 import Client, Response

from tests.api.conftest import known_terms, sample_home  # noqa: F401 - fixtures
from tests.e2e.sweep import Sweep
from tests.e2e.transcript import Transcript, cut

_COMMAND = [sys.executable, "-W", "error", "-c", "from api.cli import main; main()"]
_PATIENCE_S = 120.0
"""How long anything may take on a machine that many share; nothing measures speed here."""

Found = TypeVar("Found")


def eventually(check: Callable[[], Found]) -> Found:
    """The first true value of ``check``, which is asked again and again."""
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.1)
    raise AssertionError(f"nothing after {_PATIENCE_S} s")


class Machine:
    """The machine that a home is on: its commands and its server."""

    def __init__(self, home: Path, model: Path) -> None:
        self.home = home
        others = {k: v for k, v in os.environ.items() if not k.startswith("YILIAN_")}
        self._environment = others | {
            "YILIAN_HOME": str(home),
            "YILIAN_MODEL": str(model),
            # nobody signs in twice here, however slow the machine
            "YILIAN_ACCESS_TOKEN_MINUTES": "120",
        }
        self._server: subprocess.Popen[str] | None = None
        self._log = home.with_suffix(".log")
        self.port = _free_port()

    def run(self, *arguments: str, folder: Path | None = None) -> str:
        """What a command prints on its standard output, run in a folder."""
        done = subprocess.run(
            [*_COMMAND, *arguments],
            env=self._environment,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def serve(self) -> str:
        """Starts the service; what it has said until it is ready."""
        with self._log.open("w") as log:
            self._server = subprocess.Popen(
                [*_COMMAND, "serve", "--port", str(self.port)],
                env=self._environment,
                stdout=log,
                stderr=log,
                text=True,
            )
        eventually(self._answers)
        return self.log()

    def log(self) -> str:
        """What the service has printed so far."""
        return self._log.read_text(encoding="utf-8")

    def stop(self) -> int:
        """Asks the service to stop; its exit code."""
        assert self._server is not None
        server, self._server = self._server, None
        server.send_signal(signal.SIGTERM)
        try:
            return server.wait(_PATIENCE_S)
        finally:
            server.kill()

    def close(self) -> None:
        """Leaves nothing running behind a test that failed."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()

    def _answers(self) -> bool:
        assert self._server is not None
        assert self._server.poll() is None, self.log()
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", self.port)) == 0


@dataclass
class Voice:
    """One account that speaks to the service, on the record where it is worth telling."""

    name: str
    city: "City"
    headers: dict[str, str] = field(default_factory=dict)

    def say(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        expect: int = 200,
        show: Sequence[str] | None = None,
        headers: dict[str, str] | None = None,
        watched: bool = True,
        **options: Any,
    ) -> Any:
        """One request and what it answered; its JSON, or the response where it is a file.

        Args:
            method: GET, POST, PATCH or PUT.
            path: Below ``/v1``.
            json: The body.
            expect: The status that it has to have.
            show: Fields of the answer that the transcript tells; None to leave the whole
                exchange out of it.
            headers: Besides those of the account.
            watched: Whether those who watch look whether anything shows after it.
            options: For the client.
        """
        answer = self.city.client.request(
            method,
            f"/v1{path}",
            json=json,
            headers=self.headers | (headers or {}),
            **options,
        )
        assert answer.status_code == expect, f"{method} {path}: {answer.text}"
        if show is not None:
            told = cut(answer.json(), show) if show else None
            files = options.get("files")
            sent = {"file": files["file"][0]} if files else json
            self.city.transcript.exchange(
                self.name, f"{method} /v1{path}", sent, answer.status_code, told
            )
        if watched and method != "GET" and answer.is_success:
            self.city.look()
        plain = answer.headers.get("content-type", "").partition(";")[0]
        return answer.json() if plain.endswith("json") else answer

    def etag(self, path: str) -> dict[str, str]:
        """The header that lets a change of this thing through."""
        return {"If-Match": self.read(path).headers["etag"]}

    def read(self, path: str) -> Response:
        return self.city.client.get(f"/v1{path}", headers=self.headers)


class City:
    """The running service, who speaks to it, and who watches."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.transcript = Transcript()
        self.client = Client(base_url=f"http://127.0.0.1:{machine.port}", timeout=60)
        self.sweep = Sweep(self.client.get("/openapi.json").json())
        self.voices: dict[str, Voice] = {}
        self.watching: dict[str, Sequence[str]] = {}
        """Accounts that look after every change, with the secrets that they may know."""

    def __enter__(self) -> "City":
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()

    def voice(self, name: str) -> Voice:
        """The account of this name, signed in or not yet."""
        return self.voices.setdefault(name, Voice(name, self))

    def knows(self, kind: str, value: str, name: str | None = None) -> str:
        """Notes an id, for those who will try it, and for the transcript."""
        self.sweep.ids[kind].append(value)
        self.transcript.name(value, name or kind)
        return value

    def look(self, *, guessing: bool = False) -> None:
        """Has everybody who watches ask for everything; see ``Sweep.run``."""
        for name, known in self.watching.items():
            headers = self.voices[name].headers
            told = self.sweep.run(self.client, headers, known=known, guessing=guessing)
            assert told == [], f"{name} is told what is not for that account: {told}"


@pytest.fixture
def city(
    tmp_path: Path,
    sample_home: Path,  # noqa: F811 - the fixture
    model_folder: Path,
) -> Iterator[City]:
    """The service on the samples, without a single account."""
    folder = tmp_path / "service"
    shutil.copytree(sample_home, folder)
    machine = Machine(folder, model_folder)
    try:
        machine.serve()
        with City(machine) as running:
            yield running
    finally:
        machine.close()


@pytest.fixture
def second_machine(
    tmp_path: Path,
    known_terms: Path,  # noqa: F811 - the fixture
    model_folder: Path,
) -> Iterator[Machine]:
    """A machine with an empty home, but for vectors that it need not make again."""
    folder = tmp_path / "restored"
    (folder / "cache").mkdir(parents=True)
    shutil.copy(known_terms, folder / "cache")
    machine = Machine(folder, model_folder)
    yield machine
    machine.close()


def _free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port: int = chosen.getsockname()[1]
        return port
