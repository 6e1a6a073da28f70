"""``yilian worker`` from its start to SIGTERM."""

import os
import signal
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from api.cli.app import app


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Leaves the handlers of the tests' own process as they were."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("in_time", "says"), [(True, ""), (False, "下次启动时继续")])
def test_the_worker_runs_until_sigterm_and_says_what_is_unfinished(
    monkeypatch: pytest.MonkeyPatch, in_time: bool, says: str
):
    did = []

    class Runner:
        def start(self) -> None:
            did.append("start")
            os.kill(os.getpid(), signal.SIGTERM)

        def stop(self, timeout_s: float) -> bool:
            did.append(f"stop {timeout_s:g}")
            return in_time

    class Service:
        engine = None

        def __init__(self, settings, notify) -> None:
            pass

        def close(self) -> None:
            did.append("close")

    monkeypatch.setattr("api.model.ensure_model", lambda settings, say: None)
    monkeypatch.setattr("api.service.MatchService", Service)
    monkeypatch.setattr("api.jobs.setup.make_runner", lambda *_, **__: Runner())

    result = CliRunner().invoke(app, ["worker", "--stop-s", "3"])

    assert result.exit_code == 0
    assert did == ["start", "stop 3", "close"]
    assert says in result.output
    assert ("下次启动时继续" in result.output) is not in_time
