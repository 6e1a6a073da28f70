"""The REST interface: match lists for needs, achievements and free text.

It has no accounts yet, so it listens on this machine only unless told otherwise.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.answers import answer_as_json
from api.errors import OURS, UnknownRecord
from api.service import MatchService
from api.settings import Settings
from matcher.errors import EmptyQuery

STATUS_OF: dict[type[Exception], int] = {UnknownRecord: 404, EmptyQuery: 422}
"""Errors that the caller can mend; every other one of ours is a 503."""

Cutoff = Annotated[int, Query(ge=1, le=1000, description="条数 / matches to list")]


class FreeText(BaseModel):
    """A technical problem in somebody's own words."""

    text: str = Field(min_length=1, max_length=100_000, examples=["降低永磁电机的高频噪声"])
    k: int = Field(default=10, ge=1, le=1000)


def create_app(settings: Settings) -> FastAPI:
    """The application over one home; database and model are opened when it starts."""

    @asynccontextmanager
    async def opened(app: FastAPI) -> AsyncIterator[None]:
        app.state.service = MatchService(settings)
        yield
        app.state.service.close()

    app = FastAPI(title="Yilian 一链", version="1", lifespan=opened)
    for family in OURS:
        app.add_exception_handler(family, _problem)

    @app.get("/healthz")
    def health(service: Service) -> dict[str, Any]:
        """Whether the database answers, and which model is in use."""
        return {"status": "ok", "counts": service.counts()}

    @app.get("/v1/{kind}/{posting_id}/matches")
    def matches(
        kind: Literal["needs", "achievements"], posting_id: str, service: Service, k: Cutoff = 10
    ) -> dict[str, Any]:
        """Achievements for a need, or needs for an achievement, ranked and explained."""
        return answer_as_json(service.match(service.posting(posting_id, kind), k=k))

    @app.post("/v1/match")
    def match(question: FreeText, service: Service) -> dict[str, Any]:
        """Achievements for a problem in free words."""
        return answer_as_json(service.match_text(question.text, k=question.k))

    return app


def _service(request: Request) -> MatchService:
    service: MatchService = request.app.state.service
    return service


Service = Annotated[MatchService, Depends(_service)]


def _problem(request: Request, error: Exception) -> JSONResponse:
    """An error of ours as problem details (RFC 9457)."""
    status = next((s for kind, s in STATUS_OF.items() if isinstance(error, kind)), 503)
    body = {"type": "about:blank", "title": type(error).__name__, "status": status}
    return JSONResponse(
        {**body, "detail": str(error)}, status, media_type="application/problem+json"
    )
