"""The audit, for those who may read it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.access.keyset import Listed, read_page
from data.access.trail import Trail
from data.audit import Entry
from data.policy.actor import Actor
from data.policy.decide import require
from data.policy.operation import Operation
from data.tables import AuditRow


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries; None for all.

    Attributes:
        actor: Account id.
        operation: As ``data.policy.operation`` names it.
        item: Id of what it was done to.
        since: Made at this moment or later.
        until: Made before this moment.
    """

    actor: str | None = None
    operation: str | None = None
    item: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class GuardedAudit:
    """Reads the chain; nobody writes to it but a ``Trail``."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._trail = trail

    def page(self, wanted: AuditFilter, *, limit: int, cursor: str | None = None) -> Listed[Entry]:
        """The newest entries that pass, newest first.

        Args:
            wanted: Which ones.
            limit: Most entries to return.
            cursor: ``next_cursor`` of the page before; None for the first page.

        Raises:
            Forbidden: the actor may not read the audit.
            NotAcceptable: the cursor is of another list.
        """
        require(self._actor, Operation.AUDIT_READ)
        table = AuditRow.__table__
        statement = select(table)
        for column in ("actor", "operation", "item"):
            value = getattr(wanted, column)
            if value is not None:
                statement = statement.where(table.c[column] == value)
        if wanted.since is not None:
            statement = statement.where(table.c.at >= wanted.since)
        if wanted.until is not None:
            statement = statement.where(table.c.at < wanted.until)
        # who looked into the record belongs into the record, once a look and not once a page
        if cursor is None:
            self._trail.note(Operation.AUDIT_READ, "audit", wanted.item or "")
        rows = read_page(
            self._session, statement, AuditRow.seq, limit=limit, cursor=cursor, down=True
        )
        return Listed([Entry(**dict(row)) for row in rows.items], rows.next_cursor)
