"""The engine, the transaction boundary, and what a database's complaints mean.

Everything that touches the database goes through ``session_scope`` or ``guarded``, so
a driver's exception never reaches a person: it becomes one of ``data.errors``.
"""

import errno
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from data.errors import (
    BadDatabaseUrl,
    CannotConnect,
    DatabaseBusy,
    DatabaseNotReady,
    DiskFull,
    NotADatabase,
    NoWritePermission,
    StoreError,
    StoreFailure,
)

LOCK_TIMEOUT_S = 30.0

_SQLITE_ERRORS: dict[str, Callable[[str], StoreError]] = {
    "SQLITE_READONLY": NoWritePermission,
    "SQLITE_CANTOPEN": NoWritePermission,
    "SQLITE_PERM": NoWritePermission,
    "SQLITE_FULL": DiskFull,
    "SQLITE_BUSY": DatabaseBusy,
    "SQLITE_LOCKED": DatabaseBusy,
    "SQLITE_NOTADB": NotADatabase,
    "SQLITE_CORRUPT": NotADatabase,
}
_POSTGRES_ERRORS: dict[str, Callable[[str], StoreError]] = {
    "42501": NoWritePermission,
    "25006": NoWritePermission,
    "53100": DiskFull,
    "55P03": DatabaseBusy,
    "42P01": DatabaseNotReady,
    "42703": DatabaseNotReady,
}


def make_engine(url: str | URL, *, lock_timeout_s: float = LOCK_TIMEOUT_S) -> Engine:
    """An engine for SQLite or PostgreSQL; opens no connection yet.

    Args:
        url: ``sqlite:///path`` (its folder is created) or ``postgresql://…``, which
            uses psycopg 3.
        lock_timeout_s: How long a writer waits for another one before ``DatabaseBusy``.

    Raises:
        BadDatabaseUrl: the URL cannot be read, or names another kind of database.
        NoWritePermission: the folder of a SQLite file cannot be made.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed, lock_timeout_s)
    options = f"-c lock_timeout={int(lock_timeout_s * 1000)}"
    try:
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            connect_args={"options": options, "application_name": "yilian"},
            json_serializer=_to_json,
            # a log need not tell the texts and hashes of a statement that failed
            hide_parameters=True,
            pool_pre_ping=True,
        )
    except ImportError as error:
        raise BadDatabaseUrl(
            "缺少 psycopg，请运行 pip install 'yilian[postgres]'"
            " / psycopg is missing: pip install 'yilian[postgres]'"
        ) from error


@contextmanager
def session_scope(engine: Engine, *, write: bool = True) -> Iterator[Session]:
    """One transaction: committed at the end, undone whole on any exception.

    Args:
        engine: From ``make_engine``.
        write: Take SQLite's write lock at once, so that two writers queue instead of
            failing halfway. Readers pass False: they neither wait nor hold others up.

    Raises:
        StoreError: the database failed; the message says what to do.
    """
    bound = engine.execution_options(yilian_write=write)
    turn = _turn_to_write(engine) if write else nullcontext()
    with (
        turn,
        guarded(engine),
        Session(bound, expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session


def refresh_statistics(session: Session) -> None:
    """Lets SQLite's planner learn what a large change did; takes milliseconds.

    PostgreSQL does this by itself.
    """
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA analysis_limit = 1000"))
        session.execute(text("PRAGMA optimize"))


@contextmanager
def guarded(engine: Engine) -> Iterator[None]:
    """Turns what SQLAlchemy and the drivers raise inside the block into our own errors."""
    try:
        yield
    except SQLAlchemyError as error:
        raise _worded(error, engine) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(display_name(engine.url)) from error
        raise


def sqlite_complaint(error: sqlite3.Error, database: str) -> StoreError:
    """Our own error for what SQLite's driver raised, where no engine stands between."""
    code = getattr(error, "sqlite_errorname", "")
    return _worded_sqlite(code, str(error), database)


def display_name(url: URL) -> str:
    """How messages name the database: a file's path, or a server's URL without password."""
    if url.get_backend_name() == "sqlite":
        return url.database or ":memory:"
    return url.render_as_string(hide_password=True)


def sqlite_path(url: URL) -> Path | None:
    """The file behind a SQLite URL; None for one in memory or another database."""
    in_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(str(url.database)) if in_file else None


@contextmanager
def _turn_to_write(engine: Engine) -> Iterator[None]:
    """Has SQLite's writers of one process queue here.

    SQLite itself lets them sleep for longer and longer, and whoever has slept longest may
    still come last.
    """
    queue, patience_s = engine.get_execution_options().get("yilian_queue", (None, 0.0))
    if queue is None:
        yield
        return
    if not queue.acquire(timeout=patience_s):
        raise DatabaseBusy(display_name(engine.url))
    try:
        yield
    finally:
        queue.release()


def _parse(url: str | URL) -> URL:
    try:
        # many hosting services still write the scheme that SQLAlchemy dropped
        modern = url.replace("postgres://", "postgresql://", 1) if isinstance(url, str) else url
        parsed = make_url(modern)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise BadDatabaseUrl("格式不对 / malformed") from error
    if backend not in ("sqlite", "postgresql"):
        raise BadDatabaseUrl(f"不支持 {backend} / {backend} is not supported")
    return parsed


def _sqlite_engine(url: URL, lock_timeout_s: float) -> Engine:
    path = sqlite_path(url)
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            full = error.errno == errno.ENOSPC
            raise (DiskFull if full else NoWritePermission)(str(path)) from error
    # a connection to a file costs little, so nobody waits for one
    unbounded = {"max_overflow": -1} if path is not None else {}
    engine = create_engine(
        url,
        connect_args={"timeout": lock_timeout_s},
        json_serializer=_to_json,
        hide_parameters=True,
        execution_options={"yilian_queue": (Lock(), lock_timeout_s)},
        **unbounded,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # the driver's own transactions start too late and cannot be IMMEDIATE
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
        _use_log(connection, lock_timeout_s)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("yilian_write", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _use_log(connection: sqlite3.Connection, timeout_s: float) -> None:
    """Switches to WAL; SQLite itself does not wait for a lock in this one statement."""
    give_up_at = monotonic() + timeout_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or monotonic() > give_up_at:
                raise
            sleep(0.02)


def _to_json(value: Any) -> str:
    # Chinese stays readable in the table, at a third of the bytes
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _worded(error: SQLAlchemyError, engine: Engine) -> StoreError:
    database = display_name(engine.url)
    original = error.orig if isinstance(error, DBAPIError) else None
    reason = str(original or error).strip().splitlines()[0]
    if engine.url.get_backend_name() == "sqlite":
        return _worded_sqlite(getattr(original, "sqlite_errorname", ""), reason, database)
    state = getattr(original, "sqlstate", None)
    if state in _POSTGRES_ERRORS:
        return _POSTGRES_ERRORS[state](database)
    if isinstance(error, OperationalError) and (state is None or state[:2] in ("08", "28", "3D")):
        return CannotConnect(database, reason)
    return StoreFailure(database, reason)


def _worded_sqlite(code: str, reason: str, database: str) -> StoreError:
    # extended codes such as SQLITE_READONLY_DIRECTORY begin with the plain one
    family = "_".join(code.split("_")[:2])
    if family in _SQLITE_ERRORS:
        return _SQLITE_ERRORS[family](database)
    if reason.startswith(("no such table", "no such column")):
        return DatabaseNotReady(database)
    return StoreFailure(database, reason)
