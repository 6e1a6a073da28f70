"""The audit chain: entries that can be added, and neither altered nor lost unnoticed.

Each entry's digest is SHA-256 over the digest before it and the entry's canonical JSON,
so altering one breaks every later one. The newest digest, the head, also rests in the
meta table: a tail that was cut off is missed there. Whoever can rewrite both is caught by
a head that was noted down outside the database.
"""

import hashlib
import json
import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Select, Table, insert, select, update
from sqlalchemy.orm import Session

from data.errors import DataError
from data.tables import AuditRow, MetaRow

_HEAD = "audit_head"
_BATCH = 1000
_META = cast(Table, MetaRow.__table__)
_ENTRIES = cast(Table, AuditRow.__table__)
_READ_HEAD = select(_META.c.value).where(_META.c.key == _HEAD).with_for_update()
_SET_HEAD = update(_META).where(_META.c.key == _HEAD)


class BadHead(DataError):
    """A noted head is not of the form ``SEQ:DIGEST``."""

    def __init__(self, words: str) -> None:
        super().__init__(
            f"{words!r} 不是审计链头；请原样填写 yilian audit verify 打印的 序号:摘要。"
            f" / {words!r} is no audit head; give it as yilian audit verify printed it,"
            " SEQ:DIGEST"
        )
        self.words = words


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of a chain.

    Attributes:
        seq: Its number; 0 for an empty chain.
        digest: 64 hexadecimal digits; zeros for an empty chain.
    """

    seq: int
    digest: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.digest}"

    @classmethod
    def parse(cls, words: str) -> "Head":
        """The head that ``str`` wrote.

        Raises:
            BadHead: the words are none.
        """
        found = re.fullmatch(r"([0-9]{1,18}):([0-9a-f]{64})", words.strip())
        if found is None:
            raise BadHead(words)
        return cls(int(found[1]), found[2])


START = Head(0, "0" * 64)
"""Of a chain without entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What is to be recorded: who did what to which, from where.

    Attributes:
        at: When.
        actor: Account id.
        role: The account's role then.
        organization: The account's organisation then; None for none.
        operation: What was done, as ``data.policy.operation`` names it.
        kind: Kind of the thing, such as ``need``.
        item: Its id; empty where the operation is about no single thing.
        address: Network address that the request came from; empty for the program itself.
        request: The request's id, as it stands in the log.
        facts: Anything to add: scalars and lists of text, no secrets, no confidential text.
    """

    at: datetime
    actor: str
    role: str
    organization: str | None
    operation: str
    kind: str
    item: str
    address: str
    request: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Event):
    """An event in the chain.

    Attributes:
        seq: 1 for the first, without gaps.
        previous: Digest of the entry before.
        digest: Of this one.
    """

    seq: int
    previous: str
    digest: str


def append(session: Session, events: Sequence[Event]) -> Head:
    """Adds events to the chain, and returns the new head.

    Call it last in a transaction: on PostgreSQL the head stays locked until the end, which
    keeps the chain in one line; SQLite has one writer anyway.

    Raises:
        ValueError: facts that JSON cannot hold.
    """
    # on the plain tables: it belongs to every write, and the mapper adds as much again
    connection = session.connection()
    head, rows = Head.parse(connection.execute(_READ_HEAD).scalar_one()), []
    for event in events:
        values = {name: getattr(event, name) for name in Event.__dataclass_fields__}
        digest = _digest(head, values)
        rows.append({**values, "seq": head.seq + 1, "previous": head.digest, "digest": digest})
        head = Head(head.seq + 1, digest)
    if rows:
        connection.execute(insert(_ENTRIES), rows)
        connection.execute(_SET_HEAD, {"value": str(head)})
    return head


def head_of(session: Session) -> Head:
    """The head as the meta table has it."""
    return Head.parse(session.scalars(select(MetaRow.value).where(MetaRow.key == _HEAD)).one())


def entries(session: Session, statement: Select[Any] | None = None) -> Generator[Entry, None, None]:
    """Entries by number, a batch in memory at a time; close it when leaving early.

    Args:
        session: Where to read.
        statement: A selection of ``AuditRow.__table__``; all entries without one.
    """
    table = AuditRow.__table__
    if statement is None:
        statement = select(table).order_by(table.c.seq)
    with session.execute(statement.execution_options(yield_per=_BATCH)) as found:
        for row in found.mappings():
            yield Entry(**dict(row))


def between(since: datetime | None, until: datetime | None) -> Select[Any]:
    """Selects the entries made in ``[since, until)``, by number; None for no bound."""
    table = AuditRow.__table__
    statement = select(table).order_by(table.c.seq)
    if since is not None:
        statement = statement.where(table.c.at >= since)
    return statement if until is None else statement.where(table.c.at < until)


def chained(entry: Entry) -> str:
    """The digest that the entry should have, given what it says of the one before."""
    values = {name: getattr(entry, name) for name in Event.__dataclass_fields__}
    return _digest(Head(entry.seq - 1, entry.previous), values)


def _digest(before: Head, values: Mapping[str, Any]) -> str:
    moment = values["at"].astimezone(UTC).isoformat(timespec="microseconds")
    told = {**values, "seq": before.seq + 1, "at": moment}
    canonical = json.dumps(told, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(f"{before.digest}\n{canonical}".encode("ascii")).hexdigest()
