"""The city's chains, who belongs to them, and who has worked with whom."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    SmallInteger,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import LAST, Base, Id, Versioned


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


class TagStatementRow(Base):
    """What one source says of one item's chains; without a tag it says "no chain".

    No key binds it to the item: a person's word outlives a record that is loaded again.

    Attributes:
        item_kind: ``need``, ``achievement`` or ``organization``.
        source: ``person`` or ``inferred``; one never overwrites the other.
        changed_in: The data version of a person's word; 0 for an inference, which adds
            nothing to the data.
        tagger: Fingerprint of the tagger and the definitions that inferred it; None for a
            person.
        digest: The item's digest when it was inferred; None for a person.
        who: The person, as he calls himself; None for an inference.
    """

    __tablename__ = "tag_statements"

    item_kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    item_id: Mapped[str] = mapped_column(Id, primary_key=True)
    source: Mapped[str] = mapped_column(String(10), primary_key=True)
    changed_in: Mapped[int] = mapped_column(BigInteger, index=True)
    tagger: Mapped[str | None] = mapped_column(String(32))
    digest: Mapped[str | None] = mapped_column(String(32))
    who: Mapped[str | None] = mapped_column(String)
    made_at: Mapped[datetime]


class ChainTagRow(Base):
    """One membership that a statement names.

    Attributes:
        position: Place within the statement, from 0.
        weight: In [0, 1].
    """

    __tablename__ = "chain_tags"
    __table_args__ = (
        ForeignKeyConstraint(
            ["item_kind", "item_id", "source"],
            ["tag_statements.item_kind", "tag_statements.item_id", "tag_statements.source"],
            ondelete="CASCADE",
        ),
    )

    item_kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    item_id: Mapped[str] = mapped_column(Id, primary_key=True)
    source: Mapped[str] = mapped_column(String(10), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    chain: Mapped[str] = mapped_column(String)
    segment: Mapped[str | None] = mapped_column(String)
    weight: Mapped[float] = mapped_column(Float)
    evidence: Mapped[list[str]]


class ChainRenameRow(Base):
    """A chain or segment id that is gone, and the one that took its place."""

    __tablename__ = "chain_renames"

    old: Mapped[str] = mapped_column(Id, primary_key=True)
    new: Mapped[str] = mapped_column(Id)
    who: Mapped[str] = mapped_column(String)
    made_at: Mapped[datetime]


class CooperationRow(Versioned, Base):
    """An enterprise and a university or institute that have worked together.

    Attributes:
        since: First year.
        year: Year in which it was last heard of.
        kind: A way of working together, such as ``joint_development``.
        source: Where it is known from.
    """

    __tablename__ = "cooperations"

    enterprise: Mapped[str] = mapped_column(Id, ForeignKey("organizations.id"), index=True)
    university: Mapped[str] = mapped_column(Id, ForeignKey("organizations.id"), index=True)
    chain: Mapped[str | None] = mapped_column(String)
    segment: Mapped[str | None] = mapped_column(String)
    since: Mapped[int | None] = mapped_column(SmallInteger)
    year: Mapped[int | None] = mapped_column(SmallInteger)
    kind: Mapped[str | None] = mapped_column(String(30))
    source: Mapped[str] = mapped_column(Text, sort_order=LAST)
