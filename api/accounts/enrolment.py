"""Changing what one signs in with; each change asks for the password once more."""

from dataclasses import dataclass

from api.accounts.accounts import Accounts, Caller
from api.accounts.errors import BadCode, NothingToConfirm, OnlyInPerson
from api.accounts.identity import WHILE_ENROLLING
from api.accounts.proof import prove
from api.accounts.second_factor import enrolment_uri, new_secret, step_of
from api.seal import SealBroken
from data.access.account import Account
from data.policy.actor import Actor


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret for an authenticator, shown once.

    Attributes:
        secret: To be typed in.
        uri: The same as a QR code holds it.
    """

    secret: str
    uri: str


def change_password(
    accounts: Accounts,
    actor: Actor,
    caller: Caller,
    *,
    old: str,
    code: str | None,
    new: str,
    session: str | None,
) -> None:
    """Sets another password and ends every other session of the account.

    Args:
        accounts: The accounts.
        actor: Whose password.
        caller: Where the request comes from.
        old: The password until now.
        code: Of the authenticator, where the account has one.
        new: The password from now on.
        session: The session that goes on.

    Raises:
        BadCredentials: the old password or the code is wrong.
        CodeNeeded: the account asks for a code.
        TooManyAttempts: for this account or from this address.
        WeakPassword: the new password is no good.
        OnlyInPerson: a key of a machine asks.
    """
    account = _proven(accounts, actor, caller, old, code)
    hashed = accounts.passwords.hash(new, email=account.email)
    with accounts.desk(caller, actor) as desk:
        desk.credentials.set_password(account.id, hashed)
        desk.sessions.end_all(account.id, now=accounts.clock(), but=session)
    accounts.forget()


def offer_second_factor(
    accounts: Accounts, actor: Actor, caller: Caller, *, password: str, code: str | None
) -> Offer:
    """A new secret, which counts once a code confirms it; until then the old one does.

    Raises:
        BadCredentials: the password or the code is wrong.
        CodeNeeded: the account has a second factor already and asks for its code.
        TooManyAttempts: for this account or from this address.
        OnlyInPerson: a key of a machine asks.
    """
    account = _proven(accounts, actor, caller, password, code)
    secret = new_secret()
    with accounts.desk(caller, actor) as desk:
        desk.credentials.offer_totp(account.id, accounts.seals.second_factor.seal(secret))
    return Offer(secret, enrolment_uri(secret, account=account.email))


def confirm_second_factor(accounts: Accounts, actor: Actor, caller: Caller, *, code: str) -> None:
    """Puts the offered secret into use; from now on signing in asks for a code.

    Raises:
        BadCode: the code does not fit.
        NothingToConfirm: no secret was offered, or under another signing secret.
        OnlyInPerson: a key of a machine asks.
    """
    _check_in_person(actor)
    with accounts.desk(caller, actor) as desk:
        secrets = desk.credentials.of(actor.id)
        if secrets.totp_pending is None:
            raise NothingToConfirm
        try:
            offered = accounts.seals.second_factor.open(secrets.totp_pending)
        except SealBroken as error:
            raise NothingToConfirm from error
        step = step_of(code, offered, now=accounts.clock(), after=-1)
        if step is None:
            raise BadCode
        desk.credentials.confirm_totp(actor.id, step=step)
    accounts.forget()


def remove_second_factor(
    accounts: Accounts, actor: Actor, caller: Caller, *, password: str, code: str | None
) -> None:
    """Takes the second factor away.

    Raises:
        BadCredentials: the password or the code is wrong.
        CodeNeeded: no code was given.
        TooManyAttempts: for this account or from this address.
        OnlyInPerson: a key of a machine asks.
    """
    account = _proven(accounts, actor, caller, password, code)
    with accounts.desk(caller, actor) as desk:
        desk.credentials.remove_totp(account.id)
    accounts.forget()


def _proven(
    accounts: Accounts, actor: Actor, caller: Caller, password: str, code: str | None
) -> Account:
    _check_in_person(actor)
    with accounts.desk(caller, actor, write=False) as desk:
        email = desk.users.me().email
    return prove(accounts, email, password, code, caller)


def _check_in_person(actor: Actor) -> None:
    # a machine must not outlive its key
    if actor.scopes not in (None, WHILE_ENROLLING):
        raise OnlyInPerson
