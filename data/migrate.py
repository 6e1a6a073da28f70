"""Creates the tables, or brings an older database up to date."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.orm import Session

from data.errors import DatabaseTooNew, ForeignTables, UnknownRevision
from data.session import display_name, guarded, sqlite_path
from data.tables import Base

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0012"
"""The newest revision under ``migrations/versions``; a test holds it to that."""

# configparser reads a lone % as the start of a reference
_SCRIPTS = str(Path(__file__).parent / "migrations").replace("%", "%%")

# any fixed number will do, as long as every yilian uses the same
_ADVISORY_LOCK = 0x7969_6C69


class Readiness(StrEnum):
    """What has to happen before the database can be used."""

    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"
    TOO_NEW = "too_new"


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """Where a database's schema stands.

    Attributes:
        database: The file, or the server's URL without its password.
        revision: The schema revision found, or None.
        head: The revision that this program works with.
    """

    database: str
    readiness: Readiness
    revision: str | None
    head: str = HEAD


def check(engine: Engine) -> DatabaseState:
    """Looks at the schema and changes nothing; a missing SQLite file is not created.

    Raises:
        StoreError: the database cannot be read, or holds another program's tables.
    """
    name = display_name(engine.url)
    path = sqlite_path(engine.url)
    if path is not None and not path.exists():
        return DatabaseState(name, Readiness.EMPTY, None)
    with guarded(engine), engine.execution_options(yilian_write=False).connect() as connection:
        revision = _revision(connection, name)
    return DatabaseState(name, _readiness(revision), revision)


def upgrade(engine: Engine) -> DatabaseState:
    """Creates or migrates the tables; does nothing to a database that is up to date.

    A new database starts with the packaged industry chains.

    Two processes may call this at once: one migrates, the other waits and finds the
    work done.

    Raises:
        DatabaseTooNew: the schema was made by a later version of this program.
        StoreError: the database cannot be read or written.
    """
    state = check(engine)
    name = state.database
    if state.readiness is Readiness.CURRENT:
        return state
    if state.readiness is Readiness.TOO_NEW:
        raise DatabaseTooNew(name, str(state.revision))
    with guarded(engine), engine.execution_options(yilian_write=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _ADVISORY_LOCK})
        # another process may have migrated, or gone further, while we waited
        revision = _revision(connection, name)
        if _readiness(revision) is Readiness.TOO_NEW:
            raise DatabaseTooNew(name, str(revision))
        if revision != HEAD:
            _run_migrations(connection)
        if revision is None:
            _store_packaged_chains(connection)
    return DatabaseState(name, Readiness.CURRENT, HEAD)


def move_to(engine: Engine, revision: str) -> DatabaseState:
    """Migrates forwards or back to one revision; going back drops what later ones added.

    It is for those who go back to an older program: this one migrates forwards again as
    soon as it is used.

    Raises:
        UnknownRevision: there is none of this name.
        DatabaseTooNew: the schema was made by a later version of this program.
        StoreError: the database cannot be read or written.
    """
    from alembic import command
    from alembic.script import ScriptDirectory

    name = display_name(engine.url)
    if check(engine).readiness is Readiness.EMPTY:
        upgrade(engine)
    with guarded(engine), engine.execution_options(yilian_write=True).begin() as connection:
        settings = config(connection)
        known = {
            script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()
        }
        if revision not in known:
            raise UnknownRevision(revision, HEAD)
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _ADVISORY_LOCK})
        present = str(_revision(connection, name))
        if _readiness(present) is Readiness.TOO_NEW:
            raise DatabaseTooNew(name, present)
        # revisions are numbered, so their names compare as they follow one another
        (command.upgrade if revision > present else command.downgrade)(settings, revision)
    return DatabaseState(name, _readiness(revision), revision)


def config(connection: Connection) -> "Config":
    """Alembic's settings for our scripts on this connection."""
    # most commands find the schema current and never need alembic
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", _SCRIPTS)
    settings.attributes["connection"] = connection
    return settings


def _run_migrations(connection: Connection) -> None:
    from alembic import command

    command.upgrade(config(connection), "head")


def _store_packaged_chains(connection: Connection) -> None:
    # read once, when the database is made; no later command pays for it
    from data import reference
    from data.chains import ChainRepository

    with Session(connection) as session:
        ChainRepository(session).replace_all(reference.chains())


def _revision(connection: Connection, name: str) -> str | None:
    present = set(inspect(connection).get_table_names())
    if "alembic_version" in present:
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return None if version is None else str(version)
    ours = present & set(Base.metadata.tables)
    if ours:
        raise ForeignTables(name, tuple(sorted(ours)))
    return None


def _readiness(revision: str | None) -> Readiness:
    if revision is None:
        return Readiness.EMPTY
    if revision == HEAD:
        return Readiness.CURRENT
    # revisions are numbered, so an older one is known by its number
    older = revision.isdecimal() and int(revision) < int(HEAD)
    return Readiness.BEHIND if older else Readiness.TOO_NEW
