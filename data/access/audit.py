"""The audit, for those who may read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.access.trail import Trail
from data.audit import Entry, entries
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

    def newest(self, wanted: AuditFilter, *, before: int | None = None, k: int) -> Sequence[Entry]:
        """The newest entries that pass, newest first.

        Args:
            wanted: Which ones.
            before: Only entries with a smaller number, to go on where a page ended.
            k: Most entries to return.

        Raises:
            Forbidden: the actor may not read the audit.
        """
        require(self._actor, Operation.AUDIT_READ)
        table = AuditRow.__table__
        statement = select(table).order_by(table.c.seq.desc()).limit(k)
        for column in ("actor", "operation", "item"):
            value = getattr(wanted, column)
            if value is not None:
                statement = statement.where(table.c[column] == value)
        if wanted.since is not None:
            statement = statement.where(table.c.at >= wanted.since)
        if wanted.until is not None:
            statement = statement.where(table.c.at < wanted.until)
        if before is not None:
            statement = statement.where(table.c.seq < before)
        # who looked into the record belongs into the record, once a look and not once a page
        if before is None:
            self._trail.note(Operation.AUDIT_READ, "audit", wanted.item or "")
        return list(entries(self._session, statement))
