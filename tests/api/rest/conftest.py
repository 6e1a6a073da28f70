"""The service on the samples, with somebody signed in as each kind of account."""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from httpx2 import Response

from api.rest.app import create_app
from api.service_settings import ServiceSettings
from data.policy.actor import Actor, Role
from tests.api.conftest import settings_for

ACTORS = {
    "enterprise": Actor(id="u-enterprise", role=Role.ENTERPRISE, organization="e-nev-1"),
    "rival": Actor(id="u-rival", role=Role.ENTERPRISE, organization="e-nev-2"),
    "university": Actor(id="u-university", role=Role.UNIVERSITY, organization="u-01"),
    "other_university": Actor(id="u-other", role=Role.UNIVERSITY, organization="u-02"),
    "broker": Actor(id="u-broker", role=Role.BROKER),
    "second_broker": Actor(id="u-broker-2", role=Role.BROKER),
    "textile_broker": Actor(id="u-textile", role=Role.BROKER, chains=("textile",)),
    "office": Actor(id="u-office", role=Role.OFFICE),
    "administrator": Actor(id="u-administrator", role=Role.ADMINISTRATOR),
}
"""Accounts by a name for tests; ``ClientAs`` speaks as one of them."""

WHO = "x-test-actor"


def identify_by_header(request: Request) -> Actor:
    """Who a test says that he is."""
    return ACTORS[request.headers[WHO]]


@dataclass(frozen=True)
class Voice:
    """Requests of one account."""

    client: TestClient
    name: str

    def request(self, method: str, path: str, **options: Any) -> Response:
        headers = {WHO: self.name} | options.pop("headers", {})
        return self.client.request(method, f"/v1{path}", headers=headers, **options)

    def get(self, path: str, **options: Any) -> Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Response:
        return self.request("POST", path, **options)

    def patch(self, path: str, **options: Any) -> Response:
        return self.request("PATCH", path, **options)

    def put(self, path: str, **options: Any) -> Response:
        return self.request("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> Response:
        return self.request("DELETE", path, **options)


ClientAs = Callable[[str], Voice]


@pytest.fixture(scope="session")
def served_home(
    tmp_path_factory: pytest.TempPathFactory, sample_home: Path, model_folder: Path
) -> Path:
    """The samples with their match lists, which a service has made."""
    home = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(sample_home, home)
    app = create_app(settings_for(home, model_folder), ServiceSettings())
    with TestClient(app):
        eventually(lambda: app.state.follower.lag().waiting == 0, timeout_s=300)
    return home


@pytest.fixture(scope="module")
def rest_home(tmp_path_factory: pytest.TempPathFactory, served_home: Path) -> Path:
    """A copy of them that a module may write to."""
    home = tmp_path_factory.mktemp("rest") / "home"
    shutil.copytree(served_home, home)
    return home


@pytest.fixture(scope="module")
def rest_app(rest_home: Path, model_folder: Path) -> FastAPI:
    """The application on that copy; who asks stands in a header."""
    app = create_app(settings_for(rest_home, model_folder), ServiceSettings())
    app.state.identify = identify_by_header
    app.state.known_already = lambda request: WHO in request.headers
    app.state.actors = {actor.id: actor for actor in ACTORS.values()}.get
    return app


@pytest.fixture(scope="module")
def rest_client(rest_app: FastAPI) -> Iterator[TestClient]:
    """The running application."""
    with TestClient(rest_app, raise_server_exceptions=True) as client:
        yield client


@pytest.fixture
def client_as(rest_client: TestClient) -> ClientAs:
    """Speaks to the service as one of ``ACTORS``."""
    return lambda name: Voice(rest_client, name)


def eventually(check: Callable[[], Any], *, timeout_s: float = 20.0) -> Any:
    """The first true value of ``check``, which is asked again and again.

    Raises:
        AssertionError: there was none in time.
    """
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing after {timeout_s} s")
