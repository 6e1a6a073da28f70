"""Accounts, for administrators."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.accounts.invitations import make_link
from api.accounts.letters import link_to, send_link
from api.delivery.setup import make_mailer
from api.rest.call import Call, for_operation
from api.rest.fields import Id
from api.rest.identity import accounts_of
from api.rest.problems import RESPONSES
from api.rest.secrets import shown_once
from api.rest.user_schemas import (
    Invitation,
    UserChange,
    UserDraft,
    UserPage,
    UserShown,
    user_shown,
)
from data.access.account import Account
from data.access.users import UserFilter
from data.policy.actor import Role
from data.policy.operation import Operation

router = APIRouter(prefix="/users", tags=["users"], responses=RESPONSES)

Reader = Annotated[Call, for_operation(Operation.USER_READ)]
Writer = Annotated[Call, for_operation(Operation.USER_UPDATE)]


@router.get(
    "", operation_id="list_users", summary="列出账号 / list accounts", response_model=UserPage
)
def list_(
    call: Reader,
    role: Role | None = None,
    organization: Id | None = None,
    enabled: bool | None = None,
    q: Annotated[str, Query(max_length=200, description="姓名或邮箱 / name or e-mail")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[Id | None, Query(max_length=200)] = None,
) -> Any:
    """按编号排序。 / By id."""
    words = " ".join(q.replace("\0", " ").encode("utf-8", "ignore").decode().split())
    wanted = UserFilter(role=role, organization=organization, enabled=enabled, words=words)
    with call.read() as desk:
        found = desk.users.page(wanted, after=cursor, k=limit + 1)
    items = [user_shown(account) for account in found[:limit]]
    more = len(found) > limit
    return call.shown(UserPage(items=items, next_cursor=items[-1].id if more else None))


@router.post(
    "",
    status_code=201,
    operation_id="create_user",
    summary="新建账号并邀请 / add and invite an account",
    response_model=Invitation,
)
def create(body: UserDraft, call: Writer, request: Request) -> Any:
    """账号所有者通过一次性链接自行设置密码。 / The owner chooses a password by a one-time link."""
    with call.write() as desk:
        account = desk.users.add(**body.model_dump())
        token = make_link(desk, account, now=accounts_of(request).clock())
        kept = call.created(
            desk, _untold(account), location=f"/v1/users/{account.id}", etag=account.etag
        )
    return _invited(request, account, token, kept)


@router.get(
    "/{user_id}",
    operation_id="read_user",
    summary="查看账号 / read an account",
    response_model=UserShown,
)
def read(user_id: Id, call: Reader) -> Any:
    """不含任何密码信息。 / Without anything secret."""
    with call.read() as desk:
        account = desk.users.get(user_id)
    return call.shown(user_shown(account), etag=account.etag)


@router.patch(
    "/{user_id}",
    operation_id="update_user",
    summary="修改账号 / change an account",
    response_model=UserShown,
)
def update(user_id: Id, body: UserChange, call: Writer, request: Request) -> Any:
    """未填写的内容保持不变；须带 If-Match。 / What is left out stays; needs If-Match."""
    changes = body.model_dump(exclude_unset=True)
    with call.write() as desk:
        account = desk.users.update(user_id, changes, expected=call.expected_etag())
        response = call.done(desk, user_shown(account), etag=account.etag)
    accounts_of(request).forget()
    return response


@router.post(
    "/{user_id}/disable",
    operation_id="disable_user",
    summary="停用账号 / disable an account",
    response_model=UserShown,
)
def disable(user_id: Id, call: Writer, request: Request) -> Any:
    """其会话随即结束；不能停用自己或最后一位管理员。 / Its sessions end with it."""
    with call.write() as desk:
        account = desk.users.disable(user_id)
        response = call.done(desk, user_shown(account), etag=account.etag)
    accounts_of(request).forget()
    return response


@router.post(
    "/{user_id}/enable",
    operation_id="enable_user",
    summary="启用账号 / enable an account",
    response_model=UserShown,
)
def enable(user_id: Id, call: Writer, request: Request) -> Any:
    """须重新登录。 / Its owner signs in anew."""
    with call.write() as desk:
        account = desk.users.enable(user_id)
        response = call.done(desk, user_shown(account), etag=account.etag)
    accounts_of(request).forget()
    return response


@router.post(
    "/{user_id}/invite",
    operation_id="invite_user",
    summary="重新发送一次性链接 / make another one-time link",
    response_model=Invitation,
)
def invite(user_id: Id, call: Writer, request: Request) -> Any:
    """无密码者为邀请，否则重置密码与验证器。 / Invites, or resets password and code."""
    with call.write() as desk:
        account = desk.users.get(user_id)
        token = make_link(desk, account, now=accounts_of(request).clock())
        kept = call.done(desk, _untold(account))
    return _invited(request, account, token, kept)


def _untold(account: Account) -> Invitation:
    return Invitation(user=user_shown(account), mailed=False, token=None, link=None)


def _invited(request: Request, account: Account, token: str, kept: Response) -> Response:
    """Mails the link, or shows it where no mail can be sent."""
    settings = accounts_of(request).settings
    link = link_to(token, public_url=settings.public_url)
    if send_link(make_mailer(settings), account, link):
        return shown_once(kept, mailed=True)
    return shown_once(kept, mailed=False, token=token, link=link)
