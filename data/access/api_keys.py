"""API keys: a machine acts for an account, within scopes."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from data.access.account import Account, account_of
from data.access.counting import changed_rows
from data.access.trail import Trail
from data.policy.actor import Actor
from data.policy.decide import decide, require
from data.policy.errors import Unseen
from data.policy.operation import Operation
from data.policy.subject import Subject
from data.tables import ApiKeyRow, UserRow

NOTED_EVERY = timedelta(hours=1)
"""How exactly the last use of a key is known; more would write on every read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One key, as its owner may see it.

    Attributes:
        hint: Its first characters.
        scopes: Operations, or ``resource.*``.
        expires_at: None for never.
        revoked_at: None while it counts.
        last_used_at: To the hour; None before the first use.
    """

    id: str
    user: str
    name: str
    hint: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeyStanding:
    """Whether a key still counts.

    Attributes:
        account: Whom it acts for.
        key: The key.
        alive: Neither revoked nor expired, and its account may be used.
    """

    account: Account
    key: ApiKey
    alive: bool


class ApiKeys:
    """The keys of accounts, for one actor in one transaction."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._trail = trail

    def mine(self) -> list[ApiKey]:
        """The actor's keys, oldest first, with those that count no longer."""
        require(self._actor, Operation.ME_READ, Subject(account=self._actor.id))
        statement = (
            select(ApiKeyRow)
            .where(ApiKeyRow.user == self._actor.id)
            .order_by(ApiKeyRow.created_at, ApiKeyRow.id)
        )
        return [_key(row) for row in self._session.scalars(statement)]

    def create(
        self,
        *,
        name: str,
        digest: str,
        hint: str,
        scopes: Sequence[str],
        now: datetime,
        expires_at: datetime | None,
    ) -> ApiKey:
        """A new key of the actor; the key itself is never stored."""
        require(self._actor, Operation.ME_UPDATE, Subject(account=self._actor.id))
        row = ApiKeyRow(
            id=f"k-{uuid.uuid4().hex}",
            user=self._actor.id,
            name=name,
            digest=digest,
            hint=hint,
            scopes=list(scopes),
            created_at=now,
            expires_at=expires_at,
        )
        self._session.add(row)
        self._session.flush()
        self._trail.note(Operation.ME_UPDATE, "api_key", row.id, event="created", scopes=scopes)
        return _key(row)

    def revoke(self, key_id: str, *, now: datetime) -> ApiKey:
        """Ends a key for good.

        Raises:
            Unseen: there is none, or it is not the actor's.
        """
        row = self._session.get(ApiKeyRow, key_id)
        if row is None or not self._may_change(row):
            raise Unseen(key_id)
        if row.revoked_at is None:
            row.revoked_at = now
            self._session.flush()
            self._trail.note(Operation.ME_UPDATE, "api_key", key_id, event="revoked")
        return _key(row)

    def standing(self, digest: str, *, now: datetime) -> KeyStanding | None:
        """Whether a key still counts, and for whom; None where there is none."""
        require(self._actor, Operation.USER_READ)
        statement = (
            select(ApiKeyRow, UserRow)
            .join(UserRow, UserRow.id == ApiKeyRow.user)
            .where(ApiKeyRow.digest == digest)
        )
        found = self._session.execute(statement).one_or_none()
        if found is None:
            return None
        key, account = _key(found[0]), account_of(found[1])
        current = key.expires_at is None or key.expires_at > now
        alive = current and key.revoked_at is None and account.disabled_at is None
        return KeyStanding(account, key, alive)

    def note_use(self, key_id: str, *, now: datetime) -> bool:
        """Remembers that a key was used, unless that was noted within the hour."""
        require(self._actor, Operation.USER_UPDATE)
        last = ApiKeyRow.last_used_at
        # one in the future is from a clock that was wrong
        stale = or_(last.is_(None), last <= now - NOTED_EVERY, last > now)
        statement = update(ApiKeyRow).where(ApiKeyRow.id == key_id, stale).values(last_used_at=now)
        return changed_rows(self._session, statement) == 1

    def _may_change(self, row: ApiKeyRow) -> bool:
        return decide(self._actor, Operation.ME_UPDATE, Subject(account=row.user)) is not None


def _key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        user=row.user,
        name=row.name,
        hint=row.hint,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
