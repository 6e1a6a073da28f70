"""The owner of the machine looks after accounts without one of his own."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from data.access.desk import Desk
from data.access.trail import Trail
from data.policy.actor import SYSTEM, Actor, Role
from data.session import session_scope

OWNER = Actor(id="cli", role=Role.ADMINISTRATOR)
"""As the audit names whoever may run commands here; he could write the database anyway."""


@contextmanager
def local_desk(engine: Engine) -> Iterator[Desk]:
    """A transaction of the machine's owner."""
    trail = Trail(OWNER)
    with session_scope(engine) as session:
        yield Desk(session, OWNER, trail)
        trail.write(session)


def first_administrator_hint(engine: Engine) -> str | None:
    """What to do on a machine where nobody can sign in yet; None once somebody can."""
    with session_scope(engine, write=False) as session:
        if Desk(session, SYSTEM, Trail(SYSTEM)).users.any():
            return None
    return (
        "尚无账号。请在本机创建首位管理员："
        " / there is no account yet; create the first administrator on this machine:\n"
        "  yilian user add you@example.com --name 管理员 --role administrator --password"
    )
