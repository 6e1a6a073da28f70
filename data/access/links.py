"""One-time links, by which an account gets its first password or another one."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from data.access.account import Account, account_of
from data.access.counting import changed_rows
from data.access.trail import Trail
from data.policy.actor import Actor
from data.policy.decide import require
from data.policy.operation import Operation
from data.tables import OneTimeLinkRow, UserRow


class Purpose(StrEnum):
    """What a link is for."""

    INVITE = "invite"
    """An administrator lets somebody in for the first time."""
    RESET = "reset"
    """Somebody forgot the password; the second factor stays."""
    RECOVER = "recover"
    """An administrator knows who lost password or phone; the second factor goes."""


class Links:
    """One-time links, for one actor in one transaction."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._trail = trail

    def create(
        self, user_id: str, purpose: Purpose, *, digest: str, now: datetime, lifetime: timedelta
    ) -> None:
        """Keeps a new link; an earlier one for the same purpose no longer counts.

        Raises:
            Forbidden: the actor may not let people in.
        """
        require(self._actor, Operation.USER_UPDATE)
        self._close(user_id, now, OneTimeLinkRow.purpose == purpose.value)
        values = {
            "digest": digest,
            "user": user_id,
            "purpose": purpose.value,
            "created_at": now,
            "expires_at": now + lifetime,
        }
        self._session.execute(insert(OneTimeLinkRow), [values])
        self._trail.note(Operation.USER_UPDATE, "user", user_id, event=f"{purpose} link made")

    def find(self, digest: str, *, now: datetime) -> tuple[Account, Purpose] | None:
        """The account that an open link is for; None where it does not count."""
        require(self._actor, Operation.USER_READ)
        link = OneTimeLinkRow
        statement = (
            select(UserRow, link.purpose)
            .join(link, link.user == UserRow.id)
            .where(link.digest == digest, link.used_at.is_(None), link.expires_at > now)
        )
        found = self._session.execute(statement).one_or_none()
        return None if found is None else (account_of(found[0]), Purpose(found[1]))

    def use(self, digest: str, *, now: datetime) -> bool:
        """Closes a link; False where another request was quicker.

        Every other open link of the account is closed with it.
        """
        require(self._actor, Operation.USER_UPDATE)
        link = OneTimeLinkRow
        statement = (
            update(link)
            .where(link.digest == digest, link.used_at.is_(None), link.expires_at > now)
            .values(used_at=now)
        )
        if changed_rows(self._session, statement) != 1:
            return False
        user = self._session.scalar(select(link.user).where(link.digest == digest))
        self._close(str(user), now)
        return True

    def _close(self, user_id: str, now: datetime, *conditions: ColumnElement[bool]) -> None:
        link = OneTimeLinkRow
        statement = update(link).where(link.user == user_id, link.used_at.is_(None), *conditions)
        self._session.execute(statement.values(used_at=now))
