"""Copies of a SQLite database that is in use, and the way back into one that is in use."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic

from data.errors import DatabaseBusy
from data.session import LOCK_TIMEOUT_S, sqlite_complaint

# the first step must not be the last, see ``replace_file``; an empty database of ours
# has more than a hundred pages
_PAGES_A_STEP = 8
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def snapshot(database: Path, target: Path) -> None:
    """Copies a database as it is at one moment, while others go on writing.

    Raises:
        StoreError: it cannot be read, or the copy cannot be written.
    """
    with _worded(database), _opened(database) as source, _opened(target) as copy:
        # all pages in one step: a reader's snapshot, which writers neither change nor wait for
        source.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode = DELETE")


def fault_of(database: Path) -> str | None:
    """What SQLite itself finds wrong with a database; None where it is sound."""
    try:
        with _opened(database) as connection:
            (words,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if words == "ok" else str(words)


def replace_file(
    database: Path, staged: Path, kept: Path, *, prepare: Callable[[Path | None], None]
) -> None:
    """Puts the content of ``staged`` into a database, in one transaction.

    Programs that have the database open see either all of the old or all of the new
    content. What they write until then is in ``kept``, what they write afterwards is in
    the database: nothing that was acknowledged is lost.

    Args:
        database: Replaced; made where there is none. A damaged one is moved to ``kept``.
        staged: The new content.
        kept: Where the old content is copied to.
        prepare: Called while nobody else can write, with the copy of the old content (None
            where there was none); may still alter ``staged``.

    Raises:
        StoreError: it cannot be written; the database is as it was.
    """
    if database.exists() and _beyond_reading(database):
        _move(database, kept)
    fresh = not database.exists()
    give_up_at = monotonic() + LOCK_TIMEOUT_S
    prepared = False

    def step(status: int, remaining: int, total: int) -> None:
        nonlocal prepared
        if status in _BUSY and monotonic() > give_up_at:
            raise DatabaseBusy(str(database))
        # the first successful step took the write lock and holds it to the end; SQLite
        # starts the copy again by itself when ``prepare`` alters its source
        if status not in _BUSY and not prepared:
            prepared = True
            if not fresh:
                snapshot(database, kept)
                shutil.copymode(database, kept)
            prepare(None if fresh else kept)

    with _worded(database), _opened(staged) as source, _opened(database) as live:
        if not fresh:
            _same_page_size(source, live)
        source.backup(live, pages=_PAGES_A_STEP, progress=step, sleep=0.05)


def _same_page_size(source: sqlite3.Connection, live: sqlite3.Connection) -> None:
    """A database in use keeps the size of its pages, so the new content takes it on."""
    (has,), (wanted,) = (c.execute("PRAGMA page_size").fetchone() for c in (source, live))
    if has != wanted:
        source.execute("PRAGMA journal_mode = DELETE")
        source.execute(f"PRAGMA page_size = {int(wanted)}")
        source.execute("VACUUM")


def _beyond_reading(database: Path) -> bool:
    try:
        with _opened(database) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        # a lock, or a lack of rights, is no damage
        return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
    return False


def _move(database: Path, kept: Path) -> None:
    os.replace(database, kept)
    for ending in ("-wal", "-shm"):
        beside = database.with_name(database.name + ending)
        if beside.exists():
            os.replace(beside, kept.with_name(kept.name + ending))


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, timeout=1.0, isolation_level=None)
    with closing(connection):
        yield connection


@contextmanager
def _worded(database: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise sqlite_complaint(error, str(database)) from error
