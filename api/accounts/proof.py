"""Proving who one is: password, code, and patience with those who guess."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import IPv4Address, ip_address, ip_network

from api.accounts.accounts import ACCOUNT_PATIENCE, ADDRESS_PATIENCE, Accounts, Caller
from api.accounts.errors import (
    BadCredentials,
    CodeNeeded,
    SecondFactorUnreadable,
    TooManyAttempts,
)
from api.accounts.opaque import digest_of
from api.accounts.second_factor import step_of
from api.seal import SealBroken
from data.access.account import Account, folded_email
from data.access.credentials import Secrets
from data.access.errors import NotAcceptable
from data.policy.operation import Operation


def prove(
    accounts: Accounts, email: str, password: str, code: str | None, caller: Caller
) -> Account:
    """The account whose password, and code where it has a second factor, these are.

    Raises:
        BadCredentials: they are nobody's; which part is wrong is not told.
        CodeNeeded: the password is right, and no code was given.
        SecondFactorUnreadable: the password is right, and no code can be checked.
        TooManyAttempts: for this account or from this address.
    """
    with attempt(accounts, email, caller) as address:
        account, secrets = _known(accounts, address, caller)
        stored = secrets.password_hash if secrets else None
        fits, better = accounts.passwords.verify(password, stored)
        if account is None or secrets is None or not fits or account.disabled_at is not None:
            raise BadCredentials
        if secrets.totp_secret is not None:
            _check_code(accounts, account, secrets, code, caller)
    if better is not None:
        with accounts.desk(caller, account.actor()) as desk:
            desk.credentials.strengthen(account.id, better)
    return account


@contextmanager
def attempt(accounts: Accounts, email: str, caller: Caller) -> Iterator[str]:
    """Counts one attempt to prove something; yields the e-mail in its one spelling.

    A block that ends well clears the account; one that asks for a code, or cannot check it,
    costs nothing; one that ends with ``BadCredentials`` stays counted and is put on record.

    Raises:
        TooManyAttempts: the block is not entered.
    """
    address = _spelling(email)
    keys = (_key("account", address), _key("address", _place(caller)))
    _begin(accounts, keys, caller)
    try:
        yield address
    except BadCredentials:
        with accounts.desk(caller) as desk:
            account = desk.users.find(address)
            known = account.id if account else ""
            desk.trail.note(Operation.SESSION_CREATE, "user", known, event="refused")
        raise
    except (CodeNeeded, SecondFactorUnreadable):
        with accounts.desk(caller) as desk:
            for key in keys:
                desk.attempts.take_back(key)
        raise
    with accounts.desk(caller) as desk:
        desk.attempts.forgive(keys[0])
        # only this one: who has an account must not clear the way for guesses at others
        desk.attempts.take_back(keys[1])


def throttle(accounts: Accounts, what: str, email: str, caller: Caller) -> None:
    """Counts a request that anybody may make and that costs others, such as a mail.

    Raises:
        TooManyAttempts: too many lately, for this account or from this address.
    """
    keys = (_key(f"{what} account", _spelling(email)), _key(f"{what} address", _place(caller)))
    _begin(accounts, keys, caller)


def _begin(accounts: Accounts, keys: tuple[str, str], caller: Caller) -> None:
    now = accounts.clock()
    with accounts.desk(caller) as desk:
        patience = zip(keys, (ACCOUNT_PATIENCE, ADDRESS_PATIENCE), strict=True)
        wait = max(desk.attempts.wait(key, limit, now=now) for key, limit in patience)
        if not wait:
            for key in keys:
                desk.attempts.count(key, now=now)
    if wait > timedelta(0):
        raise TooManyAttempts(math.ceil(wait.total_seconds()))


def _known(accounts: Accounts, email: str, caller: Caller) -> tuple[Account | None, Secrets | None]:
    with accounts.desk(caller, write=False) as desk:
        account = desk.users.find(email)
        return account, desk.credentials.of(account.id) if account else None


def _check_code(
    accounts: Accounts, account: Account, secrets: Secrets, code: str | None, caller: Caller
) -> None:
    if code is None:
        raise CodeNeeded
    assert secrets.totp_secret is not None
    used = secrets.totp_step
    try:
        secret = accounts.seals.second_factor.open(secrets.totp_secret)
    except SealBroken as error:
        raise SecondFactorUnreadable from error
    step = step_of(code, secret, now=accounts.clock(), after=used)
    if step is None:
        raise BadCredentials
    with accounts.desk(caller, account.actor()) as desk:
        if not desk.credentials.use_step(account.id, step, seen=used):
            raise BadCredentials


def _spelling(email: str) -> str:
    try:
        return folded_email(email)
    except NotAcceptable:
        # nobody's, and still to be answered like any other that is not known
        return ""


def _place(caller: Caller) -> str:
    """Where somebody asks from, as far as he cannot choose it: of IPv6 a network of 64 bits."""
    try:
        address = ip_address(caller.address.partition("%")[0])
    except ValueError:
        return caller.address
    if isinstance(address, IPv4Address):
        return caller.address
    return str(address.ipv4_mapped or ip_network((address, 64), strict=False))


def _key(kind: str, value: str) -> str:
    return digest_of(f"{kind}:{value}")
