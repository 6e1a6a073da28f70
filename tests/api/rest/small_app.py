"""A few routers over a database, without a model: for what needs no matching."""

from threading import Event
from types import SimpleNamespace
from typing import Any

from anyio import CapacityLimiter
from fastapi import APIRouter, FastAPI, Request
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import Engine

from api.rest import problems
from api.rest.shelf import Shelf
from api.seal import Seals
from api.service_settings import ServiceSettings
from data.access.glance import Glance
from data.policy.actor import Actor

SEALS = Seals.of("a secret of tests, thirty-two characters")


def equip(app: FastAPI, engine: Engine, settings: ServiceSettings) -> None:
    """What every call needs, and no more."""
    app.state.service = SimpleNamespace(engine=engine)
    app.state.settings = settings
    app.state.seals = SEALS
    app.state.news = Event()
    app.state.glance = Glance(engine)
    app.state.lane = CapacityLimiter(1)
    app.state.shelf = Shelf()


class SmallApp:
    """Speaks as anybody.

    Attributes:
        news: Set by every write.
    """

    def __init__(
        self, engine: Engine, *routers: APIRouter, settings: ServiceSettings | None = None
    ) -> None:
        app = FastAPI()
        equip(app, engine, settings or ServiceSettings())
        self.news: Event = app.state.news
        app.state.identify = self._identify
        app.state.known_already = lambda request: True
        problems.install(app)
        for router in routers:
            app.include_router(router, prefix="/v1")
        self.engine = engine
        self._actors: dict[str, Actor] = {}
        self._client = TestClient(app)

    def ask(self, actor: Actor, method: str, path: str, **options: Any) -> Response:
        """The answer to a request of the actor."""
        self._actors["now"] = actor
        return self._client.request(method, f"/v1{path}", **options)

    def _identify(self, request: Request) -> Actor:
        return self._actors["now"]
