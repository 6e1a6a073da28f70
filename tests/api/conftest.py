"""A home with the real model and the samples loaded, shared by the tests that only read."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.app import app
from api.graph.tagging import packaged_tagger
from api.service import MatchService
from api.settings import Settings, sqlite_url
from data.importers.load import load
from data.samples import sample_files
from embeddings.cache import CachedEncoder, VectorCache
from embeddings.sentence_encoder import open_encoder
from matcher.types import Document

Run = Callable[..., Result]


def settings_for(home: Path, model: Path) -> Settings:
    return Settings(home=home, database_url=sqlite_url(home), model=str(model))


@pytest.fixture(scope="session")
def known_terms(model_folder: Path) -> Path:
    """A cache that knows the vectors of all chain definitions, kept beside the model."""
    path = model_folder.parent / "cache" / "vectors.sqlite"
    cache = VectorCache(path)
    encoder = CachedEncoder(open_encoder(str(model_folder)), cache)
    packaged_tagger(encoder).tag([Document(id="d", title="电机")])
    cache.close()
    return path


def learn_terms(home: Path, known: Path) -> None:
    """Spare a new home the seconds in which it would encode the chain definitions."""
    (home / "cache").mkdir(parents=True)
    shutil.copy(known, home / "cache")


@pytest.fixture(autouse=True)
def terms(request: pytest.FixtureRequest, home: Path) -> None:
    """Every home of a test with the model knows the chain definitions."""
    if "model_folder" in request.fixturenames:
        learn_terms(home, request.getfixturevalue("known_terms"))


@pytest.fixture(scope="session")
def sample_home(
    tmp_path_factory: pytest.TempPathFactory, model_folder: Path, known_terms: Path
) -> Path:
    home = tmp_path_factory.mktemp("samples")
    learn_terms(home, known_terms)
    service = MatchService(settings_for(home, model_folder))
    with sample_files() as paths:
        load(paths, engine=service.engine)
    service.refresh()
    service.close()
    # the next session's samples are known, too
    shutil.copy(home / "cache" / "vectors.sqlite", known_terms)
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
