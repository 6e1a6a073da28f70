"""The SQLite file under the vector cache: opened safely, and moved aside when damaged."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    fingerprint TEXT NOT NULL,
    role TEXT NOT NULL,
    digest BLOB NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (fingerprint, role, digest)
)
"""
_BUSY_TIMEOUT_S = 30.0
_BUSY_PAUSE_S = 0.02
_DAMAGE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def open_file(path: Path) -> sqlite3.Connection:
    """A connection to the cache file, which is made when missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, check_same_thread=False)
    try:
        _switch_to_wal(connection)
        # Survives a killed process; a power cut may cost the last batches.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(_SCHEMA)
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection


def is_damage(problem: Exception) -> bool:
    """Whether SQLite blames the content of the file, not the disk or another process."""
    return getattr(problem, "sqlite_errorcode", 0) & 0xFF in _DAMAGE


def is_damaged(path: Path) -> bool:
    """Whether a file that showed damage is still the one that lies there."""
    # Another process may have put a sound file there since; that one must stay.
    with closing(sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S)) as connection:
        try:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",))
        except sqlite3.DatabaseError as problem:
            if is_damage(problem):
                return True
            raise


def move_aside(path: Path) -> Path:
    """Renames the file and its logs, and returns the new name."""
    aside = path.with_name(f"{path.name}.damaged-{time.time_ns()}")
    # The log goes first: left behind, it would be played into the new file.
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # The busy timeout does not cover this switch: of two processes that open a new file
    # at once, one is told "locked" straight away.
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as problem:
            busy = problem.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
        time.sleep(_BUSY_PAUSE_S)
