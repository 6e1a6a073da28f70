"""The application: routers, problems, and what runs beside the answers."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from threading import Event

from fastapi import FastAPI

from api.accounts.accounts import Accounts
from api.delivery.setup import make_sender
from api.following import Follower
from api.live_chain_map import LiveChainMap
from api.jobs.setup import make_runner
from api.operations.backup import make_backup
from api.operations.install import install as install_operations
from api.operations.watched import watch_service
from api.rest import (
    api_keys,
    audit,
    cases,
    chains,
    decisions,
    experts,
    exports,
    figures,
    imports,
    inbox,
    jobs,
    matches,
    me,
    operations,
    organizations,
    pairings,
    problems,
    runs,
    sign_in,
    single_sign_on,
    subscriptions,
    users,
    webhooks,
)
from api.rest.identity import identify
from api.rest.postings import ACHIEVEMENTS, NEEDS, make_reader, make_router
from api.rest.shelf import Shelf
from api.service import MatchService
from api.service_settings import ServiceSettings
from api.settings import Settings

ROUTERS = (
    # before those of single postings, whose path takes every id
    matches.router,
    sign_in.router,
    single_sign_on.router,
    me.router,
    api_keys.router,
    users.router,
    subscriptions.router,
    inbox.router,
    webhooks.router,
    cases.router,
    chains.router,
    decisions.router,
    experts.router,
    figures.router,
    organizations.router,
    pairings.router,
    runs.router,
    audit.router,
    jobs.router,
    imports.router,
    exports.router,
    make_router(NEEDS),
    make_router(ACHIEVEMENTS),
    make_reader(NEEDS),
    make_reader(ACHIEVEMENTS),
)


STOP_S = 20.0
"""How long a stop waits for the steps of jobs under way; the next start goes on with them."""


def create_app(
    settings: Settings,
    service_settings: ServiceSettings | None = None,
    *,
    make_service: Callable[[Settings], MatchService] = MatchService,
) -> FastAPI:
    """The service over one home.

    Args:
        settings: Where things are.
        service_settings: How it behaves; read from environment and file if left out.
        make_service: Opens the engine.
    """

    @asynccontextmanager
    async def opened(app: FastAPI) -> AsyncIterator[None]:
        state = app.state
        state.service = make_service(settings)
        backup = partial(make_backup, state.service.engine, settings.home)
        state.chain_map = LiveChainMap(state.service)
        state.accounts = Accounts.open(state.service.engine, settings, state.settings)
        state.shelf = Shelf()
        state.news = Event()
        state.follower = Follower(
            state.service, state.news, strong=state.settings.strong_probability
        )
        watch_service(state.metrics, state)
        state.service.refresh()
        state.follower.start()
        state.sender = make_sender(state.service.engine, state.settings)
        state.sender.start()
        state.jobs = make_runner(state.service, state.settings, actors=state.actors, backup=backup)
        state.jobs.start()
        yield
        state.jobs.stop(STOP_S)
        state.sender.stop()
        state.follower.stop()
        state.service.close()

    app = FastAPI(title="Yilian 一链", version="1", lifespan=opened)
    app.state.settings = service_settings or ServiceSettings.load(settings.home)
    app.state.identify = identify
    app.state.actors = None  # of jobs: the stored accounts
    problems.install(app)
    install_operations(app)
    app.include_router(operations.router)
    for router in ROUTERS:
        app.include_router(router, prefix="/v1")
    return app
