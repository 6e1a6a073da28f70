"""What an account wants to hear of, as that account may see and change it."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from data.access.errors import Changed, NotAcceptable
from data.access.trail import Trail
from data.announce import Subscription, as_subscription
from data.chains import ChainRepository
from data.policy.actor import Actor
from data.policy.decide import require
from data.policy.operation import Operation
from data.policy.subject import Subject
from data.reference import counties
from data.tables import SubscriptionRow
from data.upsert import insert_if_new

NOTHING_ASKED = Subscription(events=())
"""What holds for an account that never subscribed."""


@dataclass(frozen=True, slots=True)
class StoredSubscription:
    """A subscription with its age.

    Attributes:
        revision: 0 before the first, rising with every change.
        updated_at: None before the first.
    """

    subscription: Subscription
    revision: int = 0
    updated_at: datetime | None = None

    @property
    def etag(self) -> str:
        """Names this state; changes with it."""
        return str(self.revision)


class Subscriptions:
    """The one subscription of the acting account."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._trail = trail

    def get(self) -> StoredSubscription:
        """What the account asked for.

        Raises:
            Forbidden: accounts of this role hear of their own postings only.
        """
        require(self._actor, Operation.SUBSCRIPTION_READ, Subject(account=self._actor.id))
        return self._stored()

    def put(self, wanted: Subscription, *, expected: str) -> StoredSubscription:
        """Stores what the account asks for in place of what it asked for before.

        Args:
            wanted: Chains and counties are ids; a broker names his own or none, which
                stands for all of his own.
            expected: The etag that the account read.

        Raises:
            Forbidden: accounts of this role hear of their own postings only.
            NotAcceptable: a chain or county does not exist, or is not the broker's.
            Changed: somebody changed it in the meantime.
        """
        require(self._actor, Operation.SUBSCRIPTION_UPDATE, Subject(account=self._actor.id))
        known = [chain.id for chain in ChainRepository(self._session).all()]
        _check("chains", wanted.chains, known, self._actor.chains)
        places = [county.id for county in counties()]
        _check("counties", wanted.counties, places, self._actor.counties)
        stored = self._write(wanted, expected)
        self._trail.note(
            Operation.SUBSCRIPTION_UPDATE,
            "subscription",
            self._actor.id,
            chains=wanted.chains,
            counties=wanted.counties,
            events=wanted.events,
        )
        return stored

    def _stored(self) -> StoredSubscription:
        row = self._session.get(SubscriptionRow, self._actor.id)
        if row is None:
            return StoredSubscription(NOTHING_ASKED)
        return StoredSubscription(as_subscription(row), row.revision, row.updated_at)

    def _write(self, wanted: Subscription, expected: str) -> StoredSubscription:
        """Writes only over what was expected; of two writers at once, one is told."""
        row, account = SubscriptionRow, self._actor.id
        revision = int(expected) if expected.isdecimal() and len(expected) < 10 else -1
        now = datetime.now(UTC)
        values = asdict(wanted) | {"revision": revision + 1, "updated_at": now}
        if revision == 0:
            fresh = insert_if_new(self._session, row).values(account=account, **values)
            written = self._session.scalar(fresh.returning(row.account))
        else:
            old = update(row).where(row.account == account, row.revision == revision)
            written = self._session.scalar(old.values(values).returning(row.account))
        if written is None:
            raise Changed("subscription")
        return StoredSubscription(wanted, revision + 1, now)


def _check(
    field: str, wanted: Collection[str], known: Collection[str], own: Collection[str]
) -> None:
    for name in wanted:
        if name not in known:
            raise NotAcceptable(
                field,
                f"没有 {name!r}；可选：{'、'.join(known)}。"
                f" / there is no {name!r}; choose among {', '.join(known)}",
            )
        if own and name not in own:
            raise NotAcceptable(
                field,
                f"{name} 不在您的服务范围内；可选：{'、'.join(own)}。"
                f" / {name} is outside your remit; choose among {', '.join(own)}",
            )
