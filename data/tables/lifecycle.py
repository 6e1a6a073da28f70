"""What the service keeps beside a posting: its history, its public summary, its match list."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Float, Index, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import LAST, Base, Id


class PostingEventRow(Base):
    """One step in the life of a posting; written once, never altered.

    Attributes:
        kind: ``need`` or ``achievement``.
        step: The operation, such as ``step.publish``, or ``create`` and ``update``.
        status: Where it stood afterwards.
        reason: Why, where a reason is asked for.
    """

    __tablename__ = "posting_events"
    __table_args__ = (Index("ix_posting_events_posting", "kind", "posting", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    posting: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(Id)
    step: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)


class PostingMaskRow(Base):
    """What others see of a masked posting.

    Attributes:
        terms: Words that must not show, listed by the owner.
        approved_at: When the owner approved this wording; None while it is a draft.
        digest: Fingerprint of title, summary and terms.
    """

    __tablename__ = "posting_masks"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    posting: Mapped[str] = mapped_column(Id, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    terms: Mapped[list[str]]
    approved_by: Mapped[str | None] = mapped_column(Id)
    approved_at: Mapped[datetime | None] = mapped_column(index=True)
    digest: Mapped[str] = mapped_column(String(32))


class MatchListRow(Base):
    """The latest match list of an open need, made in the background.

    Attributes:
        data_version: Data that was searched; a need that changed later is matched anew, and
            -1 asks for it.
        result: The whole list, with everything that its owner may see.
    """

    __tablename__ = "match_lists"

    need: Mapped[str] = mapped_column(Id, primary_key=True)
    data_version: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime]
    result: Mapped[dict[str, Any]] = mapped_column(sort_order=LAST)


class MatchListItemRow(Base):
    """One achievement of a match list, so that its change finds the list.

    Attributes:
        fair: P(level ≥ 3), in [0, 1]; None without a ranker.
    """

    __tablename__ = "match_list_items"

    need: Mapped[str] = mapped_column(Id, primary_key=True)
    achievement: Mapped[str] = mapped_column(Id, primary_key=True, index=True)
    rank: Mapped[int] = mapped_column(SmallInteger)
    fair: Mapped[float | None] = mapped_column(Float)


class IdempotencyRow(Base):
    """A request that was answered, so that its repetition gets the same answer.

    Attributes:
        request: Digest of method, path and body.
    """

    __tablename__ = "idempotency_keys"

    account: Mapped[str] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int] = mapped_column(Integer)
    headers: Mapped[dict[str, Any]]
    body: Mapped[str] = mapped_column(Text, sort_order=LAST)
