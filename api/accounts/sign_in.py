"""Beginning a session, going on with it, and ending it."""

from dataclasses import dataclass

from api.accounts.access_tokens import PAGE_LIFETIME, Claims
from api.accounts.accounts import Accounts, Caller
from api.accounts.errors import NotSignedIn
from api.accounts.opaque import digest_of, new_token
from api.accounts.proof import prove
from data.access.account import Account
from data.policy.actor import Role

PASSWORD, OIDC = "password", "oidc"
"""How a session began."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that just began or goes on.

    Attributes:
        account: Whose.
        session: Its id.
        access_token: For the next minutes; for a page's cookie, for the day.
        lifetime_s: How long it lasts, in seconds.
        refresh_token: For the time after that; None for a page.
    """

    account: Account
    session: str
    access_token: str
    lifetime_s: int
    refresh_token: str | None


def sign_in(
    accounts: Accounts, email: str, password: str, code: str | None, caller: Caller, *, page: bool
) -> SignedIn:
    """A new session by password.

    Args:
        accounts: The accounts.
        email: In any spelling.
        password: As it was typed.
        code: Of the authenticator, where the account has one.
        caller: Where the request comes from.
        page: For a browser, which gets a cookie and no refresh token.

    Raises:
        BadCredentials: they are nobody's; which part is wrong is not told.
        CodeNeeded: the password is right, and no code was given.
        TooManyAttempts: for this account or from this address.
    """
    account = prove(accounts, email, password, code, caller)
    return begin(accounts, account, caller, method=PASSWORD, page=page)


def begin(
    accounts: Accounts, account: Account, caller: Caller, *, method: str, page: bool
) -> SignedIn:
    """A new session of somebody who has proven himself."""
    refresh_token = None if page else new_token()
    with accounts.desk(caller, account.actor()) as desk:
        session = desk.sessions.open(
            account.id,
            method=method,
            now=accounts.clock(),
            lifetime=PAGE_LIFETIME if page else accounts.refresh_lifetime,
            refresh_digest=digest_of(refresh_token) if refresh_token else None,
        )
    return _signed_in(accounts, account, session, refresh_token)


def refresh(accounts: Accounts, refresh_token: str, caller: Caller) -> SignedIn:
    """Goes on with a session; the token is used up, and the next one given.

    Raises:
        NotSignedIn: the token is unknown or expired, or was used before; then its session
            has ended, since two have it and one of them is a thief.
    """
    successor = new_token()
    with accounts.desk(caller) as desk:
        rotation = desk.sessions.rotate(
            digest_of(refresh_token),
            successor=digest_of(successor),
            now=accounts.clock(),
            lifetime=accounts.refresh_lifetime,
        )
        account = desk.users.get(rotation.user) if rotation else None
    # the sessions of a disabled account have ended, so its tokens are unknown by now
    if rotation is None or account is None:
        raise NotSignedIn(tried=True)
    if rotation.replayed:
        accounts.forget()
        raise NotSignedIn(tried=True)
    return _signed_in(accounts, account, rotation.session, successor)


def second_factor_due(accounts: Accounts, account: Account, method: str) -> bool:
    """Whether the account may only enrol a second factor until it has one.

    A provider of single sign-on asks for a second factor itself.
    """
    demanded = accounts.settings.require_totp and account.role in (Role.OFFICE, Role.ADMINISTRATOR)
    return demanded and not account.second_factor and method == PASSWORD


def _signed_in(
    accounts: Accounts, account: Account, session: str, refresh_token: str | None
) -> SignedIn:
    lifetime = PAGE_LIFETIME if refresh_token is None else accounts.access_lifetime
    claims = Claims(user=account.id, session=session, epoch=account.epoch)
    token = accounts.tokens.issue(claims, lifetime=lifetime)
    return SignedIn(account, session, token, int(lifetime.total_seconds()), refresh_token)
