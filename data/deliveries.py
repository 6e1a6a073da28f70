"""The queue of things to send: taken on a lease, tried again, given up.

A delivery is sent at least once. Whoever takes one has it for the length of a lease; a
sender that dies in between loses nothing, and two of them never have the same one at once.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from data.delivery_values import MailDelivery, RetryPolicy, Told, WebhookDelivery
from data.public_titles import public_titles
from data.session import session_scope
from data.tables import DeliveryRow, InboxItemRow, UserRow, WebhookRow
from matcher.types import Achievement, Need

LEASE = timedelta(minutes=5)
"""How long a sender may have a delivery in hand; far longer than one attempt takes."""

AT_ONCE = 4
"""Deliveries to one webhook in one round, so that a slow one holds up no other."""

IN_ONE_MAIL = 1_000
"""Items that one mail can tell of."""

KEPT = timedelta(days=30)
"""How long settled deliveries can be looked at."""

STALE = timedelta(days=7)
"""News that could not be sent for so long are news no more."""


class DeliveryQueue:
    """The queue in one database; each call is a short transaction of its own."""

    def __init__(self, engine: Engine, retry: RetryPolicy | None = None) -> None:
        self._engine = engine
        self._retry = retry or RetryPolicy()

    def take_webhooks(self, now: datetime, *, k: int) -> list[WebhookDelivery]:
        """At most ``k`` requests to make, oldest first, on a lease."""
        due = select(
            DeliveryRow.id,
            DeliveryRow.created_at,
            func.row_number()
            .over(
                partition_by=DeliveryRow.webhook, order_by=(DeliveryRow.created_at, DeliveryRow.id)
            )
            .label("place"),
        ).join(WebhookRow, WebhookRow.id == DeliveryRow.webhook)
        ready = or_(WebhookRow.paused_until.is_(None), WebhookRow.paused_until <= now)
        places = due.where(*_due("webhook", now), ready).subquery()
        chosen = (
            select(places.c.id)
            .where(places.c.place <= AT_ONCE)
            .order_by(places.c.created_at, places.c.id)
            .limit(k)
        )
        if not self._any(chosen):
            return []
        with session_scope(self._engine) as session:
            lease, rows = _lease(session, "webhook", chosen, now)
            hooks = select(WebhookRow).where(WebhookRow.id.in_({row.webhook for row in rows}))
            by_id = {hook.id: hook for hook in session.scalars(hooks)}
            told = _told(session, rows)
            return [_request(row, by_id[str(row.webhook)], told, lease) for row in rows]

    def take_mails(self, now: datetime, *, interval: timedelta, k: int) -> list[MailDelivery]:
        """At most ``k`` mails to send, on a lease.

        Args:
            now: What is due by then is taken.
            interval: An account that got a mail within it waits for its next one.
            k: Most accounts.
        """
        first = func.min(DeliveryRow.created_at).label("first")
        due = select(DeliveryRow.account, first).where(*_due("mail", now))
        waiting = due.group_by(DeliveryRow.account).subquery()
        mail = exists().where(
            DeliveryRow.channel == "mail", DeliveryRow.account == waiting.c.account
        )
        under_way = mail.where(DeliveryRow.state == "waiting", DeliveryRow.leased_until > now)
        sent = mail.where(DeliveryRow.state == "sent", DeliveryRow.settled_at > now - interval)
        free = select(waiting.c.account).where(~under_way, ~sent)
        accounts = free.order_by(waiting.c.first).limit(k)
        if not self._any(accounts):
            return []
        mails = []
        with session_scope(self._engine) as session:
            for account in session.scalars(accounts).all():
                chosen = (
                    select(DeliveryRow.id)
                    .where(*_due("mail", now), DeliveryRow.account == account)
                    .order_by(DeliveryRow.created_at, DeliveryRow.id)
                    .limit(IN_ONE_MAIL)
                )
                lease, rows = _lease(session, "mail", chosen, now)
                user = session.get(UserRow, account)
                if rows and user is not None:
                    mails.append(_mail(rows, user, _told(session, rows), lease))
        return mails

    def settle_webhooks(
        self, outcomes: Sequence[tuple[WebhookDelivery, str | None]], now: datetime
    ) -> None:
        """Records what became of requests.

        Args:
            outcomes: Each request, with None for success or the reason of the failure.
            now: When.
        """
        if not outcomes:
            return
        # a success among failures shows that the webhook works
        working = {request.webhook for request, failure in outcomes if failure is None}
        with session_scope(self._engine) as session:
            # in one order, and each webhook before its deliveries, so that two senders that
            # settle at once queue and never wait for each other
            for request, failure in sorted(outcomes, key=lambda o: (o[0].webhook, o[0].id)):
                hook = session.get_one(WebhookRow, request.webhook, with_for_update=True)
                for row in _leased(session, [request.id], request.lease):
                    self._settle(row, failure, now)
                    if failure is None or request.webhook not in working:
                        self._mark(session, hook, row, failure, now)

    def settle_mail(self, mail: MailDelivery, failure: str | None, now: datetime) -> None:
        """Records what became of a mail.

        Args:
            mail: As it was taken.
            failure: None for success.
            now: When.
        """
        with session_scope(self._engine) as session:
            for row in _leased(session, mail.ids, mail.lease):
                self._settle(row, failure, now)

    def clear(self, now: datetime) -> None:
        """Forgets what was settled long ago, and gives up what waits for nobody."""
        row = DeliveryRow
        with session_scope(self._engine) as session:
            session.execute(delete(row).where(row.settled_at < now - KEPT))
            stale = update(row).where(row.state == "waiting", row.created_at < now - STALE)
            session.execute(stale.values(state="failed", settled_at=now, failure="expired"))

    def _any(self, chosen: Select[Any]) -> bool:
        """Looks before it locks: on most rounds there is nothing to do."""
        with session_scope(self._engine, write=False) as session:
            return session.execute(chosen.limit(1)).first() is not None

    def _settle(self, row: DeliveryRow, failure: str | None, now: datetime) -> None:
        row.failure, row.lease, row.leased_until = failure, None, None
        if failure is None:
            row.state, row.settled_at = "sent", now
        elif row.attempts >= self._retry.attempts:
            row.state, row.settled_at = "failed", now
        else:
            row.due_at = now + self._retry.wait(row.attempts)

    def _mark(
        self,
        session: Session,
        hook: WebhookRow,
        row: DeliveryRow,
        failure: str | None,
        now: datetime,
    ) -> None:
        hook.failure = failure
        if failure is None:
            hook.succeeded_at, hook.failing_since, hook.paused_until = now, None, None
            return
        hook.failing_since = hook.failing_since or now
        # the others that wait for it would only fail as well
        hook.paused_until = row.due_at if row.state == "waiting" else None
        if now - hook.failing_since > timedelta(seconds=self._retry.patience_s):
            waiting = update(DeliveryRow).where(
                DeliveryRow.webhook == hook.id, DeliveryRow.state == "waiting"
            )
            session.execute(waiting.values(state="failed", settled_at=now, failure="given_up"))


def _due(channel: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    row = DeliveryRow
    enabled = select(UserRow.id).where(UserRow.disabled_at.is_(None))
    return (
        row.state == "waiting",
        row.channel == channel,
        row.due_at <= now,
        or_(row.leased_until.is_(None), row.leased_until <= now),
        row.account.in_(enabled),
    )


def _lease(
    session: Session, channel: str, chosen: Select[Any], now: datetime
) -> tuple[str, list[DeliveryRow]]:
    """Leases what was chosen and is still to be had.

    On PostgreSQL another sender may have chosen the same; the conditions are asked again
    of each row once it is locked. SQLite lets one writer in at a time.
    """
    row, lease = DeliveryRow, uuid.uuid4().hex
    free = select(row).where(row.id.in_(chosen), *_due(channel, now))
    ordered = free.order_by(row.created_at, row.id).with_for_update(skip_locked=True)
    taken = list(session.scalars(ordered))
    for delivery in taken:
        delivery.lease = lease
        delivery.leased_until = now + LEASE
        delivery.attempts += 1
    session.flush()
    return lease, taken


def _leased(session: Session, ids: Collection[str], lease: str) -> list[DeliveryRow]:
    """What is still this sender's to settle: neither given up nor taken over since."""
    row = DeliveryRow
    own = select(row).where(row.id.in_(ids), row.lease == lease, row.state == "waiting")
    return list(session.scalars(own.with_for_update()))


