"""Whom a request stands for: a bearer token, an API key, or a page's cookie."""

from collections.abc import Callable

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from api.accounts.accounts import Accounts, Caller
from api.accounts.errors import NotSignedIn
from api.accounts.identity import KEY_PREFIX, Identity, by_cookie, by_key, by_session_token
from data.policy.actor import Actor

SESSION_COOKIE = "yilian_session"
CSRF_HEADER = "x-csrf-token"
_SAFE = ("GET", "HEAD", "OPTIONS")


def identify(request: Request) -> Actor:
    """The actor of a request; a header counts before a cookie.

    Raises:
        NotSignedIn: it names nobody, or in a way that no longer counts.
        BadCsrfToken: a page's request that changes something does not repeat its token.
    """
    identity = _identity(request)
    request.state.session = identity.session
    return identity.actor


def known_already(request: Request) -> bool:
    """Whether ``identify`` needs no look at the database: a token that was checked just now."""
    accounts: Accounts | None = getattr(request.app.state, "accounts", None)
    if accounts is None or "x-api-key" in request.headers:
        return False
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not scheme:
        token = request.cookies.get(SESSION_COOKIE, "")
    elif scheme.lower() != "bearer":
        return False
    return accounts.sessions.known(token.strip()) is not None


async def actor_of(request: Request) -> Actor:
    """The actor of a request; a thread costs as much as a short answer, so it is spared.

    Raises:
        NotSignedIn: see ``identify``, as the application has it.
        BadCsrfToken: likewise.
    """
    state = request.app.state
    identify: Callable[[Request], Actor] = state.identify
    quick = state.known_already(request)
    return identify(request) if quick else await run_in_threadpool(identify, request)


def session_of(request: Request) -> str | None:
    """Id of the session that the request was identified by; None for a key."""
    found: str | None = getattr(request.state, "session", None)
    return found


def accounts_of(request: Request) -> Accounts:
    """The accounts of the running service."""
    accounts: Accounts = request.app.state.accounts
    return accounts


def caller_of(request: Request) -> Caller:
    """Where a request comes from."""
    address = request.client.host if request.client else ""
    return Caller(address, getattr(request.state, "request_id", ""))


def _identity(request: Request) -> Identity:
    accounts = accounts_of(request)
    authorization = request.headers.get("authorization")
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise NotSignedIn(tried=True)
        known = by_key if token.startswith(KEY_PREFIX) else by_session_token
        return known(accounts, token.strip())
    key = request.headers.get("x-api-key")
    if key is not None:
        return by_key(accounts, key)
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie is None:
        raise NotSignedIn
    return by_cookie(
        accounts,
        cookie,
        csrf_token=request.headers.get(CSRF_HEADER),
        safe=request.method in _SAFE,
    )
