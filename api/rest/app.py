"""The application: routers, problems, and what runs beside the answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Event

from fastapi import FastAPI

from api.following import Follower
from api.rest import (
    matches,
    problems,
)
from api.rest.identity import identify
from api.rest.postings import ACHIEVEMENTS, NEEDS, make_reader, make_router
from api.service import MatchService
from api.service_settings import ServiceSettings
from api.settings import Settings

ROUTERS = (
    # before those of single postings, whose path takes every id
    matches.router,
    make_router(NEEDS),
    make_router(ACHIEVEMENTS),
    make_reader(NEEDS),
    make_reader(ACHIEVEMENTS),
)


def create_app(settings: Settings, service_settings: ServiceSettings | None = None) -> FastAPI:
    """The service over one home.

    Args:
        settings: Where things are.
        service_settings: How it behaves; read from environment and file if left out.
    """

    @asynccontextmanager
    async def opened(app: FastAPI) -> AsyncIterator[None]:
        state = app.state
        state.service = MatchService(settings)
        state.news = Event()
        state.follower = Follower(
            state.service, state.news, strong=state.settings.strong_probability
        )
        state.service.refresh()
        state.follower.start()
        yield
        state.follower.stop()
        state.service.close()

    app = FastAPI(title="Yilian 一链", version="1", lifespan=opened)
    app.state.settings = service_settings or ServiceSettings.load(settings.home)
    app.state.identify = identify
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router, prefix="/v1")
    return app
