"""News for accounts: into their inboxes, and queued for their webhooks and mail."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from data.policy.actor import Actor, Role
from data.policy.decide import decide
from data.policy.operation import Operation
from data.policy.subject import Subject, within_remit
from data.repository import in_batches
from data.tables import DeliveryRow, InboxItemRow, SubscriptionRow, UserRow, WebhookRow
from data.upsert import insert_if_new
from matcher.types import Status

Kind = Literal["strong_match", "posting_published", "posting_returned", "case_overdue"]
"""What news can be about; subscriptions and webhooks choose among these."""

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something that happened.

    Attributes:
        dedupe: Names it, such as ``strong_match:n1:a1``; no account hears of it twice.
        need: Id of the need that it is about.
        achievement: Id of the achievement that it is about.
        probability: Chance that the match is of level 3 or higher, in [0, 1]; None where
            there is nothing to weigh.
        chains: Chains in force of what it is about.
        county: Its county.
        recipients: Accounts that it is for, whatever they subscribed to; empty for all
            whose subscription fits.
    """

    kind: Kind
    dedupe: str
    need: str | None = None
    achievement: str | None = None
    probability: float | None = None
    chains: frozenset[str] = frozenset()
    county: str | None = None
    recipients: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What an account wants to hear of, and how; empty tuples leave nothing out.

    Attributes:
        events: Kinds of news.
        min_probability: Of news that have a probability, in [0, 1].
        inbox: Whether news are listed in the inbox.
        mail: Whether they are collected into mails.
        webhook: Whether the account's webhooks are told.
    """

    chains: tuple[str, ...] = ()
    counties: tuple[str, ...] = ()
    events: tuple[Kind, ...] = ("strong_match",)
    min_probability: float = 0.5
    inbox: bool = True
    mail: bool = False
    webhook: bool = True

    def wants(self, news: News) -> bool:
        """Whether it asks for these news."""
        return (
            news.kind in self.events
            and (not self.chains or not news.chains.isdisjoint(self.chains))
            and (not self.counties or news.county in self.counties)
            and (news.probability is None or news.probability >= self.min_probability)
        )


@dataclass(frozen=True, slots=True)
class _Listener:
    account: Actor
    subscription: Subscription | None
    webhooks: tuple[WebhookRow, ...]

    def hears(self, news: News) -> bool:
        if news.recipients:
            return self.account.id in news.recipients
        asked = self.subscription is not None and self.subscription.wants(news)
        return asked and self._may_hear(news)

    def _may_hear(self, news: News) -> bool:
        # a remit may have become narrower than the subscription made under it
        about = Subject(status=Status.PUBLISHED, chains=news.chains, county=news.county)
        return self.account.role is not Role.BROKER or within_remit(self.account, about)


def announce(session: Session, news: Sequence[News]) -> int:
    """Tells every account that news are for, in the caller's transaction.

    An inbox item is made for each account that may hear of them, and a delivery for each
    of its channels. Repeating a call adds nothing, also when two processes make it at once.
    Whether an account may see the postings is asked again whenever an item is shown.

    Returns:
        How many items were made.
    """
    if not news:
        return 0
    listeners = list(_listeners(session))
    made, now = 0, datetime.now(UTC)
    for batch in in_batches(news):
        made += _tell(session, batch, listeners, now)
    return made


def as_subscription(row: SubscriptionRow) -> Subscription:
    """The subscription that a row stands for."""
    return Subscription(
        chains=tuple(row.chains),
        counties=tuple(row.counties),
        events=tuple(kind for kind in KINDS if kind in row.events),
        min_probability=row.min_probability,
        inbox=row.inbox,
        mail=row.mail,
        webhook=row.webhook,
    )


def _listeners(session: Session) -> Iterator[_Listener]:
    subscriptions = {row.account: row for row in session.scalars(select(SubscriptionRow))}
    webhooks: dict[str, list[WebhookRow]] = defaultdict(list)
    for hook in session.scalars(select(WebhookRow).where(WebhookRow.ended_at.is_(None))):
        webhooks[hook.account].append(hook)
    user = UserRow
    columns = (user.id, user.role, user.organization, user.chains, user.counties)
    for row in session.execute(select(*columns).where(user.disabled_at.is_(None))):
        account = Actor(
            id=row.id,
            role=Role(row.role),
            organization=row.organization,
            chains=tuple(row.chains),
            counties=tuple(row.counties),
        )
        asked = subscriptions.get(row.id)
        may = decide(account, Operation.SUBSCRIPTION_READ, Subject(account=account.id))
        subscription = as_subscription(asked) if asked is not None and may else None
        yield _Listener(account, subscription, tuple(webhooks[row.id]))


def _tell(
    session: Session, news: Sequence[News], listeners: Sequence[_Listener], now: datetime
) -> int:
    by_key = {
        (listener.account.id, item.dedupe): (listener, item)
        for item in news
        for listener in listeners
        if listener.hears(item)
    }
    deliveries: list[dict[str, Any]] = []
    made = 0
    # in one order, so that two who tell the same at once queue and never wait for each other
    for keys in in_batches(sorted(by_key)):
        rows = [_item(*by_key[key], now) for key in keys]
        for item_id, account, dedupe in _insert_new(session, rows):
            made += 1
            listener, item = by_key[account, dedupe]
            deliveries.extend(_deliveries(listener, item, item_id, now))
    for batch in in_batches(deliveries):
        session.execute(insert(DeliveryRow), batch)
    return made


def _insert_new(session: Session, rows: list[dict[str, Any]]) -> list[tuple[int, str, str]]:
    table = InboxItemRow
    columns = (table.id, table.account, table.dedupe)
    made = session.execute(insert_if_new(session, table).returning(*columns), rows)
    return [(row.id, row.account, row.dedupe) for row in made]


def _item(listener: _Listener, news: News, now: datetime) -> dict[str, Any]:
    asked = listener.subscription or Subscription()
    return {
        "account": listener.account.id,
        "kind": news.kind,
        "dedupe": news.dedupe,
        "need": news.need,
        "achievement": news.achievement,
        "probability": news.probability,
        "listed": asked.inbox,
        "created_at": now,
        "read_at": None,
    }


def _deliveries(
    listener: _Listener, news: News, item: int, now: datetime
) -> Iterator[dict[str, Any]]:
    asked = listener.subscription or Subscription()
    if asked.mail:
        yield delivery("mail", listener.account.id, now, item=item)
    for hook in listener.webhooks if asked.webhook else ():
        if news.kind in hook.events:
            yield delivery("webhook", listener.account.id, now, item=item, webhook=hook.id)


def delivery(
    channel: str,
    account: str,
    now: datetime,
    *,
    item: int | None = None,
    webhook: str | None = None,
) -> dict[str, Any]:
    """Column values of something to send at once."""
    return {
        "id": uuid.uuid4().hex,
        "channel": channel,
        "account": account,
        "item": item,
        "webhook": webhook,
        "state": "waiting",
        "created_at": now,
        "due_at": now,
        "attempts": 0,
        "leased_until": None,
        "lease": None,
        "settled_at": None,
        "failure": None,
    }
