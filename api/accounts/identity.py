"""Whom a request stands for, told by its token, key or cookie."""

from dataclasses import dataclass

from api.accounts.accounts import Accounts, Caller
from api.accounts.errors import BadCsrfToken, NotSignedIn
from api.accounts.opaque import digest_of
from api.accounts.scopes import spelt_out
from api.accounts.sign_in import second_factor_due
from data.access.api_keys import NOTED_EVERY, KeyStanding
from data.errors import StoreError
from data.policy.actor import Actor
from data.policy.operation import Operation

KEY_PREFIX = "yk_"

WHILE_ENROLLING = frozenset(
    {
        Operation.ME_READ.value,
        Operation.ME_UPDATE.value,
        Operation.SESSION_CREATE.value,
        Operation.SESSION_END.value,
    }
)
"""All that an account may do while it still owes a second factor."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a request stands for.

    Attributes:
        actor: As the policy sees it.
        session: The session; None for an API key.
    """

    actor: Actor
    session: str | None


def by_session_token(accounts: Accounts, token: str) -> Identity:
    """The identity behind an access token.

    Raises:
        NotSignedIn: it is forged or expired, or its session or account came to an end.
    """
    standing = accounts.sessions.of(token)
    if standing is None:
        raise NotSignedIn(tried=True)
    due = second_factor_due(accounts, standing.account, standing.method)
    actor = standing.account.actor(WHILE_ENROLLING if due else None)
    return Identity(actor, standing.session)


def by_cookie(accounts: Accounts, token: str, *, csrf_token: str | None, safe: bool) -> Identity:
    """The identity behind a page's cookie, which browsers also send for other sites' sake.

    Args:
        accounts: The accounts.
        token: The cookie.
        csrf_token: What the page repeats in ``X-CSRF-Token``.
        safe: The method changes nothing, so nobody gains by forging the request.

    Raises:
        NotSignedIn: the cookie does not count.
        BadCsrfToken: the request may be another site's.
    """
    identity = by_session_token(accounts, token)
    assert identity.session is not None
    if not safe and not accounts.tokens.csrf_fits(csrf_token or "", identity.session):
        raise BadCsrfToken
    return identity


def by_key(accounts: Accounts, key: str) -> Identity:
    """The identity behind an API key.

    Raises:
        NotSignedIn: it is unknown, expired or revoked, or its account was disabled.
    """
    standing = accounts.keys.of(digest_of(key)) if key.startswith(KEY_PREFIX) else None
    expires_at = standing.key.expires_at if standing else None
    expired = expires_at is not None and expires_at <= accounts.clock()
    if standing is None or not standing.alive or expired:
        raise NotSignedIn(tried=True)
    _note_use(accounts, standing)
    return Identity(standing.account.actor(spelt_out(standing.key.scopes)), None)


def _note_use(accounts: Accounts, standing: KeyStanding) -> None:
    key, now = standing.key, accounts.clock()
    last = accounts.noted_uses.get(key.id, key.last_used_at)
    if last is not None and last <= now < last + NOTED_EVERY:
        return
    accounts.noted_uses[key.id] = now
    try:
        with accounts.desk(Caller()) as desk:
            desk.api_keys.note_use(key.id, now=now)
    except StoreError:
        # a full disk or a busy store must not stop those who only read
        return
