"""Needs and achievements: the same endpoints over two kinds of posting."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.rest.call import Call, for_operation
from api.rest.fields import Id
from api.rest.posting_life import EventShown, MaskBody, MaskShown, Stepping, mask_shown
from api.rest.posting_schemas import (
    AchievementChange,
    AchievementDraft,
    AchievementPage,
    AchievementShown,
    NeedChange,
    NeedDraft,
    NeedPage,
    NeedShown,
    PostingFields,
    achievement_shown,
    need_shown,
)
from api.rest.problems import RESPONSES
from api.service import MatchService
from data.access.desk import Desk
from data.access.glance import Glance
from data.access.masks import Mask
from data.access.posting_pages import Sort, Wanted
from data.policy.actor import Actor
from data.policy.operation import Operation as Op
from matcher.types import Achievement, Need, Status, Visibility

SEARCHED = 200
"""How many postings a full-text search finds at most; the best ones."""


@dataclass(frozen=True, slots=True)
class PostingKind:
    """What tells the two kinds apart on the wire."""

    name: str
    path: str
    zh: str
    item: type[Any]
    draft: type[Any]
    change: type[Any]
    shown: type[Any]
    page: type[Any]
    as_shown: Callable[[Any], Any]
    of: Callable[[Desk], Any]
    pages_of: Callable[[Desk], Any]


NEEDS = PostingKind(
    "need",
    "/needs",
    "需求",
    Need,
    NeedDraft,
    NeedChange,
    NeedShown,
    NeedPage,
    need_shown,
    lambda desk: desk.needs,
    lambda desk: desk.need_pages,
)
ACHIEVEMENTS = PostingKind(
    "achievement",
    "/achievements",
    "成果",
    Achievement,
    AchievementDraft,
    AchievementChange,
    AchievementShown,
    AchievementPage,
    achievement_shown,
    lambda desk: desk.achievements,
    lambda desk: desk.achievement_pages,
)


def make_router(kind: PostingKind) -> APIRouter:
    """The endpoints of one kind of posting."""
    router = APIRouter(prefix=kind.path, tags=[kind.path.strip("/")], responses=RESPONSES)
    read = Annotated[Call, for_operation(Op(f"{kind.name}.read"))]
    create_ = Annotated[Call, for_operation(Op(f"{kind.name}.create"))]
    update_ = Annotated[Call, for_operation(Op(f"{kind.name}.update"))]
    background_ = Annotated[Call, for_operation(Op(f"{kind.name}.background"))]
    mask_ = Annotated[Call, for_operation(Op(f"{kind.name}.mask"))]
    purge_ = Annotated[Call, for_operation(Op.POSTING_PURGE)]
    draft, change = kind.draft, kind.change
    many, one = kind.path.strip("/"), kind.name

    @router.get(
        "",
        operation_id=f"list_{many}",
        summary=f"列出{kind.zh} / list {many}",
        response_model=kind.page,
    )
    async def list_(
        call: read,
        q: Annotated[str, Query(max_length=200, description="全文检索 / full text")] = "",
        status: Annotated[list[Status], Query()] = [],  # noqa: B006 - FastAPI copies it
        visibility: Annotated[list[Visibility], Query()] = [],  # noqa: B006
        chain: Annotated[list[Id], Query(max_length=20)] = [],  # noqa: B006
        county: Annotated[list[Id], Query(max_length=20)] = [],  # noqa: B006
        organization: Id | None = None,
        mine: bool = False,
        sort: Sort = "-updated_at",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Any:
        wanted = Wanted(
            statuses=tuple(status),
            visibilities=tuple(visibility),
            chains=tuple(chain),
            counties=tuple(county),
            organization=organization,
            own=mine,
            words=_searchable(q),
            sort=sort,
        )
        return await call.in_reading_turn(_page, kind, call, wanted, limit, cursor)

    @router.post(
        "",
        status_code=201,
        operation_id=f"create_{one}",
        summary=f"发布{kind.zh} / post {_a(one)}",
        response_model=kind.shown,
    )
    def create(body: draft, call: create_) -> Any:  # type: ignore[valid-type]  # made above
        values = _values(body)
        values["organization"] = values["organization"] or call.actor.organization
        with call.write() as desk:
            seen = kind.of(desk).create(kind.item(id="", **values))
            place = f"/v1{kind.path}/{seen.posting.id}"
            return call.created(desk, kind.as_shown(seen), location=place, etag=seen.etag)

    @router.get(
        "/{posting_id:path}/mask",
        operation_id=f"read_{one}_mask",
        summary=f"脱敏摘要 / the disguised summary of {_a(one)}",
        response_model=MaskShown,
    )
    def read_mask(posting_id: Id, call: background_) -> Any:
        with call.read() as desk:
            mask, warnings = kind.of(desk).mask(posting_id)
        return call.shown(mask_shown(mask, warnings), etag=mask.digest)

    @router.put(
        "/{posting_id:path}/mask",
        operation_id=f"write_{one}_mask",
        summary="填写并确认脱敏摘要 / write and approve the disguised summary",
        response_model=MaskShown,
    )
    def write_mask(posting_id: Id, body: MaskBody, call: mask_) -> Any:
        mask = Mask(title=body.title, summary=body.summary, terms=tuple(body.terms))
        with call.write() as desk:
            written, warnings = kind.of(desk).write_mask(posting_id, mask, approve=body.approve)
            return call.done(desk, mask_shown(written, warnings), etag=written.digest)

    @router.get(
        "/{posting_id:path}/events",
        operation_id=f"list_{one}_events",
        summary=f"{kind.zh}的经过 / the history of {_a(one)}",
        response_model=list[EventShown],
    )
    def events(posting_id: Id, call: background_) -> Any:
        with call.read() as desk:
            found = kind.of(desk).events(posting_id)
        return [EventShown.model_validate(event) for event in found]

    @router.post(
        "/{posting_id:path}/steps",
        operation_id=f"step_{one}",
        summary=f"推进{kind.zh}状态 / take a step in the life of {_a(one)}",
        response_model=kind.shown,
    )
    def step(posting_id: Id, body: Stepping, call: read) -> Any:
        with call.write() as desk:
            seen = kind.of(desk).step(posting_id, Op(f"step.{body.step}"), body.reason)
            return call.done(desk, kind.as_shown(seen), etag=seen.etag)

    @router.delete(
        "/{posting_id:path}",
        status_code=204,
        operation_id=f"purge_{one}",
        summary=f"彻底删除已撤回的{kind.zh} / purge a withdrawn {one}",
    )
    def purge(posting_id: Id, call: purge_) -> Response:
        with call.write() as desk:
            kind.of(desk).purge(posting_id)
        return Response(status_code=204)

    @router.patch(
        "/{posting_id:path}",
        operation_id=f"update_{one}",
        summary=f"修改{kind.zh} / change {_a(one)}",
        response_model=kind.shown,
    )
    def update(posting_id: Id, body: change, call: update_) -> Any:  # type: ignore[valid-type]
        expected = call.expected_etag()
        with call.write() as desk:
            changes = _values(body, sent_only=True)
            seen = kind.of(desk).update(posting_id, changes, expected=expected)
            return call.done(desk, kind.as_shown(seen), etag=seen.etag)

    return router


def make_reader(kind: PostingKind) -> APIRouter:
    """Reading one posting; its path takes every id, so it comes after all others."""
    router = APIRouter(prefix=kind.path, tags=[kind.path.strip("/")], responses=RESPONSES)
    read_ = Annotated[Call, for_operation(Op(f"{kind.name}.read"))]

    @router.get(
        "/{posting_id:path}",
        operation_id=f"read_{kind.name}",
        summary=f"查看{kind.zh} / read {_a(kind.name)}",
        response_model=kind.shown,
    )
    def read(posting_id: Id, call: read_) -> Any:
        with call.read() as desk:
            seen = kind.of(desk).get(posting_id)
        return call.shown(kind.as_shown(seen), etag=seen.etag)

    return router


def _page(
    kind: PostingKind, call: Call, wanted: Wanted, limit: int, cursor: str | None
) -> Response:
    state = _PageState(call.actor, kind.item, call.service if wanted.words else None)
    before = state(call.glance)
    if wanted.words:
        found = call.service.search(kind.item, wanted.words, k=SEARCHED)
        wanted = replace(wanted, among=tuple(found))
    with call.read() as desk:
        page = kind.pages_of(desk).page(wanted, limit=limit, cursor=cursor)
        leaves_trail = desk.trail.pending
    items = [kind.as_shown(seen) for seen in page.items]
    answer = call.shown(kind.page(items=items, next_cursor=page.next_cursor))
    # what belongs to a chain has no stamp
    if before is not None and not leaves_trail and not wanted.chains:
        call.keep(answer, state, before)
    return answer


@dataclass(frozen=True, slots=True)
class _PageState:
    """Asks for the state that a rendered page depends on.

    An index that is behind the data finds less than the one that comes after it, so a page of
    what was searched for depends on the index, too.
    """

    actor: Actor
    kind: type[Any]
    searched: MatchService | None

    def __call__(self, glance: Glance) -> Hashable:
        stamp = glance.of_postings(self.actor, self.kind)
        if stamp is None or self.searched is None:
            return stamp
        return stamp, self.searched.words_index(self.kind)


def _values(body: PostingFields, *, sent_only: bool = False) -> dict[str, Any]:
    values = body.model_dump(exclude_unset=sent_only)
    if "status" in values:
        values["status"] = Status(values["status"])
    return {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}


def _searchable(q: str) -> str:
    return " ".join(q.replace("\0", " ").encode("utf-8", "ignore").decode().split())


def _a(name: str) -> str:
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
