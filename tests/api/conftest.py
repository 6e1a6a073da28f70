"""A home with the real model and the samples loaded, shared by the tests that only read."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.app import app
from api.service import MatchService
from api.settings import Settings, sqlite_url
from data.importers.load import load
from data.samples import sample_files

Run = Callable[..., Result]


def settings_for(home: Path, model: Path) -> Settings:
    return Settings(home=home, database_url=sqlite_url(home), model=str(model))


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Path:
    home = tmp_path_factory.mktemp("samples")
    service = MatchService(settings_for(home, model_folder))
    with sample_files() as paths:
        load(paths, engine=service.engine)
    service.refresh()
    service.close()
    return home


@pytest.fixture
def yilian(home: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in the test's own empty home, with the real model."""
    monkeypatch.setenv("YILIAN_MODEL", str(model_folder))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=True)

    return run


@pytest.fixture
def on_samples(yilian: Run, sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command on the loaded samples."""
    monkeypatch.setenv("YILIAN_HOME", str(sample_home))
    return yilian
