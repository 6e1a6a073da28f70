"""Whose turn it is to do some work on a store: one process at a time, the next one waits.

Two processes that found each other's unfinished attempts would make them twice. The lock
ends with its process, however that ends, so that a waiting one takes over.
"""

import fcntl
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Literal, Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from data.session import sqlite_path

Work = Literal["jobs", "lists"]

# any fixed numbers will do, as long as every yilian uses the same
_ADVISORY_LOCKS: Mapping[Work, int] = {"jobs": 0x7969_6C6A, "lists": 0x7969_6C6B}

_log = logging.getLogger(__name__)


class Turn(Protocol):
    """The right to do one work on one store."""

    def held(self) -> bool:
        """Whether this process has it, taking it where it is free."""

    def give_up(self) -> None:
        """Leaves it to others."""


def turn_on(engine: Engine, work: Work) -> Turn:
    """The turn of this work on the store that the engine is for."""
    path = sqlite_path(engine.url)
    if path is not None:
        return _FileTurn(path.with_name(f"{path.stem}-{work}.lock"))
    return _ServerTurn(engine, _ADVISORY_LOCKS[work])


class _FileTurn:
    def __init__(self, path: Path) -> None:
        self._path = path
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

    def __init__(self, engine: Engine, lock: int) -> None:
        self._engine = engine
        self._lock = lock
        self._connection: Connection | None = None

    def held(self) -> bool:
        try:
            if self._connection is not None:
                # notices a connection that the server has closed, and its lock with it
                self._connection.execute(text("SELECT 1"))
                return True
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            taken = connection.scalar(text("SELECT pg_try_advisory_lock(:k)"), {"k": self._lock})
        except SQLAlchemyError:
            _log.warning("the database does not answer; nobody takes the turn meanwhile")
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
