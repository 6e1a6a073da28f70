"""Accounts: who there is, what they may be, and whether they may still come in."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data.access.account import Account, account_of, folded_email
from data.access.account_errors import EmailTaken, LastAdministrator, OneselfNotAllowed
from data.access.account_rules import check_membership
from data.access.errors import Changed
from data.access.trail import Trail
from data.policy.actor import Actor, Role
from data.policy.decide import decide, require
from data.policy.errors import Unseen
from data.policy.operation import Operation
from data.policy.subject import Subject
from data.tables import OneTimeLinkRow, SessionRow, UserRow

FIELDS = ("email", "name", "role", "organization", "chains", "counties")
"""What an administrator may change of an account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """Which accounts to list; None for any.

    Attributes:
        enabled: Only those that may, or may not, be used.
        words: Part of the name or the e-mail.
    """

    role: Role | None = None
    organization: str | None = None
    enabled: bool | None = None
    words: str | None = None


class Users:
    """The accounts that one actor may see and change."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._trail = trail

    def me(self) -> Account:
        """The actor's own account.

        Raises:
            Unseen: it has none, as the program itself.
        """
        return account_of(self._row(self._actor.id, Operation.ME_READ))

    def rename_me(self, name: str, *, expected: str) -> Account:
        """Changes the actor's own name, the one thing that is one's own to say.

        Raises:
            Changed: the account was changed in the meantime.
        """
        row = self._row(self._actor.id, Operation.ME_UPDATE, lock=True)
        _check_revision(row, expected)
        row.name = name
        return self._changed(row, Operation.ME_UPDATE, fields=["name"])

    def get(self, user_id: str) -> Account:
        """The account under this id.

        Raises:
            Unseen: there is none, or the actor may not see it.
        """
        return account_of(self._row(user_id, Operation.USER_READ))

    def find(self, email: str) -> Account | None:
        """The account with this e-mail, in its one spelling; None where there is none.

        Raises:
            Forbidden: the actor may not look for accounts.
        """
        require(self._actor, Operation.USER_READ)
        row = self._session.scalar(select(UserRow).where(UserRow.email == email))
        return None if row is None else account_of(row)

    def page(self, wanted: UserFilter, *, after: str | None = None, k: int) -> list[Account]:
        """Up to ``k`` accounts by id, from behind ``after`` on.

        Raises:
            Forbidden: the actor may not list accounts.
        """
        require(self._actor, Operation.USER_READ)
        statement = _fitting(wanted).order_by(UserRow.id).limit(k)
        if after is not None:
            statement = statement.where(UserRow.id > after)
        return [account_of(row) for row in self._session.scalars(statement)]

    def any(self) -> bool:
        """Whether there is any account at all."""
        require(self._actor, Operation.USER_READ)
        return self._session.scalar(select(UserRow.id).limit(1)) is not None

    def add(
        self,
        *,
        email: str,
        name: str,
        role: Role,
        organization: str | None = None,
        chains: Sequence[str] = (),
        counties: Sequence[str] = (),
    ) -> Account:
        """A new account without a password; an invitation lets its owner choose one.

        Raises:
            Forbidden: the actor may not add accounts.
            EmailTaken: another account has this e-mail.
            NotAcceptable: role, organisation and limits do not go together.
        """
        require(self._actor, Operation.USER_UPDATE)
        row = UserRow(
            id=f"u-{uuid.uuid4().hex}",
            email=folded_email(email),
            name=name,
            role=role.value,
            organization=organization,
            chains=list(chains),
            counties=list(counties),
            totp_step=0,
            epoch=0,
            created_at=datetime.now(UTC),
            revision=0,
        )
        self._check(row)
        self._session.add(row)
        return self._changed(row, Operation.USER_UPDATE, event="added", role=role.value)

    def update(self, user_id: str, changes: Mapping[str, Any], *, expected: str) -> Account:
        """Changes what an administrator decides about an account.

        Args:
            user_id: Which one.
            changes: New values by name, among ``FIELDS``; with another e-mail, open
                one-time links no longer count.
            expected: The etag that the actor read.

        Raises:
            Unseen: there is none, or the actor may not see it.
            Changed: it was changed in the meantime.
            EmailTaken: another account has the new e-mail.
            NotAcceptable: role, organisation and limits do not go together.
            OneselfNotAllowed: the actor would change his own role.
            LastAdministrator: nobody would be left to let people in.
        """
        administrators = self._hold_administrators() if "role" in changes else set()
        row = self._row(user_id, Operation.USER_UPDATE, lock=True)
        _check_revision(row, expected)
        role = str(changes.get("role", row.role))
        if role != row.role:
            self._check_departure(row, administrators)
        reached_at = row.email
        for name in FIELDS:
            if name in changes:
                value = changes[name]
                setattr(row, name, list(value) if name in ("chains", "counties") else value)
        row.role = role
        row.email = folded_email(row.email)
        self._check(row)
        account = self._changed(row, Operation.USER_UPDATE, fields=sorted(changes))
        if account.email != reached_at:
            self._close_links(user_id)
        return account

    def disable(self, user_id: str) -> Account:
        """Shuts an account and ends its sessions; nothing happens to one that is shut.

        Raises:
            Unseen: there is none, or the actor may not see it.
            OneselfNotAllowed: it is the actor's own.
            LastAdministrator: nobody would be left to let people in.
        """
        administrators = self._hold_administrators()
        row = self._row(user_id, Operation.USER_UPDATE, lock=True)
        if row.disabled_at is not None:
            return account_of(row)
        self._check_departure(row, administrators)
        row.disabled_at = datetime.now(UTC)
        row.epoch += 1
        running = update(SessionRow).where(
            SessionRow.user == user_id, SessionRow.revoked_at.is_(None)
        )
        self._session.execute(running.values(revoked_at=row.disabled_at))
        return self._changed(row, Operation.USER_UPDATE, event="disabled")

    def enable(self, user_id: str) -> Account:
        """Opens an account again.

        Raises:
            Unseen: there is none, or the actor may not see it.
        """
        row = self._row(user_id, Operation.USER_UPDATE, lock=True)
        if row.disabled_at is None:
            return account_of(row)
        row.disabled_at = None
        return self._changed(row, Operation.USER_UPDATE, event="enabled")

    def _row(self, user_id: str, operation: Operation, *, lock: bool = False) -> UserRow:
        if decide(self._actor, operation, Subject(account=user_id)) is None:
            raise Unseen(user_id)
        row = self._session.get(UserRow, user_id, with_for_update=lock or None)
        if row is None:
            raise Unseen(user_id)
        return row

    def _check(self, row: UserRow) -> None:
        with self._session.no_autoflush:
            check_membership(
                self._session,
                role=Role(row.role),
                organization=row.organization,
                chains=row.chains,
                counties=row.counties,
            )
            same = select(UserRow.id).where(UserRow.email == row.email, UserRow.id != row.id)
            if self._session.scalar(same) is not None:
                raise EmailTaken(row.email)

    def _hold_administrators(self) -> set[str]:
        """The enabled administrators, locked before anything else and in one order.

        So two of them cannot shut each other out at the same moment, nor wait for each
        other.
        """
        enabled = (
            select(UserRow.id)
            .where(UserRow.role == Role.ADMINISTRATOR.value, UserRow.disabled_at.is_(None))
            .order_by(UserRow.id)
            .with_for_update()
        )
        return set(self._session.scalars(enabled))

    def _close_links(self, user_id: str) -> None:
        """Ends the links that went to the former address, which may be somebody else's."""
        sent = update(OneTimeLinkRow).where(
            OneTimeLinkRow.user == user_id, OneTimeLinkRow.used_at.is_(None)
        )
        self._session.execute(sent.values(used_at=datetime.now(UTC)))

    def _check_departure(self, row: UserRow, administrators: set[str]) -> None:
        """Refuses what would leave the house without an administrator."""
        if row.id == self._actor.id:
            raise OneselfNotAllowed
        if row.role == Role.ADMINISTRATOR and not administrators - {row.id}:
            raise LastAdministrator

    def _changed(self, row: UserRow, operation: Operation, **facts: Any) -> Account:
        row.revision += 1
        email = row.email
        try:
            self._session.flush()
        except IntegrityError as error:
            # another transaction was quicker than the check
            raise EmailTaken(email) from error
        self._trail.note(operation, "user", row.id, **facts)
        return account_of(row)


def _check_revision(row: UserRow, expected: str) -> None:
    if str(row.revision) != expected:
        raise Changed(row.id)


def _fitting(wanted: UserFilter) -> Select[UserRow]:
    statement = select(UserRow)
    if wanted.role is not None:
        statement = statement.where(UserRow.role == wanted.role.value)
    if wanted.organization is not None:
        statement = statement.where(UserRow.organization == wanted.organization)
    if wanted.enabled is not None:
        shut = UserRow.disabled_at.is_not(None)
        statement = statement.where(~shut if wanted.enabled else shut)
    if wanted.words:
        statement = statement.where(
            or_(
                UserRow.name.icontains(wanted.words, autoescape=True),
                UserRow.email.icontains(wanted.words, autoescape=True),
            )
        )
    return statement
