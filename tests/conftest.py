"""Fixtures that more than one package's tests need."""

import fcntl
from dataclasses import replace
from pathlib import Path

import pytest

from api.cli.console import err, out
from api.model import ensure_model
from api.operations.parsing import parse_in_turn
from api.settings import Settings

# services run beside the tests, and both parse
parse_in_turn()

REPOSITORY = Path(__file__).parent.parent


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Packed bytes tell the time, and would name a test differently in each process."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def benchmarks() -> Path:
    """The folder of labelled benchmarks, which is never part of the project."""
    folder = REPOSITORY.parent / "shared" / "benchmarks"
    if not folder.is_dir():
        pytest.skip("no ../shared/benchmarks beside this checkout: labelled data is kept outside")
    return folder


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The real default model, built once and kept beside the checkout's other outputs."""
    settings = Settings(home=REPOSITORY / ".yilian", database_url="", model="")
    settings.home.mkdir(exist_ok=True)
    with (settings.home / "tests.lock").open("w") as lock:
        # tests run in two processes, and one build is enough
        fcntl.flock(lock, fcntl.LOCK_EX)
        ensure_model(replace(settings, model=str(settings.default_model)), print)
    return settings.default_model


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test writes into a home of its own, never into the user's."""
    folder = tmp_path / "home"
    for name in ("YILIAN_DATABASE_URL", "YILIAN_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("YILIAN_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def unpinned_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are as wide as ``COLUMNS`` says now, not as it said when the first test began."""
    for console in (out, err):
        monkeypatch.setattr(console, "_width", None)
