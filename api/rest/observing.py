"""Around every request: its id, one line in the log, its figures, and a calm last word."""

import logging
import re
import secrets
from time import perf_counter
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, reset_contextvars

from api.operations.logs import HIDDEN
from api.operations.metrics import Metrics
from api.rest.problems import problem_response

HEADER = "x-request-id"

_log = logging.getLogger("yilian.access")
_SANE = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_QUIET = frozenset(("/healthz", "/readyz", "/metrics"))
_LONGEST_PATH = 300
_SECRET = re.compile(r"token|secret|code|key")
_LINK = re.compile(r"(/links/+)[^/]+")
_FAILED = (
    "服务内部出错，已记入日志；请稍后再试，仍不行时把 request_id 告诉管理员。"
    " / something failed inside the service and was logged; try again later, and give the"
    " request_id to the administrator if it stays so"
)


class Observer:
    """ASGI middleware, the outermost: it sees every request and every answer."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, and tells of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        bound = bind_contextvars(request_id=request_id)
        answer = _Answer(send, request_id)
        started = perf_counter()
        self._metrics.in_progress.inc()
        try:
            await self._answer(scope, receive, answer)
        finally:
            self._metrics.in_progress.dec()
            self._tell(scope, answer.status, perf_counter() - started)
            reset_contextvars(**bound)

    async def _answer(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._app(scope, receive, answer)
        except Exception:
            _log.exception("a request failed")
            if answer.status:
                # half an answer is out; only a broken connection tells the caller
                raise
            failed = problem_response(Request(scope), 500, "internal-error", _FAILED)
            await failed(scope, receive, answer)

    def _tell(self, scope: Scope, status: int, duration_s: float) -> None:
        method, route = scope["method"], _route(scope)
        self._metrics.answered(method, route, status, duration_s)
        level = logging.DEBUG if scope["path"] in _QUIET else logging.INFO
        if not _log.isEnabledFor(level):
            return
        client = scope.get("client")
        facts = {
            "method": method,
            "path": _path(scope, route),
            "status": status,
            "duration_ms": round(duration_s * 1000, 1),
            "actor": scope["state"].get("actor_id"),
            "client": client[0] if client else None,
        }
        _log.log(level, "request", extra=facts)


class _Answer:
    """Passes an answer on under the request's id, and remembers its status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)[HEADER] = self._request_id
        await self._send(message)


def _request_id(scope: Scope) -> str:
    """The caller's id where it is harmless in a log, else a new one."""
    for name, value in scope["headers"]:
        if name == HEADER.encode() and _SANE.fullmatch(value):
            return str(value, "ascii")
    return secrets.token_hex(8)


def _route(scope: Scope) -> str:
    """Template of the path: labels by paths would grow without end."""
    # newer FastAPI keeps the whole template of an included route apart from the route itself
    found = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    return str(getattr(found, "path_format", "unmatched"))


def _path(scope: Scope, route: str) -> str:
    """The path without its query; the template where a part of it is a secret."""
    if any(_SECRET.search(name) for name in scope.get("path_params", ())):
        return route
    # a request that was refused before it reached its route has no template
    path = _LINK.sub(rf"\1{HIDDEN}", scope["path"])
    return quote(path, safe="/:@!$'()*+,;=~")[:_LONGEST_PATH]
