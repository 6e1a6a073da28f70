"""``yilian worker`` from its start to SIGTERM."""

import json
import logging
import os
import signal
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from api.cli.app import app


@pytest.fixture(autouse=True)
def _logs() -> Iterator[None]:
    """Leaves the log of the tests' own process as it was."""
    root = logging.getLogger()
    before = root.handlers, root.level
    yield
    root.handlers, root.level = before


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Leaves the handlers of signals as they were."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def did(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a worker did that is told to stop as soon as it runs, which takes it 5 s."""
    did = []

    class Runner:
        def start(self) -> None:
            did.append("start")
            logging.getLogger("api.jobs").info("a job of token=abc began", extra={"job": "j-1"})
            os.kill(os.getpid(), signal.SIGTERM)

        def stop(self, timeout_s: float) -> bool:
            did.append(f"stop {timeout_s:g}")
            return timeout_s > 5

    class Service:
        engine = None

        def __init__(self, settings, notify) -> None:
            pass

        def close(self) -> None:
            did.append("close")

    monkeypatch.setattr("api.model.ensure_model", lambda settings, say: None)
    monkeypatch.setattr("api.service.MatchService", Service)
    monkeypatch.setattr("api.jobs.setup.make_runner", lambda *_, **__: Runner())
    return did


@pytest.mark.parametrize("seconds", [3, 8])
def test_the_worker_runs_until_sigterm_and_says_what_is_unfinished(did: list[str], seconds: int):
    result = CliRunner().invoke(app, ["worker", "--stop-s", str(seconds)])

    assert result.exit_code == 0
    assert did == ["start", f"stop {seconds}", "close"]
    assert ("下次启动时继续" in result.output) is (seconds == 3)


def test_the_worker_logs_as_the_settings_say_and_no_secrets(
    did: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("YILIAN_LOG_FORMAT", "json")

    result = CliRunner().invoke(app, ["worker"])

    lines = [line for line in result.stderr.splitlines() if line.startswith("{")]
    (told,) = [json.loads(line) for line in lines if "a job" in line]
    assert (told["event"], told["job"]) == ("a job of token=*** began", "j-1")
    assert told["level"] == "info"
