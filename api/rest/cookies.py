"""The cookies of pages."""

from fastapi import Request, Response

from api.accounts.accounts import Accounts
from api.accounts.sign_in import SignedIn
from api.rest.identity import SESSION_COOKIE

CSRF_COOKIE = "yilian_csrf"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def set_session(
    response: Response, request: Request, accounts: Accounts, signed_in: SignedIn
) -> None:
    """Gives a page its session, and beside it the token that its script repeats."""
    csrf_token = accounts.tokens.csrf_token(signed_in.session)
    # scripts must read the second one, and must not read the first
    for name, value, hidden in (
        (SESSION_COOKIE, signed_in.access_token, True),
        (CSRF_COOKIE, csrf_token, False),
    ):
        response.set_cookie(
            name,
            value,
            max_age=signed_in.lifetime_s,
            httponly=hidden,
            secure=is_secure(request),
            samesite="lax",
        )


def drop_session(response: Response, request: Request) -> None:
    """Takes a page's session away."""
    for name in (SESSION_COOKIE, CSRF_COOKIE):
        response.delete_cookie(name, secure=is_secure(request), samesite="lax")


def is_secure(request: Request) -> bool:
    """Whether cookies keep to TLS: always, but for plain HTTP on this machine itself.

    A reverse proxy talks plain HTTP to us while the browser talks TLS to it; what counts
    is the name that the browser asked for.
    """
    return request.url.scheme == "https" or request.url.hostname not in _LOOPBACK
