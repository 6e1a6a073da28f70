"""Problem details (RFC 9457): a stable code, Chinese and English words, the field at fault."""

import logging
import re
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api.errors import OURS
from api.rest.replay import Replay
from api.rest.statuses import status_of
from data.errors import StoreError

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_SPLIT = " / "
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str = Field(examples=["body.title"])
    zh: str
    en: str


class Problem(BaseModel):
    """The body of every answer that is no success."""

    type: str = Field(examples=["urn:yilian:problem:unseen"])
    code: str = Field(examples=["unseen"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str
    zh: str
    en: str
    errors: list[FieldProblem] = []
    request_id: str | None = None


_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    412: "Precondition Failed",
    413: "Content Too Large",
    414: "URI Too Long",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    428: "Precondition Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
_PLAIN = {
    404: "没有这个地址。 / there is no such address",
    405: "此地址不支持该方法。 / this address does not support the method",
}

_STORE = (
    "数据库暂时不可用，已记入日志；请稍后再试，仍不行时把 request_id 告诉管理员。"
    " / the database cannot be used at the moment, which was logged; try again later, and give"
    " the request_id to the administrator if it stays so"
)

RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": _TITLES[status],
        "model": Problem,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status in (400, 401, 403, 404, 409, 412, 413, 414, 415, 422, 428, 429, 431, 503)
}
"""What any operation may answer instead of its success; for routers' ``responses``."""


def problem_response(
    request: Request,
    status: int,
    code: str,
    message: str,
    *,
    errors: list[FieldProblem] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """A problem as it is sent.

    Args:
        request: Whose id goes into the body, so that a caller can quote it.
        status: HTTP status.
        code: Stable name of the problem, lower case with hyphens.
        message: Chinese, then English, with `` / `` between.
        errors: The fields at fault.
        headers: More headers, such as ``Retry-After``.
    """
    zh, _, en = message.partition(_SPLIT)
    problem = Problem(
        type=f"urn:yilian:problem:{code}",
        code=code,
        title=_TITLES.get(status, "Error"),
        status=status,
        detail=message,
        zh=zh,
        en=en or zh,
        errors=errors or [],
        request_id=getattr(request.state, "request_id", None),
    )
    return JSONResponse(jsonable_encoder(problem), status, media_type=MEDIA_TYPE, headers=headers)


def install(app: FastAPI) -> None:
    """Lets every error of ours, and every one of the framework, end as a problem."""
    for family in OURS:
        app.add_exception_handler(family, _ours)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(Replay, _replayed)


def code_of(error: Exception) -> str:
    """The stable code of one of our errors: its class in lower case with hyphens."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", type(error).__name__).lower()


def _ours(request: Request, error: Exception) -> JSONResponse:
    field = getattr(error, "field", None)
    message = str(error)
    if isinstance(error, StoreError):
        # names a file, a host or a statement: for the log, not for callers
        _log.error(message)
        message = _STORE
    zh, _, en = message.partition(_SPLIT)
    errors = [FieldProblem(field=field, zh=zh, en=en or zh)] if isinstance(field, str) else []
    wait = getattr(error, "retry_after_s", None)
    headers = dict(getattr(error, "headers", None) or {})
    if wait is not None:
        headers["Retry-After"] = str(wait)
    return problem_response(
        request, status_of(error), code_of(error), message, errors=errors, headers=headers
    )


def _malformed(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = []
    for found in error.errors():
        zh, _, en = str(found["msg"]).removeprefix("Value error, ").partition(_SPLIT)
        place = ".".join(str(part) for part in found["loc"])
        errors.append(FieldProblem(field=place, zh=zh if en else "不符合要求", en=en or zh))
    # what was sent is not echoed: it may hold what should not stand in a log
    words = "；".join(dict.fromkeys(f"{e.field}: {e.zh}" for e in errors[:5]))
    english = "; ".join(dict.fromkeys(f"{e.field}: {e.en}" for e in errors[:5]))
    message = f"请求不符合格式（{words}）。 / the request is malformed ({english})"
    return problem_response(request, 422, "malformed-request", message, errors=errors[:50])


def _plain(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    message = _PLAIN.get(error.status_code, str(error.detail))
    code = re.sub(r"[^a-z]+", "-", _TITLES.get(error.status_code, "error").lower())
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_allowed(request))
    return problem_response(request, error.status_code, code, message, headers=headers)


def _allowed(request: Request) -> list[str]:
    """The methods of an address; the framework names those of the first route alone."""
    return [
        method
        for method in _METHODS
        for scope in [{**request.scope, "method": method}]
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes)
    ]


def _replayed(request: Request, error: Exception) -> Response:
    assert isinstance(error, Replay)
    return error.response
