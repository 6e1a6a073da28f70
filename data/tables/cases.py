"""Matches that brokers follow up, with what happened and what was filed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import LAST, Base, Id

_UNDER_WAY = text("stage NOT IN ('dropped', 'closed')")


class CaseRow(Base):
    """One match that a broker took up.

    No key binds it to need, achievement, account or run: it outlives them as a record.

    Attributes:
        broker: Account of the broker in charge.
        stage: One of ``data.policy.stages.Stage``.
        reason: Why it was dropped; None otherwise.
        value_cny: What it was signed for, before that what is expected; None where nobody
            knows yet, and for a value that the sides keep to themselves.
        run_id: The stored match run that showed the match, if one did.
        rank: Place in that list, from 1.
        revision: 1 for a new case; rises with every change.
    """

    __tablename__ = "cases"
    __table_args__ = (
        # two brokers cannot be at work on one pair, however close together they ask
        Index(
            "uq_cases_under_way",
            "need",
            "achievement",
            unique=True,
            sqlite_where=_UNDER_WAY,
            postgresql_where=_UNDER_WAY,
        ),
        Index("ix_cases_created_at_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    need: Mapped[str] = mapped_column(Id, index=True)
    achievement: Mapped[str] = mapped_column(Id, index=True)
    broker: Mapped[str] = mapped_column(Id, index=True)
    stage: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(20))
    due: Mapped[date | None] = mapped_column(Date)
    value_cny: Mapped[int | None] = mapped_column(BigInteger)
    run_id: Mapped[str | None] = mapped_column(Id)
    rank: Mapped[int | None] = mapped_column(Integer)
    revision: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)
    next_action: Mapped[str] = mapped_column(Text, sort_order=LAST)


class CaseEventRow(Base):
    """One thing that happened in a case; written once, never altered.

    Attributes:
        who: Account of whoever did it.
        kind: ``stage``, ``note``, ``assign``, ``action`` or ``file``.
        text: What was said about it; may be empty.
        facts: What changed, as JSON values.
    """

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case: Mapped[str] = mapped_column(Id, ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]]


class CaseFileRow(Base):
    """One file of a case.

    Attributes:
        digest: BLAKE2b of the content, 32 hex digits.
        who: Account of whoever filed it.
    """

    __tablename__ = "case_files"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case: Mapped[str] = mapped_column(Id, ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String)
    media_type: Mapped[str] = mapped_column(String)
    size: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(32))
    who: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary, sort_order=LAST)
