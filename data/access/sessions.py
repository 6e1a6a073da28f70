"""Sessions: one for each sign-in, with the refresh tokens that follow from it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from data.access.account import Account, account_of
from data.access.counting import changed_rows
from data.access.trail import Trail
from data.policy.actor import Actor
from data.policy.decide import decide, require
from data.policy.errors import Unseen
from data.policy.operation import Operation
from data.policy.subject import Subject
from data.tables import RefreshTokenRow, SessionRow, UserRow


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a session still counts.

    Attributes:
        session: Its id.
        account: Whose it is.
        method: How it began: ``password`` or ``oidc``.
        alive: Neither ended nor expired, and its account may be used.
    """

    session: str
    account: Account
    method: str
    alive: bool


@dataclass(frozen=True, slots=True)
class Rotation:
    """What became of a refresh token.

    Attributes:
        session: The session that it belongs to.
        user: The account of that session.
        replayed: It was used before, so one of its two users is a thief; the session ended.
    """

    session: str
    user: str
    replayed: bool


class Sessions:
    """The sessions of accounts, for one actor in one transaction."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._trail = trail

    def open(
        self,
        user_id: str,
        *,
        method: str,
        now: datetime,
        lifetime: timedelta,
        refresh_digest: str | None = None,
    ) -> str:
        """A new session; returns its id.

        Args:
            user_id: The account.
            method: ``password`` or ``oidc``.
            now: The time.
            lifetime: How long it counts, unless it is refreshed.
            refresh_digest: Of its first refresh token; None for a session without.

        Raises:
            Unseen: the account is not the actor's.
        """
        self._check(user_id, Operation.SESSION_CREATE)
        # what ended long ago serves nobody; its tokens go with it
        self._session.execute(
            delete(SessionRow).where(SessionRow.user == user_id, SessionRow.expires_at < now)
        )
        session_id = f"s-{uuid.uuid4().hex}"
        values = {
            "id": session_id,
            "user": user_id,
            "method": method,
            "created_at": now,
            "expires_at": now + lifetime,
        }
        self._session.execute(insert(SessionRow), [values])
        if refresh_digest is not None:
            self._keep(session_id, refresh_digest, now, lifetime)
        self._trail.note(Operation.SESSION_CREATE, "user", user_id, session=session_id)
        return session_id

    def rotate(
        self, digest: str, *, successor: str, now: datetime, lifetime: timedelta
    ) -> Rotation | None:
        """Exchanges a refresh token for its successor; None where it does not count.

        A token that was used before ends its session: whoever comes second, the thief or
        the owner, nobody goes on with it (RFC 9700, 4.14.2).

        Args:
            digest: Of the token that was sent.
            successor: Digest of the next one.
            now: The time.
            lifetime: How long the session counts from now on.
        """
        require(self._actor, Operation.SESSION_CREATE)
        token = RefreshTokenRow
        statement = (
            select(token.session, SessionRow.user, token.expires_at, SessionRow.revoked_at)
            .join(SessionRow, SessionRow.id == token.session)
            .where(token.digest == digest)
        )
        found = self._session.execute(statement).one_or_none()
        if found is None or found.revoked_at is not None or found.expires_at <= now:
            return None
        # the condition decides which of two requests at once was the first
        used = update(token).where(token.digest == digest, token.used_at.is_(None))
        first = changed_rows(self._session, used.values(used_at=now)) == 1
        if first:
            self._keep(found.session, successor, now, lifetime)
            prolonged = update(SessionRow).where(SessionRow.id == found.session)
            self._session.execute(prolonged.values(expires_at=now + lifetime))
        else:
            self._revoke([found.session], now)
            self._trail.note(Operation.SESSION_END, "user", found.user, event="refresh replayed")
        return Rotation(session=found.session, user=found.user, replayed=not first)

    def end(self, session_id: str, *, now: datetime) -> None:
        """Ends one session of the actor.

        Raises:
            Unseen: there is none, or it is somebody else's.
        """
        row = self._session.get(SessionRow, session_id)
        if row is None or decide(self._actor, Operation.SESSION_END, _of(row.user)) is None:
            raise Unseen(session_id)
        self._revoke([session_id], now)
        self._trail.note(Operation.SESSION_END, "user", row.user, session=session_id)

    def end_all(self, user_id: str, *, now: datetime, but: str | None = None) -> None:
        """Ends every session of an account, and every token that was ever issued for it.

        Args:
            user_id: The account.
            now: The time.
            but: A session to leave as it is; then the others end one by one.

        Raises:
            Unseen: the account is not the actor's.
        """
        self._check(user_id, Operation.SESSION_END)
        running = select(SessionRow.id).where(
            SessionRow.user == user_id, SessionRow.revoked_at.is_(None)
        )
        self._revoke([s for s in self._session.scalars(running) if s != but], now)
        if but is None:
            row = self._session.get_one(UserRow, user_id)
            row.epoch += 1
            self._session.flush()
        self._trail.note(Operation.SESSION_END, "user", user_id, event="every session ended")

    def standing(self, session_id: str, *, now: datetime) -> Standing | None:
        """Whether a session still counts, and for whom; None where there is none."""
        require(self._actor, Operation.USER_READ)
        statement = (
            select(UserRow, SessionRow.method, SessionRow.revoked_at, SessionRow.expires_at)
            .join(SessionRow, SessionRow.user == UserRow.id)
            .where(SessionRow.id == session_id)
        )
        found = self._session.execute(statement).one_or_none()
        if found is None:
            return None
        account = account_of(found[0])
        running = found.revoked_at is None and found.expires_at > now
        alive = running and account.disabled_at is None
        return Standing(session_id, account, found.method, alive)

    def _check(self, user_id: str, operation: Operation) -> None:
        if decide(self._actor, operation, _of(user_id)) is None:
            raise Unseen(user_id)

    def _keep(self, session_id: str, digest: str, now: datetime, lifetime: timedelta) -> None:
        values = {
            "digest": digest,
            "session": session_id,
            "created_at": now,
            "expires_at": now + lifetime,
        }
        self._session.execute(insert(RefreshTokenRow), [values])

    def _revoke(self, session_ids: Sequence[str], now: datetime) -> None:
        revoked = update(SessionRow).where(
            SessionRow.id.in_(session_ids), SessionRow.revoked_at.is_(None)
        )
        self._session.execute(revoked.values(revoked_at=now))


def _of(user_id: str) -> Subject:
    return Subject(account=user_id)
