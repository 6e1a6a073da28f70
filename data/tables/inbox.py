"""What accounts want to hear of, what they were told, and what still has to be sent."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base, Id

# SQLite numbers rows by itself in this one type only, which holds 64 bits all the same
Number = BigInteger().with_variant(Integer(), "sqlite")


class SubscriptionRow(Base):
    """What one account wants to hear of; empty lists leave nothing out.

    Attributes:
        events: Kinds of news (``data.announce.Kind``).
        min_probability: Lowest chance of level 3 or higher, in [0, 1].
        inbox: Whether its news are listed in the inbox.
        revision: 1 for the first, rising with every change.
    """

    __tablename__ = "subscriptions"

    account: Mapped[str] = mapped_column(Id, primary_key=True)
    chains: Mapped[list[str]]
    counties: Mapped[list[str]]
    events: Mapped[list[str]]
    min_probability: Mapped[float] = mapped_column(Float)
    inbox: Mapped[bool] = mapped_column(Boolean)
    mail: Mapped[bool] = mapped_column(Boolean)
    webhook: Mapped[bool] = mapped_column(Boolean)
    updated_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(Integer)


class InboxItemRow(Base):
    """One piece of news for one account; the words are looked up whenever it is shown.

    Attributes:
        dedupe: What it is about; an account hears of it once.
        listed: Whether the inbox shows it, or it was only sent.
    """

    __tablename__ = "inbox_items"
    __table_args__ = (
        UniqueConstraint("account", "dedupe"),
        Index("ix_inbox_items_listed", "account", "listed", "id"),
        Index("ix_inbox_items_unread", "account", "listed", "read_at"),
    )

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    account: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(30))
    dedupe: Mapped[str] = mapped_column(String)
    need: Mapped[str | None] = mapped_column(Id)
    achievement: Mapped[str | None] = mapped_column(Id)
    probability: Mapped[float | None] = mapped_column(Float)
    listed: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class WebhookRow(Base):
    """An address of an account's own program that is told of news.

    Attributes:
        secret: Signs what is sent; sealed, as signing needs it again.
        ended_at: When it was given up by its owner; None while it is in use.
        failing_since: First failure since the last success; None where that went well.
        failure: Why the last attempt failed.
        paused_until: No attempt before then; None for at once.
    """

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    account: Mapped[str] = mapped_column(Id, index=True)
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]]
    secret: Mapped[str] = mapped_column(String)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(String(60))
    succeeded_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]


class DeliveryRow(Base):
    """One thing to send: an item to a webhook, or into an account's next mail.

    Attributes:
        channel: ``webhook`` or ``mail``.
        item: What it tells; None for a test of the webhook.
        state: ``waiting``, ``sent`` or ``failed``.
        due_at: Not before then.
        attempts: How often it was taken up.
        leased_until: Until when a sender has it in hand; later, it is taken for dead.
        lease: Which sender that is.
        failure: Why the last attempt failed.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_due", "state", "channel", "due_at"),
        Index("ix_deliveries_settled", "channel", "account", "settled_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    channel: Mapped[str] = mapped_column(String(10))
    account: Mapped[str] = mapped_column(Id)
    item: Mapped[int | None] = mapped_column(
        Number, ForeignKey("inbox_items.id", ondelete="CASCADE"), index=True
    )
    webhook: Mapped[str | None] = mapped_column(
        Id, ForeignKey("webhooks.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(SmallInteger)
    leased_until: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(String(32))
    settled_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(String(60))
