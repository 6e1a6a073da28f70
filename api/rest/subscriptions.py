"""What the signed-in account wants to hear of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.rest.call import Call, for_operation
from api.rest.fields import Body, Id, Shown
from api.rest.problems import RESPONSES
from data.access.errors import NotAcceptable
from data.access.subscriptions import StoredSubscription
from data.announce import Kind, Subscription
from data.policy.operation import Operation

router = APIRouter(prefix="/subscriptions", tags=["subscriptions"], responses=RESPONSES)

Reading = Annotated[Call, for_operation(Operation.SUBSCRIPTION_READ)]
Updating = Annotated[Call, for_operation(Operation.SUBSCRIPTION_UPDATE)]
Channel = Literal["inbox", "mail", "webhook"]
Ids = Annotated[list[Id], Field(max_length=100)]

EXAMPLE: JsonDict = {
    "chains": ["nev", "robot"],
    "counties": ["yongkang"],
    "events": ["strong_match"],
    "min_probability": 0.6,
    "channels": ["inbox", "mail"],
}


class SubscriptionBody(Body):
    """What to hear of; an empty list of chains or counties leaves nothing out."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    chains: Ids = []
    counties: Ids = []
    events: list[Kind] = Field(default=["strong_match"], max_length=20)
    min_probability: float = Field(
        default=0.5, ge=0, le=1, description="三级及以上的概率 / chance of level 3 or higher"
    )
    channels: list[Channel] = Field(default=["inbox", "webhook"], max_length=10)


class SubscriptionShown(Shown):
    """A subscription as it is stored."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [EXAMPLE | {"updated_at": "2026-03-04T05:06:07Z"}]}
    )

    chains: list[str]
    counties: list[str]
    events: list[Kind]
    min_probability: float
    channels: list[Channel]
    updated_at: datetime | None = Field(description="从未订阅时为空 / null before the first")


@router.get(
    "/mine",
    operation_id="read_subscription",
    summary="查看本人的订阅 / read one's subscription",
    response_model=SubscriptionShown,
)
def read(call: Reading) -> Any:
    """The subscription, or an empty one; its ETag is needed to change it."""
    with call.read() as desk:
        stored = desk.subscriptions.get()
    return call.shown(_shown(stored), etag=stored.etag)


@router.put(
    "/mine",
    operation_id="write_subscription",
    summary="设置本人的订阅 / set one's subscription",
    response_model=SubscriptionShown,
)
def write(body: SubscriptionBody, call: Updating) -> Any:
    """Takes the place of what was asked for before."""
    if "mail" in body.channels and call.settings.smtp_host is None:
        raise NotAcceptable(
            "channels",
            "本服务未配置邮件（YILIAN_SMTP_HOST），请改用收件箱或 Webhook。"
            " / this service sends no mail (YILIAN_SMTP_HOST is unset); use inbox or webhook",
        )
    expected = call.expected_etag()
    with call.write() as desk:
        stored = desk.subscriptions.put(_wanted(body), expected=expected)
        return call.done(desk, _shown(stored), etag=stored.etag)


def _wanted(body: SubscriptionBody) -> Subscription:
    return Subscription(
        chains=_distinct(body.chains),
        counties=_distinct(body.counties),
        events=tuple(dict.fromkeys(body.events)),
        min_probability=body.min_probability,
        inbox="inbox" in body.channels,
        mail="mail" in body.channels,
        webhook="webhook" in body.channels,
    )


def _distinct(ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))


def _shown(stored: StoredSubscription) -> SubscriptionShown:
    wanted = stored.subscription
    channels: dict[Channel, bool] = {
        "inbox": wanted.inbox,
        "mail": wanted.mail,
        "webhook": wanted.webhook,
    }
    return SubscriptionShown(
        chains=list(wanted.chains),
        counties=list(wanted.counties),
        events=list(wanted.events),
        min_probability=wanted.min_probability,
        channels=[channel for channel, used in channels.items() if used],
        updated_at=stored.updated_at,
    )
