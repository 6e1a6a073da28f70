"""The service on the samples, with an account of every role."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from unittest import mock

from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.accounts.accounts import Accounts, Caller
from api.accounts.local import local_desk
from api.accounts.sign_in import PASSWORD, begin
from api.delivery import safe_address
from api.delivery.sender import Sender
from api.learning import training
from api.rest.app import create_app
from api.service import MatchService
from api.service_settings import ServiceSettings
from api.settings import Settings, sqlite_url
from data.importers.load import load
from data.policy.actor import PEOPLE, Role
from data.samples import sample_files
from matcher.errors import TooLittleToLearn
from matcher.pairing import solve as solver
from matcher.pairing.plan import Plan
from matcher.pairing.problem import Problem

ORGANIZATIONS = {Role.ENTERPRISE: "e-nev-1", Role.UNIVERSITY: "u-01"}
"""Of the samples; whose people the first two roles are."""


@dataclass
class World:
    """A running service."""

    app: FastAPI
    _tokens: dict[Role, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def token(self, role: Role) -> str:
        """An access token that counts, of an account of this role.

        Where the account was signed out, shut or given another role meanwhile, it is
        another account's.
        """
        accounts: Accounts = self.app.state.accounts
        token = self._tokens.get(role)
        standing = accounts.sessions.of(token) if token else None
        if token is None or standing is None or standing.account.role is not role:
            token = self._tokens[role] = self._signed_in(accounts, role)
        return token

    def _signed_in(self, accounts: Accounts, role: Role) -> str:
        with local_desk(self.app.state.service.engine) as desk:
            account = desk.users.add(
                email=f"{role}-{next(self._numbers)}@example.com",
                name=role,
                role=role,
                organization=ORGANIZATIONS.get(role),
            )
        return begin(accounts, account, Caller("fuzz"), method=PASSWORD, page=True).access_token


_solve = solver.solve
_KEPT = {"needs.jsonl": 12, "achievements.jsonl": 30, "cooperations.jsonl": 0}


@contextmanager
def running_world(home: Path) -> Iterator[World]:
    """The service over a new home with the samples; it reaches no other machine.

    Its matching needs no model, its resolver knows every name, its webhooks stay unsent,
    plans are solved within a moment, and nothing is trained.
    """
    settings = Settings(home=home, database_url=sqlite_url(home), model="hashing")
    home.mkdir(parents=True, exist_ok=True)
    service = MatchService(settings)
    with sample_files() as paths:
        load([_shortened(path, home) for path in paths], engine=service.engine)
    service.close()
    app = create_app(settings, ServiceSettings())
    with (
        mock.patch.object(safe_address.socket, "getaddrinfo", _resolved),
        mock.patch.object(Sender, "start"),
        mock.patch.object(solver, "solve", _solved_soon),
        mock.patch.object(training, "train", side_effect=TooLittleToLearn(0, 0)),
        TestClient(app),
    ):
        world = World(app)
        for role in PEOPLE:
            world.token(role)
        yield world


def _shortened(samples: Path, home: Path) -> Path:
    """The first postings of a sample file: a plan over them is soon made."""
    lines = samples.read_text(encoding="utf-8").splitlines(keepends=True)
    short = home / samples.name
    short.write_text("".join(lines[: _KEPT.get(samples.name, len(lines))]), encoding="utf-8")
    return short


def _resolved(host: str, *rest: object, **options: object) -> list[tuple[object, ...]]:
    """Of every name, one public address."""
    return [(2, 1, 6, "", ("93.184.215.14", 0))]


def _solved_soon(problem: Problem, *, time_limit_s: float) -> Plan:
    return _solve(problem, time_limit_s=min(time_limit_s, 0.3))
