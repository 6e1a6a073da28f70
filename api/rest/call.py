"""One request: who asks, in which transaction, and how the answer is sent."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

from anyio import to_thread
from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from api.errors import ApiError
from api.rest.identity import actor_of
from api.rest.replay import RepeatGuard
from api.rest.shelf import Ask, Kept, Shelf
from api.service import MatchService
from api.service_settings import ServiceSettings
from data.access.desk import Desk
from data.access.errors import Changed
from data.access.glance import Glance
from data.access.repeats import Repeats
from data.access.trail import Trail
from data.policy.actor import Actor
from data.policy.decide import rules_for
from data.policy.errors import Forbidden
from data.policy.operation import Operation
from data.session import session_scope

T = TypeVar("T")


_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


class EtagMissing(ApiError):
    """An update without If-Match could overwrite somebody else's."""

    def __init__(self) -> None:
        super().__init__(
            "修改前请先读取，并在 If-Match 中带上读到的 ETag。"
            " / read the record first, and send its ETag in If-Match"
        )


class Call:
    """One request.

    Attributes:
        actor: Who asks.
        service: Matching over the database.
        settings: The service's settings.
        glance: Tells what state rendered answers depend on.
    """

    def __init__(self, request: Request, actor: Actor, body: bytes) -> None:
        self.actor = actor
        self.service: MatchService = request.app.state.service
        self.settings: ServiceSettings = request.app.state.settings
        self.state = request.app.state
        self.glance: Glance = request.app.state.glance
        self._request = request
        key = request.headers.get("idempotency-key")
        writes = request.method == "POST" and key
        self._guard = (
            RepeatGuard.of(str(key)[:200], request.method, request.url.path, body)
            if writes
            else None
        )

    async def in_reading_turn(self, work: Callable[..., T], *arguments: Any) -> T:
        """Work that reads, in the lane that all such work shares; nothing in it may wait.

        Threads that compute take the processor from each other and from those who answer at
        once; one after the other they are done sooner.
        """
        return await to_thread.run_sync(work, *arguments, limiter=self.state.lane)

    @contextmanager
    def read(self) -> Iterator[Desk]:
        """A transaction that only reads; what it saw of confidential things is recorded."""
        trail = self._trail()
        with session_scope(self.service.engine, write=False) as session:
            yield Desk(session, self.actor, trail)
        if trail.pending:
            with session_scope(self.service.engine) as session:
                trail.write(session)

    @contextmanager
    def write(self) -> Iterator[Desk]:
        """A transaction that commits at the end of the block, before the answer is sent.

        Raises:
            Replay: this very request was answered before; its answer is sent again.
        """
        trail = self._trail()
        with session_scope(self.service.engine) as session:
            if self._guard is not None:
                self._guard.begin(Repeats(session, self.actor.id))
            yield Desk(session, self.actor, trail)
            trail.write(session)
        self.state.news.set()  # wakes those who follow the database

    def shown(self, body: BaseModel | Any, *, etag: str | None = None) -> Response:
        """200 with a body."""
        return _json(body, 200, {"ETag": f'"{etag}"'} if etag else {})

    def done(
        self, desk: Desk, body: BaseModel | Any, *, etag: str | None = None, status: int = 200
    ) -> Response:
        """The answer to a deed; kept for a repetition of the request."""
        return self._kept(desk, _json(body, status, {"ETag": f'"{etag}"'} if etag else {}))

    def created(
        self, desk: Desk, body: BaseModel | Any, *, location: str, etag: str | None = None
    ) -> Response:
        """201 with the new thing and its place."""
        headers = {"Location": location} | ({"ETag": f'"{etag}"'} if etag else {})
        return self._kept(desk, _json(body, 201, headers))

    def keep(self, answer: Response, ask: Ask, stamp: Hashable) -> None:
        """Has an answer sent again, to this caller, while ``ask`` tells the same stamp.

        Args:
            answer: JSON that is all of its own, and whose reading leaves no trail.
            ask: Tells the state of now.
            stamp: What it told before anything of the answer was read.
        """
        scope = self._request.scope
        route = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
        shelf: Shelf = self.state.shelf
        shelf.keep(self.actor, self._request, Kept(stamp, ask, bytes(answer.body), route))

    def expected_etag(self) -> str:
        """The etag that the caller read.

        Raises:
            EtagMissing: there is no If-Match.
        """
        sent = self._request.headers.get("if-match")
        if not sent:
            raise EtagMissing
        return sent.strip().removeprefix("W/").strip('"')

    def check_etag(self, item_id: str, current: str) -> None:
        """Refuses a change of what is no longer as the caller read it.

        Raises:
            EtagMissing: there is no If-Match.
            Changed: it names another state.
        """
        if self.expected_etag() != current:
            raise Changed(item_id)

    def _kept(self, desk: Desk, response: Response) -> Response:
        if self._guard is not None:
            self._guard.finish(Repeats(desk.session, self.actor.id), response)
        return response

    def _trail(self) -> Trail:
        client = self._request.client
        return Trail(
            self.actor,
            address=client.host if client else "",
            request=getattr(self._request.state, "request_id", ""),
        )


async def _body(request: Request) -> bytes:
    if not request.headers.get("idempotency-key"):
        return b""
    if not request.headers.get("content-type", "").strip().lower().startswith(_FORMS):
        # read here once; the framework's own parsing finds it cached
        return await request.body()
    # the framework has parsed the form already and left nothing of the stream
    parts = []
    for name, value in (await request.form()).multi_items():
        parts.append(repr((name, value if isinstance(value, str) else value.filename)).encode())
        if not isinstance(value, str):
            parts.append(await value.read())
            await value.seek(0)
    return b"\n".join(parts)


def for_operation(operation: Operation) -> Any:
    """What makes the ``Call`` of an endpoint that does this; refuses those who never may.

    Whether they may do it to this very thing is for the repository to ask. Used as
    ``Annotated[Call, for_operation(Operation.NEED_READ)]``.
    """

    async def call(
        request: Request,
        idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
    ) -> Call:
        actor = await actor_of(request)
        request.state.actor_id = actor.id  # for the log
        if not rules_for(actor, operation):
            raise Forbidden(operation)
        return Call(request, actor, await _body(request))

    call.operation = operation  # type: ignore[attr-defined]  # read by the test of the matrix
    return Depends(call)


def _json(body: BaseModel | Any, status: int, headers: dict[str, str]) -> Response:
    if not isinstance(body, BaseModel):
        return JSONResponse(body, status, headers=headers)
    return Response(body.model_dump_json(), status, headers=headers, media_type="application/json")
