"""DBOS as this program uses it: attempts that a restart finds again, steps kept as JSON.

DBOS remembers which attempts were under way and what their finished steps returned. It
keeps that beside our database: in an SQLite file of its own, or in a schema of the same
PostgreSQL. People never look there; ``data.jobs`` is what they see. Nothing is lost with
that file but the finished steps of unfinished jobs, and steps can be repeated.
"""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

from dbos import DBOS, DBOSConfig, Serializer, SetWorkflowID, error
from sqlalchemy import URL, Engine, create_engine, event

from api.jobs.errors import PASSING, JobCancelled, JobError, JobFailed, RunnerTaken, worded
from data.session import LOCK_TIMEOUT_S, sqlite_path

QUEUE = "yilian"
AT_ONCE = 2
"""Jobs at work at the same time; most of them wait for a processor."""

TRIES = 4
"""Attempts at one step, with pauses of 1, 2 and 4 seconds between them."""

COMEBACKS = 5
"""Restarts that a job may live through; one that ends the service each time stops then."""

_VERSION = "1"  # of what is stored; a job outlives an update of the program
_EXECUTOR = "yilian"  # there is one at a time: see ``api.jobs.turn``
_ENDED = ("SUCCESS", "ERROR", "CANCELLED")
_FIRST_PAUSE_S = 1.0
_ERRORS: dict[str, type[JobError]] = {kind.__name__: kind for kind in (JobFailed, JobCancelled)}
_taken = Lock()


class Durable:
    """Runs attempts so that they survive the process; one instance to a process.

    Args:
        engine: The program's database; DBOS keeps its own beside it.
        body: Makes one attempt, given its name.
        poll_s: How often to look for attempts that were ordered.
    """

    def __init__(self, engine: Engine, body: Callable[[str], None], *, poll_s: float) -> None:
        if not _taken.acquire(blocking=False):
            raise RunnerTaken
        # our own handlers say where the log goes and how it looks
        logger = logging.getLogger("dbos")
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
        self._own = _store_beside(engine.url)
        config = DBOSConfig(
            name="yilian",
            system_database_url=None if self._own is not None else _postgres_url(engine.url),
            system_database_engine=self._own,
            application_version=_VERSION,
            executor_id=_EXECUTOR,
            serializer=JsonSerializer(),
            enable_otlp=False,
            log_level="WARNING",
            notification_listener_polling_interval_sec=poll_s,
            sys_db_pool_size=5,
        )
        try:
            DBOS(config=config)

            @DBOS.workflow(name="attempt", max_recovery_attempts=COMEBACKS)
            def attempt(run: str) -> None:
                body(run)

            self._attempt = attempt
            DBOS.launch()
            DBOS.register_queue(
                QUEUE,
                worker_concurrency=AT_ONCE,
                polling_interval_sec=poll_s / 4,
                on_conflict="always_update",
            )
        except BaseException:
            self.close()
            raise

    def enqueue(self, run: str) -> str:
        """Has an attempt made, unless that was asked before.

        Returns:
            ``ended`` when it was made and is over, ``given up`` when the service did not
            survive it, else ``waiting``.
        """
        with SetWorkflowID(run):
            handle = DBOS.enqueue_workflow(QUEUE, self._attempt, run)
        status = handle.get_status().status
        if status == "MAX_RECOVERY_ATTEMPTS_EXCEEDED":
            return "given up"
        return "ended" if status in _ENDED else "waiting"

    def close(self) -> None:
        """Stops; attempts under way are found again by the next start."""
        try:
            DBOS.destroy(destroy_registry=True)
        finally:
            if self._own is not None:
                self._own.dispose()
            _taken.release()


def run_step(name: str, function: Callable[[], Any]) -> Any:
    """Runs a step inside an attempt, or gives what it returned before the restart.

    Troubles that may pass are tried again, with growing pauses.

    Args:
        name: What it does, for the log.
        function: Safe to repeat; returns JSON values.

    Raises:
        JobError: the step failed for good.
    """

    def attempt() -> Any:
        try:
            return function()
        except (JobError, *PASSING):
            raise
        except Exception as wrong:
            logging.getLogger(__name__).exception("step %s failed", name)
            raise JobFailed(*worded(wrong)) from wrong

    options: Any = {
        "name": name,
        "retries_allowed": True,
        "max_attempts": TRIES,
        "interval_seconds": _FIRST_PAUSE_S,
        "backoff_rate": 2.0,
        "should_retry": lambda wrong: isinstance(wrong, PASSING),
    }
    try:
        return DBOS.run_step(options, attempt)
    except error.DBOSMaxStepRetriesExceeded as gave_up:
        raise JobFailed(*worded(gave_up.errors[-1])) from gave_up


class JsonSerializer(Serializer):
    """Keeps JSON instead of pickles: whoever can write the database cannot run code here."""

    def name(self) -> str:
        return "yilian_json"

    def serialize(self, data: Any) -> str:
        return json.dumps(data, ensure_ascii=False, default=_as_json)

    def deserialize(self, serialized_data: str) -> Any:
        return json.loads(serialized_data, object_hook=_restored)


def _as_json(value: object) -> object:
    if isinstance(value, error.DBOSMaxStepRetriesExceeded):
        value = value.errors[-1]
    if isinstance(value, Exception):
        zh, en = worded(value)
        return {"!error": type(value).__name__, "zh": zh, "en": en}
    raise TypeError(f"a step returns JSON values, not {type(value).__name__}")


def _restored(found: dict[str, Any]) -> Any:
    if "!error" not in found:
        return found
    return _ERRORS.get(found["!error"], JobFailed)(found["zh"], found["en"])


def _store_beside(url: URL) -> Engine | None:
    path = sqlite_path(url)
    if path is None:
        return None
    # made here, since a path may hold what a URL cannot
    own = create_engine(
        URL.create("sqlite", database=str(file_beside(path, "-jobs.sqlite"))),
        connect_args={"timeout": LOCK_TIMEOUT_S},
    )

    @event.listens_for(own, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # as DBOS sets up an engine that it makes itself
        connection.isolation_level = "IMMEDIATE"
        connection.execute("PRAGMA foreign_keys = ON")

    return own


def file_beside(database: Path, ending: str) -> Path:
    """A file of ours next to an SQLite database."""
    return database.with_name(database.stem + ending)


def _postgres_url(url: URL) -> str:
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
