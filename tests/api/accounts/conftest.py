"""A store with accounts, without the model and the samples."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.accounts.accounts import Accounts
from tests.api.accounts.people import Clock, make_accounts, make_app, ready_engine


@pytest.fixture(scope="session")
def store_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("template") / "yilian.sqlite"


@pytest.fixture
def engine(store_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """An engine on a store that is ready and empty."""
    engine = ready_engine(store_template, tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(engine: Engine, clock: Clock) -> Accounts:
    """The accounts of that store, with a cheap hasher."""
    return make_accounts(engine, clock)


@pytest.fixture
def client(engine: Engine, accounts: Accounts) -> Iterator[TestClient]:
    """The endpoints of accounts, over plain HTTP on this machine."""
    with TestClient(make_app(engine, accounts), base_url="http://localhost") as client:
        yield client
