"""The audit: who did what to which, from where."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base, Id


class AuditRow(Base):
    """One entry; triggers of the database refuse to alter or delete it.

    No key binds it to an account or a posting: it outlives them as a record.

    Attributes:
        seq: 1 for the first, without gaps.
        previous: Digest of the entry before; see ``data.audit``.
        digest: Of this entry and ``previous``.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_at", "at"),
        Index("ix_audit_entries_actor", "actor", "seq"),
        Index("ix_audit_entries_item", "item", "seq"),
        Index("ix_audit_entries_operation", "operation", "seq"),
    )

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(Id)
    role: Mapped[str] = mapped_column(String(20))
    organization: Mapped[str | None] = mapped_column(Id)
    operation: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    item: Mapped[str] = mapped_column(Id)
    address: Mapped[str] = mapped_column(String)
    request: Mapped[str] = mapped_column(String)
    facts: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
