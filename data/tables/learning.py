"""Match lists as they were shown, brokers' decisions, and the rankers trained from them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base, Id


class MatchRunRow(Base):
    """One match list, with all that is needed to explain it later."""

    __tablename__ = "match_runs"
    __table_args__ = (Index("ix_match_runs_query", "query_kind", "query_id", "created_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    created_at: Mapped[datetime]
    query_kind: Mapped[str] = mapped_column(String(20))
    query_id: Mapped[str] = mapped_column(String)
    model: Mapped[str] = mapped_column(String)
    data_version: Mapped[int] = mapped_column(BigInteger)
    config: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]


class DecisionRow(Base):
    """One broker's decision on one match; written once, never altered.

    No key binds it to need, achievement or run: it outlives them as a record.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        Index("ix_decisions_query", "query_id", "made_at"),
        Index("ix_decisions_made_at", "made_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    query_id: Mapped[str] = mapped_column(Id)
    document_id: Mapped[str] = mapped_column(Id)
    level: Mapped[int | None] = mapped_column(SmallInteger)
    verdict: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(20))
    who: Mapped[str] = mapped_column(String)
    made_at: Mapped[datetime]
    run_id: Mapped[str | None] = mapped_column(Id)
    rank: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(Text)


class RankerRow(Base):
    """One trained ranker; written once, never altered.

    Attributes:
        content: The ranker as JSON text, byte for byte.
    """

    __tablename__ = "rankers"

    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    created_at: Mapped[datetime]
    author: Mapped[str] = mapped_column(String)
    trained_on: Mapped[dict[str, Any]]
    figures: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)


class RankerPromotionRow(Base):
    """One change of the ranker in use; the newest one says which it is.

    Attributes:
        version: The ranker in use from here on; None for the one that ships.
        action: ``promote`` or ``roll_back``.
    """

    __tablename__ = "ranker_promotions"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version: Mapped[int | None] = mapped_column(ForeignKey("rankers.version"))
    action: Mapped[str] = mapped_column(String(20))
    made_at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String)