def _told(session: Session, rows: Collection[DeliveryRow]) -> dict[int, Told]:
    ids = {row.item for row in rows if row.item is not None}
    items = list(session.scalars(select(InboxItemRow).where(InboxItemRow.id.in_(ids))))
    needs = public_titles(session, Need, {i.need for i in items if i.need})
    achievements = public_titles(
        session, Achievement, {i.achievement for i in items if i.achievement}
    )
    return {
        item.id: Told(
            item=item.id,
            kind=item.kind,
            need=item.need,
            need_title=needs.get(item.need or ""),
            achievement=item.achievement,
            achievement_title=achievements.get(item.achievement or ""),
            probability=item.probability,
            created_at=item.created_at,
        )
        for item in items
    }


def _request(
    row: DeliveryRow, hook: WebhookRow, told: Mapping[int, Told], lease: str
) -> WebhookDelivery:
    return WebhookDelivery(
        id=row.id,
        lease=lease,
        webhook=hook.id,
        url=hook.url,
        secret=hook.secret,
        told=None if row.item is None else told[row.item],
        created_at=row.created_at,
    )


def _mail(
    rows: Sequence[DeliveryRow], user: UserRow, told: Mapping[int, Told], lease: str
) -> MailDelivery:
    return MailDelivery(
        ids=tuple(row.id for row in rows),
        lease=lease,
        address=user.email,
        name=user.name,
        told=tuple(told[row.item] for row in rows if row.item is not None),
    )
