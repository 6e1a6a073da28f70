"""Signing in at an OpenID Connect provider, for pages."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from api.accounts.accounts import Accounts
from api.accounts.errors import ProviderRefused
from api.accounts.provider import Flow, Provider
from api.accounts.single_sign_on import LIFETIME, sealed, sign_in_as, unsealed
from api.rest.cookies import is_secure, set_session
from api.rest.identity import accounts_of, caller_of
from api.rest.problems import RESPONSES

router = APIRouter(prefix="/session/oidc", tags=["session"], responses=RESPONSES)

FLOW_COOKIE = "yilian_oidc"
_PATH = "/v1/session/oidc"
_AFTERWARDS = "/"


@router.get(
    "",
    status_code=303,
    operation_id="begin_single_sign_on",
    summary="跳转到统一身份认证 / go to the provider",
    response_class=RedirectResponse,
)
def begin(request: Request) -> RedirectResponse:
    """须在设置中启用。 / Needs settings."""
    accounts = accounts_of(request)
    flow = Flow.new()
    address = _provider(accounts).address(flow, redirect_uri=_back(accounts))
    response = RedirectResponse(address, 303)
    response.set_cookie(
        FLOW_COOKIE,
        sealed(accounts, flow),
        max_age=int(LIFETIME.total_seconds()),
        path=_PATH,
        httponly=True,
        secure=is_secure(request),
        samesite="lax",
    )
    return response


@router.get(
    "/callback",
    status_code=303,
    operation_id="finish_single_sign_on",
    summary="统一身份认证返回 / come back from the provider",
    response_class=RedirectResponse,
)
def finish(
    request: Request,
    state: Annotated[str, Query(max_length=500)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
) -> RedirectResponse:
    """登录成功后回到首页。 / Leads to the first page."""
    accounts = accounts_of(request)
    provider = _provider(accounts)
    flow = unsealed(accounts, request.cookies.get(FLOW_COOKIE, ""), state=state)
    if not code:
        raise ProviderRefused("denied", "对方未予授权。", "the provider gave no permission")
    person = provider.person(flow, code=code, redirect_uri=_back(accounts))
    signed_in = sign_in_as(accounts, person, caller_of(request))
    response = RedirectResponse(_AFTERWARDS, 303)
    set_session(response, request, accounts, signed_in)
    response.delete_cookie(FLOW_COOKIE, path=_PATH)
    return response


def _provider(accounts: Accounts) -> Provider:
    if accounts.provider is None:
        raise ProviderRefused(
            "off",
            "本系统未启用统一身份认证，请用密码登录。",
            "single sign-on is not set up here; sign in with a password",
        )
    return accounts.provider


def _back(accounts: Accounts) -> str:
    return f"{accounts.settings.public_url.rstrip('/')}{_PATH}/callback"
