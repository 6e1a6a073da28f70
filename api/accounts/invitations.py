"""One-time links: how an account gets its first password, and another when it is lost."""

from datetime import datetime, timedelta

from api.accounts.accounts import Accounts, Caller
from api.accounts.errors import BadLink
from api.accounts.opaque import digest_of, new_token
from api.accounts.proof import throttle
from data.access.account import Account, folded_email
from data.access.desk import Desk
from data.access.errors import NotAcceptable
from data.access.links import Purpose
from data.policy.actor import SYSTEM

LIFETIMES = {
    Purpose.INVITE: timedelta(days=7),
    Purpose.RESET: timedelta(hours=1),
    Purpose.RECOVER: timedelta(days=1),
}


def make_link(desk: Desk, account: Account, *, now: datetime) -> str:
    """A new link by which the account's owner comes in, on an administrator's word.

    It invites whoever has no password yet; to others it gives a new password, and takes
    away a second factor that was lost.

    Returns:
        The token, which is stored nowhere.
    """
    purpose = Purpose.INVITE if account.invited else Purpose.RECOVER
    return _make(desk, account, purpose, now)


def ask_for_reset(
    accounts: Accounts, email: str, caller: Caller, *, deliverable: bool = True
) -> tuple[Account, str] | None:
    """A link for somebody who forgot the password, to be sent to the account's own address.

    Args:
        accounts: The accounts.
        email: In any spelling.
        caller: Where the request comes from.
        deliverable: Whether a link could be sent; without that none is made.

    Returns:
        The account and the token; None where no link is to be sent, which the caller of
        the interface must not learn.

    Raises:
        TooManyAttempts: for this account or from this address.
    """
    throttle(accounts, "reset", email, caller)
    try:
        address = folded_email(email)
    except NotAcceptable:
        return None
    with accounts.desk(caller) as desk:
        account = desk.users.find(address)
        shut = account is None or account.invited or account.disabled_at is not None
        if account is None or shut or not deliverable:
            return None
        return account, _make(desk, account, Purpose.RESET, accounts.clock())


def accept(accounts: Accounts, token: str, password: str, caller: Caller) -> Account:
    """Sets the password of the account that a link is for, and closes the link.

    Every session of the account ends. Of two requests at once one is refused.

    Raises:
        BadLink: it is unknown, used or expired, or its account was disabled.
        WeakPassword: the link stays open for a better one.
    """
    digest, now = digest_of(token), accounts.clock()
    with accounts.desk(caller, write=False) as desk:
        found = desk.links.find(digest, now=now)
    if found is None or found[0].disabled_at is not None:
        raise BadLink
    account, purpose = found
    # hashed before the write begins, which everybody else would wait for
    hashed = accounts.passwords.hash(password, email=account.email)
    with accounts.desk(caller, account.actor()) as own:
        if not Desk(own.session, SYSTEM, own.trail).links.use(digest, now=now):
            raise BadLink
        changed = own.credentials.set_password(account.id, hashed)
        if purpose is Purpose.RECOVER and account.second_factor:
            changed = own.credentials.remove_totp(account.id)
        own.sessions.end_all(account.id, now=now)
    accounts.forget()
    return changed


def _make(desk: Desk, account: Account, purpose: Purpose, now: datetime) -> str:
    token = new_token()
    desk.links.create(
        account.id, purpose, digest=digest_of(token), now=now, lifetime=LIFETIMES[purpose]
    )
    return token
