"""Fixtures that more than one package's tests need."""

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def benchmarks() -> Path:
    """The folder of labelled benchmarks, which is never part of the project."""
    folder = REPOSITORY.parent / "shared" / "benchmarks"
    if not folder.is_dir():
        pytest.skip("no ../shared/benchmarks beside this checkout: labelled data is kept outside")
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test writes into a home of its own, never into the user's."""
    folder = tmp_path / "home"
    for name in ("YILIAN_DATABASE_URL", "YILIAN_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("YILIAN_HOME", str(folder))
    return folder
