"""The signed-in account's news."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.rest.call import Call, for_operation
from api.rest.fields import Body, Shown
from api.rest.problems import RESPONSES
from data.access.inbox import Card, InboxItem
from data.announce import Kind
from data.policy.operation import Operation

router = APIRouter(prefix="/inbox", tags=["inbox"], responses=RESPONSES)

Reading = Annotated[Call, for_operation(Operation.INBOX_READ)]
Updating = Annotated[Call, for_operation(Operation.INBOX_UPDATE)]

LARGEST = 2**63 - 1
GONE = "已不可查看 / no longer available"
EXAMPLE: JsonDict = {
    "id": 17,
    "kind": "strong_match",
    "need": {"id": "n-3", "title": "降低永磁电机的高频噪声", "view": "full"},
    "achievement": {"id": None, "title": GONE, "view": "gone"},
    "probability": None,
    "created_at": "2026-03-04T05:06:07Z",
    "read_at": None,
}


class CardShown(Shown):
    """A posting that news are about, as far as the reader may see it now."""

    id: str | None = Field(description="不可查看时为空 / null when it cannot be seen")
    title: str
    view: Literal["full", "summary", "gone"]


class InboxItemShown(Shown):
    """One piece of news."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: int
    kind: Kind
    need: CardShown | None
    achievement: CardShown | None
    probability: float | None = Field(
        description="三级及以上的概率 / chance of level 3 or higher, when it was announced"
    )
    created_at: datetime
    read_at: datetime | None


class InboxPage(Shown):
    """Items, newest first."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": [EXAMPLE], "next_cursor": None, "unread": 1}]}
    )

    items: list[InboxItemShown]
    next_cursor: str | None
    unread: int = Field(description="未读总数 / how many items are unread in all")


class Unread(Shown):
    """How much there is to read."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"unread": 3}]})

    unread: int


class ReadAll(Body):
    """Up to where the inbox was read."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"until": 17}]})

    until: int | None = Field(
        default=None, ge=1, le=LARGEST, description="已看到的最新一条；不填为全部 / newest one seen"
    )


class Marked(Shown):
    """What reading did."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"read": 3, "unread": 0}]})

    read: int
    unread: int


@router.get(
    "",
    operation_id="list_inbox",
    summary="查看收件箱 / read one's inbox",
    response_model=InboxPage,
)
def list_(
    call: Reading,
    unread: Annotated[bool, Query(description="仅未读 / only what is unread")] = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Any:
    """Items, newest first; each shows what the reader may see of its postings now."""
    with call.read() as desk:
        page = desk.inbox.page(limit=limit, cursor=cursor, unread=unread)
        waiting = desk.inbox.unread()
    items = [_shown(item) for item in page.items]
    return call.shown(InboxPage(items=items, next_cursor=page.next_cursor, unread=waiting))


@router.get(
    "/unread",
    operation_id="count_unread",
    summary="未读条数 / how many items are unread",
    response_model=Unread,
)
def count_unread(call: Reading) -> Any:
    """The count alone: cheap to ask often, and nothing confidential is seen."""
    with call.read() as desk:
        return call.shown(Unread(unread=desk.inbox.unread()))


@router.post(
    "/{item_id}/read",
    operation_id="read_inbox_item",
    summary="标记一条为已读 / mark one item as read",
    response_model=InboxItemShown,
)
def read(item_id: Annotated[int, Path(ge=1, le=LARGEST)], call: Updating) -> Any:
    """The item, read from now on."""
    with call.write() as desk:
        return call.done(desk, _shown(desk.inbox.read(item_id)))


@router.post(
    "/read-all",
    operation_id="read_inbox",
    summary="全部标记为已读 / mark every item as read",
    response_model=Marked,
)
def read_all(body: ReadAll, call: Updating) -> Any:
    """Marks everything up to the newest item seen."""
    with call.write() as desk:
        marked = desk.inbox.read_all(until=body.until)
        return call.done(desk, Marked(read=marked, unread=desk.inbox.unread()))


def _shown(item: InboxItem) -> InboxItemShown:
    return InboxItemShown(
        id=item.id,
        kind=item.kind,
        need=_card(item.need),
        achievement=_card(item.achievement),
        probability=item.probability,
        created_at=item.created_at,
        read_at=item.read_at,
    )


def _card(card: Card | None) -> CardShown | None:
    if card is None:
        return None
    if card.seen is None:
        return CardShown(id=None, title=GONE, view="gone")
    posting = card.seen.posting
    return CardShown(id=posting.id, title=posting.title, view=card.seen.view.value)
