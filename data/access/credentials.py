"""What an account signs in with; nobody but its owner and the sign-in itself reaches it."""

from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.orm import Session

from data.access.account import Account, account_of
from data.access.counting import changed_rows
from data.access.trail import Trail
from data.policy.actor import Actor
from data.policy.decide import decide
from data.policy.errors import Unseen
from data.policy.operation import Operation
from data.policy.subject import Subject
from data.tables import UserRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What a password and a code are compared with.

    Attributes:
        password_hash: None before the first password.
        totp_secret: Sealed; None without a second factor.
        totp_pending: A secret that waits for its first code; sealed.
        totp_step: The last time step whose code was used.
    """

    password_hash: str | None
    totp_secret: str | None
    totp_pending: str | None
    totp_step: int


class Credentials:
    """The secrets of accounts, for one actor in one transaction."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._trail = trail

    def of(self, user_id: str) -> Secrets:
        """The secrets of an account.

        Raises:
            Unseen: there is none, or they are not the actor's.
        """
        row = self._row(user_id, Operation.SESSION_CREATE)
        return Secrets(
            password_hash=row.password_hash,
            totp_secret=row.totp_secret,
            totp_pending=row.totp_pending,
            totp_step=row.totp_step,
        )

    def set_password(self, user_id: str, password_hash: str) -> Account:
        """Stores a new password.

        Raises:
            Unseen: there is no such account, or it is not the actor's.
        """
        row = self._row(user_id, Operation.ME_UPDATE)
        row.password_hash = password_hash
        return self._changed(row, "password changed")

    def strengthen(self, user_id: str, password_hash: str) -> None:
        """Stores the same password hashed better; nothing that a person would notice."""
        self._row(user_id, Operation.ME_UPDATE).password_hash = password_hash

    def offer_totp(self, user_id: str, sealed: str) -> None:
        """Keeps a sealed secret until its first code confirms it; the one in use stays."""
        self._row(user_id, Operation.ME_UPDATE).totp_pending = sealed

    def confirm_totp(self, user_id: str, *, step: int) -> Account:
        """Puts the offered secret into use.

        Args:
            user_id: The account.
            step: Of the code that confirmed it, which so counts as used.
        """
        row = self._row(user_id, Operation.ME_UPDATE)
        row.totp_secret, row.totp_pending, row.totp_step = row.totp_pending, None, step
        return self._changed(row, "second factor enrolled")

    def remove_totp(self, user_id: str) -> Account:
        """Takes the second factor away."""
        row = self._row(user_id, Operation.ME_UPDATE)
        row.totp_secret, row.totp_pending = None, None
        return self._changed(row, "second factor removed")

    def use_step(self, user_id: str, step: int, *, seen: int) -> bool:
        """Marks a code as used; False where another request was quicker.

        Args:
            user_id: The account.
            step: Time step of the code.
            seen: ``totp_step`` as it was when the code was checked.
        """
        self._row(user_id, Operation.SESSION_CREATE)
        statement = (
            update(UserRow)
            .where(UserRow.id == user_id, UserRow.totp_step == seen)
            .values(totp_step=step)
        )
        return changed_rows(self._session, statement) == 1

    def _row(self, user_id: str, operation: Operation) -> UserRow:
        if decide(self._actor, operation, Subject(account=user_id)) is None:
            raise Unseen(user_id)
        row = self._session.get(UserRow, user_id)
        if row is None:
            raise Unseen(user_id)
        return row

    def _changed(self, row: UserRow, event: str) -> Account:
        row.revision += 1
        self._session.flush()
        self._trail.note(Operation.ME_UPDATE, "user", row.id, event=event)
        return account_of(row)
