"""The tables. Rows stay inside this package; everyone else sees ``matcher.types``.

Small columns come before texts of any length: SQLite keeps the head of a row in one
page and spills the tail, so a filter never reads the texts it does not need.
"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# code point order on both databases, as Python sorts; PostgreSQL's default follows a locale
Id = String().with_variant(String(collation="C"), "postgresql")


_FIRST, _LAST = -1, 1


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in time: aware UTC in Python, on SQLite as on PostgreSQL."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite drops the zone; what it holds was written as UTC above
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Names every constraint, so that a migration can find it on either database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: UtcDateTime(),
        list[str]: JSON(),
        list[Any]: JSON(),
        dict[str, Any]: JSON(),
    }


class Versioned:
    """What every content table carries.

    Attributes:
        digest: Fingerprint of the content; equal digests mean nothing changed.
        changed_in: The data version that last changed this row.
    """

    id: Mapped[str] = mapped_column(Id, primary_key=True, sort_order=_FIRST)
    digest: Mapped[str] = mapped_column(String(32), sort_order=_FIRST)
    changed_in: Mapped[int] = mapped_column(BigInteger, index=True, sort_order=_FIRST)


class OrganizationRow(Versioned, Base):
    """One organisation."""

    __tablename__ = "organizations"

    kind: Mapped[str] = mapped_column(String(20))
    county: Mapped[str | None] = mapped_column(String, index=True)
    gbt4754: Mapped[str | None] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String, index=True)
    text: Mapped[str] = mapped_column(Text, sort_order=_LAST)


class PostingColumns(Versioned):
    """What needs and achievements share."""

    visibility: Mapped[str] = mapped_column(String(20), sort_order=_FIRST)
    status: Mapped[str] = mapped_column(String(20), sort_order=_FIRST)
    county: Mapped[str | None] = mapped_column(String, index=True)
    organization: Mapped[str | None] = mapped_column(Id, ForeignKey("organizations.id"), index=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    cooperation_modes: Mapped[list[str]]
    title: Mapped[str] = mapped_column(Text, sort_order=_LAST)
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
    text: Mapped[str] = mapped_column(Text, sort_order=_LAST)


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
    text: Mapped[str] = mapped_column(Text, sort_order=_LAST)


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
        Id, ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True, sort_order=_FIRST
    )


class NeedChainRow(ChainLink, Base):
    """Chains of a need."""

    __tablename__ = "need_chains"
    __table_args__ = (Index("ix_need_chains_filter", "chain", "owner"),)

    owner: Mapped[str] = mapped_column(
        Id, ForeignKey("needs.id", ondelete="CASCADE"), primary_key=True, sort_order=_FIRST
    )


class AchievementChainRow(ChainLink, Base):
    """Chains of an achievement."""

    __tablename__ = "achievement_chains"
    __table_args__ = (Index("ix_achievement_chains_filter", "chain", "owner"),)

    owner: Mapped[str] = mapped_column(
        Id, ForeignKey("achievements.id", ondelete="CASCADE"), primary_key=True, sort_order=_FIRST
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


class ChainRow(Base):
    """One industry chain, as the city words it.

    Attributes:
        position: Place among the city's chains, from 0.
    """

    __tablename__ = "chains"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    name_zh: Mapped[str] = mapped_column(String)
    name_en: Mapped[str] = mapped_column(String)
    aliases: Mapped[list[str]]
    keywords: Mapped[list[str]]
    terms: Mapped[list[str]]
    codes: Mapped[list[str]]
    counties: Mapped[list[str]]
    segments: Mapped[list[Any]]


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


class MetaRow(Base):
    """Facts about the database itself, such as ``data_version``."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
