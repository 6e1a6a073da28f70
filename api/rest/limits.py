"""What is refused before any endpoint sees it, and what every answer says to a browser."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.rest.problems import problem_response

LONGEST_URL = 8 * 1024
LARGEST_HEADERS = 32 * 1024

_TOO_LARGE = (
    "请求体过大，上限为 {limit} 字节；大批数据请用 /v1/imports 上传文件。"
    " / the body is too large, the limit is {limit} bytes; upload a file to /v1/imports"
    " for much data"
)
_URL_TOO_LONG = "地址过长，请缩短查询条件。 / the URL is too long; shorten the query"
_HEADERS_TOO_LARGE = (
    "请求头过大，请清除该站点的 Cookie 后重试。"
    " / the headers are too large; clear the cookies of this site and try again"
)
_UNKNOWN_HOST = (
    "本服务不以此主机名提供服务；请检查地址，或由管理员在 YILIAN_ALLOWED_HOSTS 中加入它。"
    " / this service does not go by that host name; check the address, or have the"
    " administrator add it to YILIAN_ALLOWED_HOSTS"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a request may bring.

    Attributes:
        body: Bytes of a body.
        upload: Bytes of a body where ``uploads`` fits the whole path.
        uploads: Regular expression of the paths that take files.
        hosts: Accepted names in the Host header, without port; empty for any.
        https: Whether people reach the service by HTTPS, so that browsers are told to stay
            with it.
    """

    body: int = 2 * 2**20
    upload: int = 32 * 2**20
    uploads: str = r"/v1/(imports|cases/[^/]+/files)(/.*)?"
    hosts: Sequence[str] = ()
    https: bool = False


class Gate:
    """ASGI middleware that keeps to ``Limits``."""

    def __init__(self, app: ASGIApp, *, limits: Limits) -> None:
        self._app = app
        self._limits = limits
        self._uploads = re.compile(limits.uploads)
        self._hosts = frozenset(host.lower() for host in limits.hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request that is within the limits, and refuses any other."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._secure(scope, MutableHeaders(scope=message))
            await send(message)

        headers = Headers(scope=scope)
        limit = self._limit_for(scope["path"])
        refusal = self._refusal(scope, headers, limit)
        if refusal is not None:
            status, code, words = refusal
            await problem_response(Request(scope), status, code, words)(scope, receive, secured)
            return
        guard = _Body(scope, receive, secured, limit)
        try:
            await self._app(scope, guard.receive, guard.send)
        except Exception:
            # whatever came of a body that was refused half-way: it has its answer
            if not guard.refused:
                raise

    def _limit_for(self, path: str) -> int:
        return self._limits.upload if self._uploads.fullmatch(path) else self._limits.body

    def _refusal(self, scope: Scope, headers: Headers, limit: int) -> tuple[int, str, str] | None:
        if self._hosts and not self._known_host(scope, headers.get("host", "")):
            return 400, "unknown-host", _UNKNOWN_HOST
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_URL:
            return 414, "url-too-long", _URL_TOO_LONG
        if sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEADERS:
            return 431, "headers-too-large", _HEADERS_TOO_LARGE
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > limit:
            return 413, "body-too-large", _TOO_LARGE.format(limit=limit)
        return None

    def _known_host(self, scope: Scope, host: str) -> bool:
        name = host.lower().rsplit(":", 1)[0] if not host.endswith("]") else host.lower()
        # a health check inside the container knows no other name
        return name in self._hosts or (name in _HERE and is_loopback(scope))

    def _secure(self, scope: Scope, headers: MutableHeaders) -> None:
        headers["x-content-type-options"] = "nosniff"
        headers.setdefault("content-security-policy", "frame-ancestors 'none'")
        headers.setdefault("referrer-policy", "no-referrer")
        if scope["path"].startswith("/v1/"):
            # answers are for one account, and may be confidential
            headers.setdefault("cache-control", "no-store")
        if self._limits.https:
            headers["strict-transport-security"] = "max-age=31536000"


def is_loopback(scope: Scope) -> bool:
    """Whether the request was made on this very machine, and not passed on by a proxy on it."""
    client = scope.get("client")
    passed_on = {b"x-forwarded-for", b"forwarded"} & {name for name, _ in scope["headers"]}
    if not client or passed_on:
        return False
    try:
        return ip_address(client[0]).is_loopback
    except ValueError:
        return False


_HERE = frozenset(("localhost", "127.0.0.1", "[::1]"))


class _Body:
    """Counts a body that did not say how long it is, and refuses it when it grows too long."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._limit = limit
        self._read = 0
        self._answered = False
        self.refused = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._read += len(message.get("body", b""))
            if self._read > self._limit:
                await self._refuse()
                # the endpoint is told that there is nobody to answer any more
                return {"type": "http.disconnect"}
        return message

    async def send(self, message: Message) -> None:
        self._answered = True
        if not self.refused:
            await self._send(message)

    async def _refuse(self) -> None:
        self.refused = True
        if not self._answered:
            words = _TOO_LARGE.format(limit=self._limit)
            answer = problem_response(Request(self._scope), 413, "body-too-large", words)
            await answer(self._scope, self._receive, self._send)
