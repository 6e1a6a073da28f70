"""Files that somebody asked for: each belongs to whoever asked, and to nobody else."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, cast

from sqlalchemy import RowMapping, Table, delete, insert, select, update
from sqlalchemy.orm import Session

from data.access.errors import AccessError
from data.access.jobs import GuardedJobs
from data.access.keyset import Listed, read_page
from data.access.trail import Trail
from data.jobs import JobKind
from data.policy.actor import Actor
from data.policy.decide import require
from data.policy.errors import Unseen
from data.policy.operation import Operation
from data.tables import ExportRow

KEPT_FOR = timedelta(days=7)
"""How long a file waits to be fetched."""

Format = Literal["xlsx", "json"]

_TABLE = cast(Table, ExportRow.__table__)
_SHOWN = [column for column in _TABLE.c if column.name != "content"]


class ExportKind(StrEnum):
    """What can be taken along."""

    MATCHES = "matches"
    CASES = "cases"
    PLAN = "plan"


class NotMadeYet(AccessError):
    """The file is still being made."""

    def __init__(self, export_id: str) -> None:
        super().__init__(
            f"导出 {export_id} 尚未生成，请稍后再取。"
            f" / export {export_id} is not made yet; fetch it later"
        )
        self.retry_after_s = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One file; see ``ExportRow``."""

    id: str
    account: str
    kind: ExportKind
    subject: str
    format: Format
    name: str
    job: str | None
    size: int | None
    created_at: datetime


class GuardedExports:
    """Exports of one actor in one transaction.

    What goes into a file is read through the other guarded repositories.
    """

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._trail = trail

    def order(self, kind: ExportKind, subject: str, format: Format, *, at_once: bool) -> Export:
        """Opens an export; a job makes it unless its maker does so at once.

        Raises:
            Forbidden: the actor exports nothing.
        """
        require(self._actor, Operation.EXPORT_CREATE)
        export_id = f"x-{uuid.uuid4().hex}"
        job_id = None
        if not at_once:
            jobs = GuardedJobs(self._session, self._actor, self._trail)
            job_id = jobs.follow(JobKind.EXPORT, {"export": export_id}).id
        now = datetime.now(UTC)
        row = {
            "id": export_id,
            "account": self._actor.id,
            "kind": kind.value,
            "subject": subject,
            "format": format,
            "name": f"yilian-{kind}-{now:%Y%m%d-%H%M%S}.{format}",
            "job": job_id,
            "created_at": now,
        }
        self._session.execute(insert(_TABLE), [row])
        about = {"work": kind.value, "subject": subject, "format": format}
        self._trail.note(Operation.EXPORT_CREATE, "export", export_id, **about)
        return self.get(export_id)

    def fill(self, export_id: str, content: bytes) -> Export:
        """Puts the finished file in place.

        Raises:
            Unseen: there is none, or it is somebody else's.
        """
        self._known(export_id)
        values: Mapping[str, Any] = {"content": content, "size": len(content)}
        self._session.execute(update(_TABLE).where(_TABLE.c.id == export_id).values(values))
        return self.get(export_id)

    def get(self, export_id: str) -> Export:
        """One export.

        Raises:
            Unseen: there is none, or it is somebody else's.
        """
        return _export(self._known(export_id))

    def page(self, *, limit: int, cursor: str | None = None) -> Listed[Export]:
        """The actor's own exports, newest first.

        Raises:
            NotAcceptable: the cursor is of another list, or none at all.
        """
        require(self._actor, Operation.EXPORT_CREATE)
        statement = select(*_SHOWN).where(ExportRow.account == self._actor.id)
        keys = (ExportRow.created_at, ExportRow.id)
        found = read_page(self._session, statement, *keys, limit=limit, cursor=cursor, down=True)
        return Listed([_export(row) for row in found.items], found.next_cursor)

    def content(self, export_id: str) -> bytes:
        """The file.

        Raises:
            Unseen: there is none, or it is somebody else's.
            NotMadeYet: its job is not done.
        """
        self._known(export_id)
        found = select(ExportRow.content).where(ExportRow.id == export_id)
        content = self._session.scalar(found)
        if content is None:
            raise NotMadeYet(export_id)
        return bytes(content)

    def _known(self, export_id: str) -> RowMapping:
        require(self._actor, Operation.EXPORT_CREATE)
        found = self._session.execute(select(*_SHOWN).where(_TABLE.c.id == export_id))
        row = found.mappings().one_or_none()
        # a file shows what its owner may see: that is no measure for anybody else
        if row is None or row["account"] != self._actor.id:
            raise Unseen(export_id)
        return row


def forget_exports(session: Session, now: datetime) -> int:
    """Deletes files that nobody needs any more; how many there were."""
    ids = list(session.scalars(select(_TABLE.c.id).where(_TABLE.c.created_at < now - KEPT_FOR)))
    session.execute(delete(_TABLE).where(_TABLE.c.id.in_(ids)))
    return len(ids)


def _export(row: RowMapping) -> Export:
    values = {name: row[name] for name in Export.__dataclass_fields__}
    return Export(**values | {"kind": ExportKind(row["kind"])})
