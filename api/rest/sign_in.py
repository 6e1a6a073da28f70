"""Signing in and out, and the one-time links."""

from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field

from api.accounts.access_tokens import AccessTokens
from api.accounts.invitations import accept, ask_for_reset
from api.accounts.letters import link_to, send_link
from api.accounts.sign_in import PASSWORD, SignedIn, refresh, second_factor_due, sign_in
from api.delivery.setup import make_mailer
from api.rest.call import Call, for_operation
from api.rest.cookies import drop_session, set_session
from api.rest.fields import Body, Shown, Text
from api.rest.identity import accounts_of, caller_of, session_of
from api.rest.problems import RESPONSES
from api.rest.user_schemas import USER_EXAMPLE, Email, UserShown, user_shown
from data.policy.operation import Operation

router = APIRouter(tags=["session"], responses=RESPONSES)

# longer than any that can be set, so that the answer is ours and not about its length
Password = Annotated[Text, Field(min_length=1, max_length=1000, examples=["四月的梧桐叶-2027"])]
Code = Annotated[Text, Field(max_length=20, examples=["492 039"])]
Token = Annotated[Text, Field(min_length=1, max_length=500)]


class SignInBody(Body):
    """E-mail and password; the code where the account has a second factor."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"email": "li.gong@example.com", "password": "四月的梧桐叶-2027"}
        }
    )

    email: Email
    password: Password
    code: Code | None = None
    cookie: bool = Field(
        default=False, description="供网页使用：写入 Cookie / for a page: sets a cookie instead"
    )


class RefreshBody(Body):
    """The refresh token that was given last."""

    model_config = ConfigDict(json_schema_extra={"example": {"refresh_token": "mW0…"}})

    refresh_token: Token


class PasswordBody(Body):
    """The password to be set."""

    model_config = ConfigDict(json_schema_extra={"example": {"password": "四月的梧桐叶-2027"}})

    password: Password


class ResetBody(Body):
    """Whose password was forgotten."""

    model_config = ConfigDict(json_schema_extra={"example": {"email": "li.gong@example.com"}})

    email: Email


class SessionShown(Shown):
    """A session."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "user": USER_EXAMPLE,
                "access_token": "eyJ…",
                "expires_in": 600,
                "refresh_token": "mW0…",
                "csrf_token": None,
                "second_factor_due": False,
            }
        }
    )

    user: UserShown
    access_token: str | None = Field(
        description="Authorization: Bearer …; 网页为空 / null for a page"
    )
    expires_in: int = Field(description="秒 / seconds")
    refresh_token: str | None
    csrf_token: str | None = Field(description="网页在 X-CSRF-Token 中回传 / repeated by a page")
    second_factor_due: bool = Field(
        description="须先绑定身份验证器 / may only enrol a second factor until it has one"
    )


class Welcome(Shown):
    """Whose password was set."""

    model_config = ConfigDict(json_schema_extra={"example": {"email": "li.gong@example.com"}})

    email: str


class Accepted(Shown):
    """The same for every e-mail, known or not."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"zh": "如该邮箱有账号，……", "en": "if there is an account …"}
        }
    )

    zh: str
    en: str


ACCEPTED = Accepted(
    zh="如该邮箱有账号，重置链接已发送至该邮箱；没有收到请联系管理员。",
    en="if there is an account with this e-mail, a link was sent to it;"
    " ask the administrator if nothing arrives",
)

SessionCall = Annotated[Call, for_operation(Operation.SESSION_END)]


@router.post(
    "/session",
    operation_id="sign_in",
    summary="登录 / sign in",
    response_model=SessionShown,
)
def begin_session(body: SignInBody, request: Request) -> Any:
    """失败多次后须等待，见 Retry-After。 / After failures there is a wait, see Retry-After."""
    accounts = accounts_of(request)
    signed_in = sign_in(
        accounts, body.email, body.password, body.code, caller_of(request), page=body.cookie
    )
    due = second_factor_due(accounts, signed_in.account, PASSWORD)
    response = _unstored(_shown(signed_in, accounts.tokens, page=body.cookie, due=due))
    if body.cookie:
        set_session(response, request, accounts, signed_in)
    return response


@router.post(
    "/session/refresh",
    operation_id="refresh_session",
    summary="续期 / exchange a refresh token for the next",
    response_model=SessionShown,
)
def refresh_session(body: RefreshBody, request: Request) -> Any:
    """旧凭证随即作废，重复使用会结束会话。 / One used again ends the session."""
    accounts = accounts_of(request)
    signed_in = refresh(accounts, body.refresh_token, caller_of(request))
    due = second_factor_due(accounts, signed_in.account, PASSWORD)
    return _unstored(_shown(signed_in, accounts.tokens, page=False, due=due))


@router.delete(
    "/session",
    status_code=204,
    operation_id="sign_out",
    summary="退出登录 / sign out",
)
def end_session(
    call: SessionCall,
    request: Request,
    everywhere: Annotated[
        bool, Query(description="结束所有会话 / end every session of the account")
    ] = False,
) -> Response:
    """访问凭证与续期凭证随即作废。 / Access and refresh tokens end with it."""
    accounts, session = accounts_of(request), session_of(request)
    with call.write() as desk:
        if everywhere:
            desk.sessions.end_all(call.actor.id, now=accounts.clock())
        elif session is not None:
            desk.sessions.end(session, now=accounts.clock())
    accounts.forget()
    response = Response(status_code=204)
    drop_session(response, request)
    return response


@router.post(
    "/links/{token}",
    operation_id="accept_link",
    summary="用一次性链接设置密码 / set the password by a one-time link",
    response_model=Welcome,
)
def accept_link(token: Token, body: PasswordBody, request: Request) -> Any:
    """只能使用一次；该账号的会话随即结束。 / Works once; every session of the account ends."""
    account = accept(accounts_of(request), token, body.password, caller_of(request))
    return Welcome(email=account.email)


@router.post(
    "/password-resets",
    status_code=202,
    operation_id="ask_for_reset",
    summary="申请重置密码 / ask for a link to reset the password",
    response_model=Accepted,
)
def reset(body: ResetBody, request: Request, later: BackgroundTasks) -> Any:
    """无论邮箱是否有账号，答复都相同。 / The answer is the same for every e-mail."""
    accounts = accounts_of(request)
    mailer = make_mailer(accounts.settings)
    # without mail nobody could be told the link, and administrators make their own
    made = ask_for_reset(accounts, body.email, caller_of(request), deliverable=mailer is not None)
    if made is not None:
        account, token = made
        link = link_to(token, public_url=accounts.settings.public_url)
        # sent after the answer, whose speed would otherwise tell whether there is an account
        later.add_task(send_link, mailer, account, link)
    return ACCEPTED


def _shown(signed_in: SignedIn, tokens: AccessTokens, *, page: bool, due: bool) -> SessionShown:
    return SessionShown(
        user=user_shown(signed_in.account),
        access_token=None if page else signed_in.access_token,
        expires_in=signed_in.lifetime_s,
        refresh_token=signed_in.refresh_token,
        csrf_token=tokens.csrf_token(signed_in.session) if page else None,
        second_factor_due=due,
    )


def _unstored(shown: SessionShown) -> JSONResponse:
    return JSONResponse(shown.model_dump(mode="json"), headers={"Cache-Control": "no-store"})
