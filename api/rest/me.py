"""One's own account: name, password, second factor."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import ConfigDict, Field

from api.accounts.enrolment import (
    change_password,
    confirm_second_factor,
    offer_second_factor,
    remove_second_factor,
)
from api.rest.call import Call, for_operation
from api.rest.fields import Body, Line, Shown
from api.rest.identity import accounts_of, caller_of, session_of
from api.rest.problems import RESPONSES
from api.rest.sign_in import Code, Password
from api.rest.user_schemas import UserShown, user_shown
from data.policy.operation import Operation

router = APIRouter(prefix="/me", tags=["me"], responses=RESPONSES)

Reader = Annotated[Call, for_operation(Operation.ME_READ)]
Writer = Annotated[Call, for_operation(Operation.ME_UPDATE)]


class MeChange(Body):
    """What one may say of oneself."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "李工程师"}})

    name: Line


class PasswordChange(Body):
    """The password until now, and from now on."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"password": "四月的梧桐叶-2027", "new_password": "五月的槐花香-2031"}
        }
    )

    password: Password
    new_password: Password
    code: Code | None = None


class Proof(Body):
    """The password, and the code where the account has a second factor."""

    model_config = ConfigDict(json_schema_extra={"example": {"password": "四月的梧桐叶-2027"}})

    password: Password
    code: Code | None = None


class FirstCode(Body):
    """The first code of a new authenticator."""

    model_config = ConfigDict(json_schema_extra={"example": {"code": "492039"}})

    code: Code


class OfferShown(Shown):
    """A secret for an authenticator; it counts once a code confirms it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "secret": "JBSWY3DPEHPK3PXP",
                "uri": "otpauth://totp/Yilian:li.gong%40example.com?secret=JBSWY3DPEHPK3PXP",
            }
        }
    )

    secret: str
    uri: str = Field(description="二维码内容 / what a QR code shows")


@router.get("", operation_id="read_me", summary="我的账号 / my account", response_model=UserShown)
def read(call: Reader) -> Any:
    """当前账号的资料与角色。 / Who is signed in, and as what."""
    with call.read() as desk:
        account = desk.users.me()
    return call.shown(user_shown(account), etag=account.etag)


@router.patch(
    "", operation_id="update_me", summary="修改我的姓名 / change my name", response_model=UserShown
)
def update(body: MeChange, call: Writer) -> Any:
    """其他内容由管理员修改。 / Everything else is for an administrator to change."""
    with call.write() as desk:
        account = desk.users.rename_me(body.name, expected=call.expected_etag())
        return call.done(desk, user_shown(account), etag=account.etag)


@router.post(
    "/password",
    status_code=204,
    operation_id="change_password",
    summary="修改密码，其他会话随即结束 / change the password; other sessions end",
)
def password(body: PasswordChange, call: Writer, request: Request) -> Response:
    """须再次填写当前密码。 / Asks for the present password once more."""
    change_password(
        accounts_of(request),
        call.actor,
        caller_of(request),
        old=body.password,
        code=body.code,
        new=body.new_password,
        session=session_of(request),
    )
    return Response(status_code=204)


@router.post(
    "/totp",
    operation_id="offer_second_factor",
    summary="申请绑定身份验证器 / ask for an authenticator's secret",
    response_model=OfferShown,
)
def offer(body: Proof, call: Writer, request: Request) -> Any:
    """须随后用首个验证码确认，确认前不生效。 / It counts once its first code confirms it."""
    offered = offer_second_factor(
        accounts_of(request),
        call.actor,
        caller_of(request),
        password=body.password,
        code=body.code,
    )
    return OfferShown(secret=offered.secret, uri=offered.uri)


@router.post(
    "/totp/confirmation",
    status_code=204,
    operation_id="confirm_second_factor",
    summary="用首个验证码确认绑定 / confirm with the first code",
)
def confirm(body: FirstCode, call: Writer, request: Request) -> Response:
    """此后登录须填写验证码。 / From now on signing in asks for a code."""
    confirm_second_factor(accounts_of(request), call.actor, caller_of(request), code=body.code)
    return Response(status_code=204)


@router.delete(
    "/totp",
    status_code=204,
    operation_id="remove_second_factor",
    summary="解除身份验证器 / remove the second factor",
)
def remove(body: Proof, call: Writer, request: Request) -> Response:
    """须再次填写密码与验证码。 / Asks for the password and a code once more."""
    remove_second_factor(
        accounts_of(request),
        call.actor,
        caller_of(request),
        password=body.password,
        code=body.code,
    )
    return Response(status_code=204)
