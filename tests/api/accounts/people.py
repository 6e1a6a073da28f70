"""A small service with accounts only, and people to sign in."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine

from api.accounts.accounts import Accounts, Caller
from api.accounts.invitations import accept, make_link
from api.accounts.local import local_desk
from api.accounts.passwords import Passwords
from api.rest import api_keys, me, problems, sign_in, single_sign_on, users
from api.rest.identity import identify, known_already
from api.service_settings import ServiceSettings
from data.access.account import Account
from data.migrate import upgrade
from data.policy.actor import Role
from data.session import make_engine
from tests.api.rest.small_app import equip

PASSWORD = "四月的梧桐叶-2027"
SECRET = "not a secret at all, but thirty-two characters"
HOME = Caller("192.0.2.1", "r-1")


def cheap_hasher(time_cost: int = 1) -> PasswordHash:
    """Argon2 that takes next to no time."""
    return PasswordHash((Argon2Hasher(time_cost=time_cost, memory_cost=8, parallelism=1),))


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def go(self, **by: float) -> None:
        self.now += timedelta(**by)


def ready_engine(template: Path, folder: Path) -> Engine:
    """An engine on a copy of a store that was made once."""
    if not template.exists():
        first = make_engine(f"sqlite:///{template}")
        upgrade(first)
        first.dispose()
    shutil.copy(template, folder / "yilian.sqlite")
    return make_engine(f"sqlite:///{folder / 'yilian.sqlite'}")


def make_accounts(engine: Engine, clock: Clock | None = None, **settings: Any) -> Accounts:
    return Accounts(
        engine,
        ServiceSettings(**settings),
        secret=SECRET,
        passwords=Passwords(cheap_hasher()),
        clock=clock or (lambda: datetime.now(UTC)),
    )


def make_app(engine: Engine, accounts: Accounts) -> FastAPI:
    app = FastAPI()
    equip(app, engine, accounts.settings)
    app.state.accounts = accounts
    app.state.identify = identify
    app.state.known_already = known_already
    problems.install(app)
    for module in (sign_in, single_sign_on, me, api_keys, users):
        app.include_router(module.router, prefix="/v1")
    return app


def invited(
    engine: Engine, email: str, role: Role = Role.OFFICE, **more: Any
) -> tuple[Account, str]:
    """An account without a password, and the token of its invitation."""
    with local_desk(engine) as desk:
        account = desk.users.add(email=email, name="李工", role=role, **more)
        return account, make_link(desk, account, now=datetime.now(UTC))


def joined(engine: Engine, accounts: Accounts, email: str, role: Role = Role.OFFICE) -> Account:
    """An account that has accepted its invitation, with ``PASSWORD``."""
    _, token = invited(engine, email, role)
    return accept(accounts, token, PASSWORD, HOME)
