"""What runs beside the answers for as long as the application does."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from functools import partial
from threading import Event

from anyio import CapacityLimiter
from fastapi import FastAPI

from api.accounts.accounts import Accounts
from api.chains.live_map import LiveChainMap
from api.delivery.setup import make_sender
from api.jobs.setup import make_runner
from api.live.following import Follower
from api.live.opening import open_service
from api.operations.backup import make_backup
from api.operations.sealing import seal_stored
from api.operations.watched import watch_service
from api.rest.shelf import Shelf
from api.settings import Settings
from data.access.glance import Glance

MANY = 5
"""So many requests under way, and lists are made at leisure."""

TURN_S = 0.0005
"""How long a thread that computes keeps the others waiting; Python's own 5 ms make each step
of an answer wait as long, while a match list is being made."""

STOP_S = 20.0
"""How long a stop waits for the steps of jobs under way; the next start goes on with them."""


def beside(settings: Settings) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Opens the engine, starts those who follow the database, and stops them in reverse.

    Args:
        settings: Where things are.
    """

    @asynccontextmanager
    async def opened(app: FastAPI) -> AsyncIterator[None]:
        state = app.state
        sys.setswitchinterval(TURN_S)
        with ExitStack() as running:
            state.service = open_service(settings)
            running.callback(state.service.close)
            engine = state.service.engine
            state.chain_map = LiveChainMap(state.service)
            state.accounts = Accounts.open(engine, settings, state.settings)
            state.seals = state.accounts.seals
            seal_stored(engine, state.seals)
            state.shelf = Shelf()
            state.glance = Glance(engine)
            # of a database over a network each waits for itself
            state.lane = CapacityLimiter(MANY if state.glance.waits else 1)
            state.news = Event()
            strong = state.settings.strong_probability
            state.follower = Follower(
                state.service,
                state.news,
                strong=strong,
                busy=lambda: state.metrics.under_way() > MANY,
            )
            watch_service(state.metrics, state)
            state.service.refresh()
            state.follower.start()
            running.callback(state.follower.stop)
            state.sender = make_sender(engine, state.settings, state.seals.webhook)
            state.sender.start()
            running.callback(state.sender.stop)
            backup = partial(make_backup, engine, settings.home)
            state.jobs = make_runner(
                state.service, state.settings, actors=state.actors, backup=backup
            )
            state.jobs.start()
            running.callback(state.jobs.stop, STOP_S)
            yield

    return opened
