"""The runner as the service starts it."""

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

from sqlalchemy import Engine

from api.jobs.handlers import make_handlers
from api.jobs.runner import JobRunner
from api.jobs.schedule import Nightly
from api.service import MatchService
from api.service_settings import ServiceSettings
from data.access.account import account_of
from data.policy.actor import Actor
from data.session import session_scope
from data.tables import UserRow


def make_runner(
    service: MatchService,
    settings: ServiceSettings,
    *,
    actors: Callable[[str], Actor | None] | None = None,
    backup: Callable[[], Mapping[str, Any]] | None = None,
) -> JobRunner:
    """A runner over an open service, not started yet.

    Args:
        service: The engine.
        settings: Say when the night's work is done.
        actors: Finds the account that ordered a job; the stored accounts if left out.
        backup: Makes a backup while the service runs.
    """
    return JobRunner(
        service.engine,
        handlers=make_handlers(service, backup=backup),
        actors=actors or (lambda account: stored_actor(service.engine, account)),
        nightly=Nightly(time.fromisoformat(settings.nightly_at)),
    )


def stored_actor(engine: Engine, account_id: str) -> Actor | None:
    """The account with its rights of today; None where it is unknown or disabled."""
    with session_scope(engine, write=False) as session:
        row = session.get(UserRow, account_id)
        return None if row is None or row.disabled_at is not None else account_of(row).actor()
