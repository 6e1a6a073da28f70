"""Accounts for tests of their repositories."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

from sqlalchemy import Engine

from data.access.account import Account
from data.access.desk import Desk
from data.access.trail import Trail
from data.policy.actor import SYSTEM, Actor, Role
from data.session import session_scope

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BOSS = Actor(id="u-boss", role=Role.ADMINISTRATOR)


@contextmanager
def desk(engine: Engine, actor: Actor = BOSS):
    """A desk whose transaction and trail end with the block."""
    trail = Trail(actor)
    with session_scope(engine) as session:
        yield Desk(session, actor, trail)
        trail.write(session)


def system(engine: Engine) -> AbstractContextManager[Desk]:
    return desk(engine, SYSTEM)


def add(engine: Engine, email: str, role: Role = Role.OFFICE, **more: Any) -> Account:
    with desk(engine) as boss:
        return boss.users.add(email=email, name=email.split("@")[0], role=role, **more)


def at_once(deed: Callable[[int], Any], *, times: int = 2) -> list[Any]:
    """What a deed gives when it is done several times at the same moment; errors included."""
    barrier = Barrier(times)

    def one(number: int) -> Any:
        barrier.wait()
        try:
            return deed(number)
        except Exception as error:
            return error

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))
