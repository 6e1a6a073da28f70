"""Addresses of the signed-in account's own programs that are told of news."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.delivery.safe_address import LONGEST, check_target
from api.delivery.setup import target_rules
from api.delivery.webhook import new_secret
from api.rest.call import Call, for_operation
from api.rest.fields import Body, Id, Shown, Text
from api.rest.problems import RESPONSES
from api.rest.secrets import shown_once
from api.seal import Seals
from data.access.webhooks import Webhook
from data.announce import Kind
from data.policy.operation import Operation

router = APIRouter(prefix="/webhooks", tags=["webhooks"], responses=RESPONSES)

Reading = Annotated[Call, for_operation(Operation.WEBHOOK_READ)]
Updating = Annotated[Call, for_operation(Operation.WEBHOOK_UPDATE)]

DRAFT: JsonDict = {"url": "https://hooks.example.com/yilian", "events": ["strong_match"]}
EXAMPLE: JsonDict = DRAFT | {
    "id": "w-5f0c",
    "state": "active",
    "created_at": "2026-03-04T05:06:07Z",
    "failing_since": None,
    "failure": None,
    "succeeded_at": None,
    "paused_until": None,
}
SENT: JsonDict = {
    "id": "9b2e",
    "item": 17,
    "state": "sent",
    "attempts": 1,
    "created_at": "2026-03-04T05:06:07Z",
    "due_at": "2026-03-04T05:06:07Z",
    "settled_at": "2026-03-04T05:06:08Z",
    "failure": None,
}


class WebhookDraft(Body):
    """A webhook to be added."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [DRAFT]})

    url: Annotated[Text, Field(min_length=1, max_length=LONGEST)] = Field(
        description="公网 https 地址 / a public https address"
    )
    events: list[Kind] = Field(min_length=1, max_length=20)


class WebhookShown(Shown):
    """A webhook in use."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: str
    url: str
    events: list[Kind]
    state: Literal["active", "failing"]
    created_at: datetime
    failing_since: datetime | None
    failure: str | None = Field(
        description="最近一次失败的原因；secret_lost 须停用后重新添加"
        " / why the last attempt failed; after secret_lost, give it up and add it again"
    )
    succeeded_at: datetime | None
    paused_until: datetime | None


class WebhookCreated(WebhookShown):
    """A new webhook with its secret."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE | {"secret": "whsec_…"}]})

    secret: str | None = Field(description="仅显示这一次 / shown this once")


class WebhookPage(Shown):
    """Every webhook in use, oldest first."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": [EXAMPLE], "next_cursor": None}]}
    )

    items: list[WebhookShown]
    next_cursor: None = None


class Queued(Shown):
    """A delivery that will be sent soon."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"delivery": "9b2e"}]})

    delivery: str


class SentShown(Shown):
    """One delivery to a webhook."""

    model_config = ConfigDict(json_schema_extra={"examples": [SENT]})

    id: str
    item: int | None
    state: Literal["waiting", "sent", "failed"]
    attempts: int
    created_at: datetime
    due_at: datetime
    settled_at: datetime | None
    failure: str | None


class SentPage(Shown):
    """The newest deliveries, newest first."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": [SENT], "next_cursor": None}]}
    )

    items: list[SentShown]
    next_cursor: None = None


@router.post(
    "",
    status_code=201,
    operation_id="create_webhook",
    summary="添加 Webhook / add a webhook",
    response_model=WebhookCreated,
)
def create(body: WebhookDraft, call: Updating) -> Any:
    """Adds an address; its secret signs what is sent there and is told this once."""
    # before the transaction: a resolver may take its time
    check_target(body.url, target_rules(call.settings))
    seals: Seals = call.state.seals
    secret = new_secret()
    with call.write() as desk:
        hook = desk.webhooks.add(body.url, body.events, secret=seals.webhook.seal(secret))
        shown = WebhookCreated(**_shown(hook).model_dump(), secret=None)
        kept = call.created(desk, shown, location=f"/v1/webhooks/{hook.id}")
    return shown_once(kept, secret=secret)


@router.get(
    "",
    operation_id="list_webhooks",
    summary="列出 Webhook / list one's webhooks",
    response_model=WebhookPage,
)
def list_(call: Reading) -> Any:
    """Every webhook in use, and how it fares."""
    with call.read() as desk:
        hooks = desk.webhooks.all()
    return call.shown(WebhookPage(items=[_shown(hook) for hook in hooks]))


@router.get(
    "/{hook_id}",
    operation_id="read_webhook",
    summary="查看 Webhook / read a webhook",
    response_model=WebhookShown,
)
def read(hook_id: Id, call: Reading) -> Any:
    """One webhook, and how it fares."""
    with call.read() as desk:
        hook = desk.webhooks.get(hook_id)
    return call.shown(_shown(hook))


@router.delete(
    "/{hook_id}",
    status_code=204,
    operation_id="end_webhook",
    summary="停用 Webhook / give a webhook up",
)
def end(hook_id: Id, call: Updating) -> Response:
    """Gives it up; what still waits for it is not sent."""
    with call.write() as desk:
        desk.webhooks.end(hook_id)
    return Response(status_code=204)


@router.post(
    "/{hook_id}/test",
    status_code=202,
    operation_id="test_webhook",
    summary="发送一次测试 / send a test",
    response_model=Queued,
)
def test(hook_id: Id, call: Updating) -> Any:
    """Queues a delivery of the event ``test``, at once even if the webhook was failing."""
    with call.write() as desk:
        queued = desk.webhooks.test(hook_id)
        return call.done(desk, Queued(delivery=queued), status=202)


@router.get(
    "/{hook_id}/deliveries",
    operation_id="list_webhook_deliveries",
    summary="最近的投递 / the newest deliveries",
    response_model=SentPage,
)
def deliveries(hook_id: Id, call: Reading, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> Any:
    """What was sent to a webhook, and what became of it."""
    with call.read() as desk:
        found = desk.webhooks.deliveries(hook_id, k=limit)
    return call.shown(SentPage(items=[SentShown.model_validate(sent) for sent in found]))


def _shown(hook: Webhook) -> WebhookShown:
    return WebhookShown(
        id=hook.id,
        url=hook.url,
        events=list(hook.events),
        state="failing" if hook.failing_since else "active",
        created_at=hook.created_at,
        failing_since=hook.failing_since,
        failure=hook.failure,
        succeeded_at=hook.succeeded_at,
        paused_until=hook.paused_until,
    )
