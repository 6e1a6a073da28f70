"""The data version: one counter that every change of content moves forward.

A derived index keeps the version that it saw. When the counter has moved on, it asks
the repositories what changed since, and follows.
"""

import uuid
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from data.tables import MetaRow

_KEY = "data_version"
_ID = "database_id"
_TOKEN = "token:{}"
_TOKENS_KEPT = 100_000  # a busy city's year; an index that is older is built anew

# worded once, on the plain table: every write moves the version on
_META = cast(Table, MetaRow.__table__)
_OF = _META.c.key == bindparam("of")
_READ = select(_META.c.value).where(_OF)
_LOCK = _READ.with_for_update()
_SET = update(_META).where(_OF)
_FORGET = delete(_META).where(_OF)


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to one kind of record after some version.

    Attributes:
        version: The version that these changes lead to.
        changed: Ids added or altered (a withdrawn posting is an altered one), sorted.
        removed: Ids that are gone, sorted.
    """

    version: int
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def data_version(session: Session) -> int:
    """The current version; 0 before anything was stored."""
    return int(session.connection().execute(_READ, {"of": _KEY}).scalar_one())


def database_id(session: Session) -> str:
    """Names this database for good; an index that saw another one cannot follow it."""
    return str(session.connection().execute(_READ, {"of": _ID}).scalar_one())


def lock_version(session: Session) -> int:
    """The next version, for this transaction alone.

    On PostgreSQL the row stays locked until the transaction ends. Writers therefore
    commit in the order of their versions, and an index that has seen version 7 can
    never miss a straggling 6. SQLite has one writer anyway.
    """
    return int(session.connection().execute(_LOCK, {"of": _KEY}).scalar_one()) + 1


def set_version(session: Session, version: int) -> None:
    """Makes ``version``, from ``lock_version``, the current one, under a token of its own."""
    connection = session.connection()
    forgotten, token = _TOKEN.format(version - _TOKENS_KEPT), _TOKEN.format(version)
    connection.execute(_SET, {"of": _KEY, "value": str(version)})
    connection.execute(_FORGET, {"of": forgotten})
    connection.execute(insert(_META), {"key": token, "value": uuid.uuid4().hex})


def stamp(session: Session, version: int) -> str:
    """Names one state of one database: ``database/version/token``; derived files carry it."""
    return f"{database_id(session)}/{version}/{version_token(session, version)}"


def version_of(stamp_: str) -> int:
    """The version that a stamp names."""
    return int(stamp_.split("/")[1])


def version_token(session: Session, version: int) -> str:
    """What tells this version from one of the same number before a backup was restored.

    Empty for version 0, and for a version that this database never had or has forgotten;
    the last 100,000 are remembered.
    """
    found = session.connection().execute(_READ, {"of": _TOKEN.format(version)})
    return str(found.scalar_one_or_none() or "")
