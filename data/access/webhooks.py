"""Addresses of an account's own programs that are told of news."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.orm import Session

from data.access.errors import NotAcceptable
from data.access.trail import Trail
from data.announce import KINDS, Kind, delivery
from data.policy.actor import Actor
from data.policy.decide import require
from data.policy.errors import Unseen
from data.policy.operation import Operation
from data.policy.subject import Subject
from data.tables import DeliveryRow, WebhookRow

MOST = 10
"""Webhooks that one account can have at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One address, without its secret.

    Attributes:
        events: Kinds of news that it is told of.
        failing_since: First failure since the last success; None where all goes well.
        failure: Why the last attempt failed; None where it did not.
        succeeded_at: The last success.
        paused_until: No attempt before then.
    """

    id: str
    url: str
    events: tuple[Kind, ...]
    created_at: datetime
    failing_since: datetime | None
    failure: str | None
    succeeded_at: datetime | None
    paused_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentDelivery:
    """One delivery to a webhook.

    Attributes:
        item: The inbox item that it tells of; None for a test.
        state: ``waiting``, ``sent`` or ``failed``.
        due_at: When it is tried next, while it is waiting.
        failure: Why the last attempt failed.
    """

    id: str
    item: int | None
    state: str
    attempts: int
    created_at: datetime
    due_at: datetime
    settled_at: datetime | None
    failure: str | None


class Webhooks:
    """The webhooks of the acting account."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._trail = trail

    def add(self, url: str, events: Sequence[Kind], *, secret: str) -> Webhook:
        """Adds an address.

        Args:
            url: One that was found safe to call (``api.delivery.safe_address``).
            events: Kinds of news that it is told of.
            secret: Signs what is sent there; sealed.

        Raises:
            NotAcceptable: the account has ``MOST`` webhooks already.
        """
        self._require(Operation.WEBHOOK_UPDATE)
        row = WebhookRow
        counted = select(func.count()).select_from(row).where(*self._own())
        if (self._session.scalar(counted) or 0) >= MOST:
            raise NotAcceptable(
                "url",
                f"每个账号最多 {MOST} 个 Webhook，请先停用不再使用的。"
                f" / an account has at most {MOST} webhooks; give up one that is out of use",
            )
        hook_id = f"w-{uuid.uuid4().hex}"
        chosen = [kind for kind in KINDS if kind in events]
        self._session.execute(
            insert(row).values(
                id=hook_id,
                account=self._actor.id,
                url=url,
                events=chosen,
                secret=secret,
                created_at=datetime.now(UTC),
            )
        )
        self._trail.note(Operation.WEBHOOK_UPDATE, "webhook", hook_id, events=chosen)
        return self.get(hook_id)

    def get(self, hook_id: str) -> Webhook:
        """The webhook in use under this id.

        Raises:
            Unseen: the account has none.
        """
        self._require(Operation.WEBHOOK_READ)
        return _webhook(self._row(hook_id))

    def all(self) -> list[Webhook]:
        """Every webhook in use, oldest first."""
        self._require(Operation.WEBHOOK_READ)
        row = WebhookRow
        found = select(row).where(*self._own()).order_by(row.created_at, row.id)
        return [_webhook(hook) for hook in self._session.scalars(found)]

    def end(self, hook_id: str) -> None:
        """Gives a webhook up; what still waits for it is not sent.

        Raises:
            Unseen: the account has none.
        """
        self._require(Operation.WEBHOOK_UPDATE)
        hook = self._row(hook_id)
        now = datetime.now(UTC)
        hook.ended_at = now
        waiting = update(DeliveryRow).where(
            DeliveryRow.webhook == hook_id, DeliveryRow.state == "waiting"
        )
        self._session.execute(waiting.values(state="failed", settled_at=now, failure="ended"))
        self._trail.note(Operation.WEBHOOK_UPDATE, "webhook", hook_id, ended=True)

    def test(self, hook_id: str) -> str:
        """Queues a delivery that tells of nothing, and returns its id; ends a pause.

        Raises:
            Unseen: the account has none.
        """
        self._require(Operation.WEBHOOK_UPDATE)
        hook = self._row(hook_id)
        hook.paused_until = None
        queued = delivery("webhook", self._actor.id, datetime.now(UTC), webhook=hook_id)
        self._session.execute(insert(DeliveryRow).values(queued))
        self._trail.note(Operation.WEBHOOK_UPDATE, "webhook", hook_id, test=True)
        return str(queued["id"])

    def deliveries(self, hook_id: str, *, k: int) -> list[SentDelivery]:
        """The newest deliveries to a webhook, newest first.

        Raises:
            Unseen: the account has none.
        """
        self._require(Operation.WEBHOOK_READ)
        self._row(hook_id)
        row = DeliveryRow
        newest = select(row).where(row.webhook == hook_id)
        ordered = newest.order_by(row.created_at.desc(), row.id).limit(k)
        return [_sent(found) for found in self._session.scalars(ordered)]

    def _require(self, operation: Operation) -> None:
        require(self._actor, operation, Subject(account=self._actor.id))

    def _own(self) -> tuple[ColumnElement[bool], ...]:
        return (WebhookRow.account == self._actor.id, WebhookRow.ended_at.is_(None))

    def _row(self, hook_id: str) -> WebhookRow:
        found = select(WebhookRow).where(*self._own(), WebhookRow.id == hook_id)
        hook = self._session.scalars(found).one_or_none()
        if hook is None:
            raise Unseen(hook_id)
        return hook


def _webhook(row: WebhookRow) -> Webhook:
    return Webhook(
        id=row.id,
        url=row.url,
        events=tuple(cast("Kind", kind) for kind in row.events),
        created_at=row.created_at,
        failing_since=row.failing_since,
        failure=row.failure,
        succeeded_at=row.succeeded_at,
        paused_until=row.paused_until,
    )


def _sent(row: DeliveryRow) -> SentDelivery:
    return SentDelivery(
        id=row.id,
        item=row.item,
        state=row.state,
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
        settled_at=row.settled_at,
        failure=row.failure,
    )
