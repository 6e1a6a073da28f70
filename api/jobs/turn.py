"""Whose turn it is to run the jobs of a store: one process at a time, the next one waits.

Two processes that found each other's unfinished attempts would make them twice. The lock
ends with its process, however that ends, so that a waiting one takes over.
"""

import fcntl
import logging
from pathlib import Path
from typing import IO, Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from data.session import sqlite_path

# any fixed number will do, as long as every yilian uses the same
_ADVISORY_LOCK = 0x7969_6C6A

_log = logging.getLogger(__name__)


class Turn(Protocol):
    """The right to run the jobs of one store."""

    def held(self) -> bool:
        """Whether this process has it, taking it where it is free."""

    def give_up(self) -> None:
        """Leaves it to others."""


def turn_on(engine: Engine) -> Turn:
    """The turn of the store that the engine is for."""
    path = sqlite_path(engine.url)
    return _FileTurn(path) if path is not None else _ServerTurn(engine)


class _FileTurn:
    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.stem}-jobs.lock")
        self._file: IO[bytes] | None = None

    def held(self) -> bool:
        if self._file is not None:
            return True
        file = self._path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def give_up(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class _ServerTurn:
    """A lock of the session: the server frees it when the connection is gone."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def held(self) -> bool:
        try:
            if self._connection is not None:
                # notices a connection that the server has closed, and its lock with it
                self._connection.execute(text("SELECT 1"))
                return True
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            taken = connection.scalar(
                text("SELECT pg_try_advisory_lock(:k)"), {"k": _ADVISORY_LOCK}
            )
        except SQLAlchemyError:
            _log.warning("the database does not answer; no jobs are run meanwhile")
            self.give_up()
            return False
        if taken:
            self._connection = connection
        else:
            connection.close()
        return bool(taken)

    def give_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            if not connection.invalidated:
                # back in the pool it would keep the lock
                connection.detach()
            connection.close()
