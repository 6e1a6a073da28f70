"""Organisations, needs and achievements, the chains that they declare, and what is gone.

Small columns come before texts of any length: SQLite keeps the head of a row in one
page and spills the tail, so a filter never reads the texts it does not need.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import FIRST, LAST, Base, Id, Versioned


class OrganizationRow(Versioned, Base):
    """One organisation."""

    __tablename__ = "organizations"

    kind: Mapped[str] = mapped_column(String(20))
    county: Mapped[str | None] = mapped_column(String, index=True)
    gbt4754: Mapped[str | None] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String, index=True)
    text: Mapped[str] = mapped_column(Text, sort_order=LAST)


class PostingColumns(Versioned):
    """What needs and achievements share."""

    visibility: Mapped[str] = mapped_column(String(20), sort_order=FIRST)
    status: Mapped[str] = mapped_column(String(20), sort_order=FIRST)
    county: Mapped[str | None] = mapped_column(String, index=True)
    organization: Mapped[str | None] = mapped_column(Id, ForeignKey("organizations.id"), index=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    cooperation_modes: Mapped[list[str]]
    title: Mapped[str] = mapped_column(Text, sort_order=LAST)
    keywords: Mapped[list[str]]


class NeedRow(PostingColumns, Base):
    """One need."""

    __tablename__ = "needs"
    __table_args__ = (Index("ix_needs_filter", "status", "visibility", "id"),)

    budget_cny: Mapped[int | None] = mapped_column(BigInteger)
    deadline: Mapped[date | None] = mapped_column(Date)
    min_trl: Mapped[int | None] = mapped_column(SmallInteger)
    must_have: Mapped[list[str]]
    nice_to_have: Mapped[list[str]]
    indicators: Mapped[list[str]]
    text: Mapped[str] = mapped_column(Text, sort_order=LAST)


class AchievementRow(PostingColumns, Base):
    """One achievement."""

    __tablename__ = "achievements"
    # answers the everyday filter from the index alone, id included
    __table_args__ = (Index("ix_achievements_filter", "status", "visibility", "trl", "id"),)

    trl: Mapped[int | None] = mapped_column(SmallInteger)
    ip_status: Mapped[str | None] = mapped_column(String(20))
    price_cny: Mapped[int | None] = mapped_column(BigInteger)
    patents: Mapped[list[str]]
    ipc: Mapped[list[str]]
    team: Mapped[list[str]]
    text: Mapped[str] = mapped_column(Text, sort_order=LAST)


class ChainLink:
    """Membership of one record in one chain.

    The key finds the chains of a record; each table's index finds the records of a chain.

    Attributes:
        position: Place of the chain in the record's own order, from 0.
    """

    chain: Mapped[str] = mapped_column(String, primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger)


class OrganizationChainRow(ChainLink, Base):
    """Chains of an organisation."""

    __tablename__ = "organization_chains"
    __table_args__ = (Index("ix_organization_chains_filter", "chain", "owner"),)

    owner: Mapped[str] = mapped_column(
        Id, ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True, sort_order=FIRST
    )


class NeedChainRow(ChainLink, Base):
    """Chains of a need."""

    __tablename__ = "need_chains"
    __table_args__ = (Index("ix_need_chains_filter", "chain", "owner"),)

    owner: Mapped[str] = mapped_column(
        Id, ForeignKey("needs.id", ondelete="CASCADE"), primary_key=True, sort_order=FIRST
    )


class AchievementChainRow(ChainLink, Base):
    """Chains of an achievement."""

    __tablename__ = "achievement_chains"
    __table_args__ = (Index("ix_achievement_chains_filter", "chain", "owner"),)

    owner: Mapped[str] = mapped_column(
        Id, ForeignKey("achievements.id", ondelete="CASCADE"), primary_key=True, sort_order=FIRST
    )


class RemovalRow(Base):
    """A record that is gone, so that a derived index can follow.

    Attributes:
        kind: Name of the table that held it.
    """

    __tablename__ = "removals"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    removed_in: Mapped[int] = mapped_column(BigInteger, index=True)
