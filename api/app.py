"""The REST interface: match lists for needs, achievements and free text.

It has no accounts yet: it shows public postings only, and listens on this machine only
unless told otherwise.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.answers import answer_as_json
from api.errors import OURS, UnknownRecord, status_of
from api.service import MatchService
from api.settings import Settings
from matcher.types import Filter, Visibility

OPEN = Filter(visibilities=(Visibility.PUBLIC,))
"""What may be shown to a caller whom nobody knows: published and public."""

Cutoff = Annotated[int, Query(ge=1, le=500, description="条数 / matches to list")]


class FreeText(BaseModel):
    """A technical problem in somebody's own words."""

    text: str = Field(min_length=1, max_length=100_000, examples=["降低永磁电机的高频噪声"])
    k: int = Field(default=10, ge=1, le=500)


def create_app(settings: Settings) -> FastAPI:
    """The application over one home; database, model and indexes are opened when it starts."""

    @asynccontextmanager
    async def opened(app: FastAPI) -> AsyncIterator[None]:
        service = MatchService(settings)
        service.refresh()
        app.state.service = service
        yield
        service.close()

    app = FastAPI(title="Yilian 一链", version="1", lifespan=opened)
    for family in OURS:
        app.add_exception_handler(family, _ours)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _unknown)

    @app.get("/healthz")
    def health(service: Service) -> dict[str, Any]:
        """Whether the database answers, what it holds, and which model is in use."""
        return {
            "status": "ok",
            "model": service.encoder.fingerprint,
            "counts": service.records.counts(),
        }

    @app.get("/v1/{kind}/{posting_id:path}/matches")
    def matches(
        kind: Literal["needs", "achievements"], posting_id: str, service: Service, k: Cutoff = 10
    ) -> dict[str, Any]:
        """Achievements for a need, or needs for an achievement, ranked and explained."""
        posting = service.records.posting(posting_id, kind)
        if not OPEN.accepts(posting):
            raise UnknownRecord(posting_id)
        return answer_as_json(service.match(posting, k=k, wanted=OPEN))

    @app.post("/v1/match")
    def match(question: FreeText, service: Service) -> dict[str, Any]:
        """Achievements for a problem in free words."""
        return answer_as_json(service.match_text(question.text, k=question.k, wanted=OPEN))

    return app


def _service(request: Request) -> MatchService:
    service: MatchService = request.app.state.service
    return service


Service = Annotated[MatchService, Depends(_service)]


def _ours(request: Request, error: Exception) -> JSONResponse:
    return _problem(status_of(error), type(error).__name__, str(error))


def _malformed(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    places = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    words = f"请求不符合格式 / the request is malformed: {'; '.join(places)}"
    return _problem(422, "MalformedRequest", words)


def _unknown(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _problem(error.status_code, "HttpError", str(error.detail))


def _problem(status: int, title: str, detail: str) -> JSONResponse:
    """Problem details (RFC 9457)."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")
