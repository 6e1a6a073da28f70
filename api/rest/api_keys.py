"""One's API keys, by which machines act for the account."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.accounts.errors import OnlyInPerson
from api.accounts.identity import KEY_PREFIX
from api.accounts.opaque import digest_of, new_token
from api.accounts.scopes import checked
from api.rest.call import Call, for_operation
from api.rest.fields import Body, Id, Line, Shown
from api.rest.identity import accounts_of
from api.rest.problems import RESPONSES
from api.rest.secrets import shown_once
from data.policy.operation import Operation

router = APIRouter(prefix="/me/api-keys", tags=["me"], responses=RESPONSES)

Reader = Annotated[Call, for_operation(Operation.ME_READ)]
Writer = Annotated[Call, for_operation(Operation.ME_UPDATE)]

HINT = len(KEY_PREFIX) + 6
_EXAMPLE: JsonDict = {
    "id": "k-0b6f4a1e2d3c4b5a6978877665544332",
    "name": "OA 系统",
    "hint": "yk_Xk2p9Q",
    "scopes": ["need.read", "achievement.*"],
    "created_at": "2026-03-02T01:30:00Z",
    "expires_at": "2027-03-02T01:30:00Z",
    "revoked_at": None,
    "last_used_at": None,
}


class KeyDraft(Body):
    """A key to be made."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"name": "OA 系统", "scopes": ["need.read"], "expires_in_days": 365}
        }
    )

    name: Line
    scopes: list[Line] = Field(
        min_length=1,
        max_length=50,
        description="操作名，或 resource.* / operations, or resource.*",
    )
    expires_in_days: int | None = Field(
        default=365, ge=1, le=3650, description="空为长期有效 / null for never"
    )


class KeyShown(Shown):
    """A key, without itself."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    id: str
    name: str
    hint: str = Field(description="开头几位 / its first characters")
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="精确到小时 / to the hour")


class KeyMade(KeyShown):
    """A new key."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE | {"key": "yk_Xk2p9Q…"}})

    key: str | None = Field(description="仅显示一次 / shown once")


class KeyList(Shown):
    """All keys."""

    items: list[KeyShown]
    next_cursor: None = None


@router.get(
    "", operation_id="list_my_keys", summary="我的 API 密钥 / my API keys", response_model=KeyList
)
def list_(call: Reader) -> Any:
    """密钥本身不再显示。 / Keys themselves are never shown again."""
    with call.read() as desk:
        items = [KeyShown.model_validate(key) for key in desk.api_keys.mine()]
    return call.shown(KeyList(items=items))


@router.post(
    "",
    status_code=201,
    operation_id="create_my_key",
    summary="新建 API 密钥 / make an API key",
    response_model=KeyMade,
)
def create(body: KeyDraft, call: Writer, request: Request) -> Any:
    """密钥仅在此答复中显示一次。 / The key is shown in this answer only."""
    if call.actor.scopes is not None:
        raise OnlyInPerson
    scopes, now = checked(body.scopes), accounts_of(request).clock()
    days, token = body.expires_in_days, new_token(KEY_PREFIX)
    with call.write() as desk:
        key = desk.api_keys.create(
            name=body.name,
            digest=digest_of(token),
            hint=token[:HINT],
            scopes=scopes,
            now=now,
            expires_at=None if days is None else now + timedelta(days=days),
        )
        shown = KeyShown.model_validate(key).model_dump(mode="json") | {"key": None}
        made = call.created(desk, shown, location=f"/v1/me/api-keys/{key.id}")
    return shown_once(made, key=token)


@router.delete(
    "/{key_id}",
    operation_id="revoke_my_key",
    summary="作废 API 密钥 / revoke an API key",
    response_model=KeyShown,
)
def revoke(key_id: Id, call: Writer, request: Request) -> Any:
    """立即生效，不可恢复。 / At once, and for good."""
    accounts = accounts_of(request)
    with call.write() as desk:
        key = desk.api_keys.revoke(key_id, now=accounts.clock())
        response = call.done(desk, KeyShown.model_validate(key))
    accounts.forget()
    return response
