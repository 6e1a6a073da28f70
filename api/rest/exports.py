"""Exports: what one may see, as Excel or JSON to take along."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import ConfigDict, Field, model_validator

from api.jobs.exporting import made_at_once, make_now
from api.rest.call import Call, for_operation
from api.rest.downloads import BINARY, attachment
from api.rest.fields import Body, Id, Shown
from api.rest.jobs import wake
from api.rest.paging import Cursor, Limit
from api.rest.problems import RESPONSES
from data.access.exports import Export, ExportKind, Format
from data.policy.operation import Operation

router = APIRouter(prefix="/exports", tags=["exports"], responses=RESPONSES)

Exporting = Annotated[Call, for_operation(Operation.EXPORT_CREATE)]


_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExportOrder(Body):
    """What to take along."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "matches", "need": "n-001", "format": "xlsx"}]},
    )

    kind: ExportKind
    format: Format = "xlsx"
    need: Id | None = Field(default=None, description="匹配清单的需求 / whose matches")
    plan: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        default=None, description="方案版本 / which plan"
    )

    @model_validator(mode="after")
    def _names_its_subject(self) -> "ExportOrder":
        wanted = {ExportKind.MATCHES: "need", ExportKind.PLAN: "plan"}.get(self.kind)
        for name in ("need", "plan"):
            if (getattr(self, name) is None) == (name == wanted):
                raise ValueError(
                    "matches 须给出 need，plan 须给出 plan，cases 均不填"
                    " / matches go with need, plan with plan, cases with neither"
                )
        return self

    @property
    def subject(self) -> str:
        """Id of what it is about; empty for cases."""
        return self.need or (str(self.plan) if self.plan else "")


class ExportShown(Shown):
    """An export, and whether its file is there."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "x-03ce",
                    "kind": "matches",
                    "subject": "n-001",
                    "format": "xlsx",
                    "name": "matches-n-001.xlsx",
                    "state": "ready",
                    "job": None,
                    "size": 8213,
                    "created_at": "2027-02-01T08:00:00Z",
                }
            ]
        }
    )

    id: str
    kind: ExportKind
    subject: str
    format: Format
    name: str
    state: Literal["making", "ready"]
    job: str | None
    size: int | None
    created_at: datetime


class ExportPage(Shown):
    """One page of exports, the newest first."""

    items: list[ExportShown]
    next_cursor: str | None


def export_shown(export: Export) -> ExportShown:
    """An export on the wire."""
    names = set(ExportShown.model_fields) - {"state"}
    state: Literal["making", "ready"] = "making" if export.size is None else "ready"
    return ExportShown(**{name: getattr(export, name) for name in names}, state=state)


@router.post(
    "",
    status_code=201,
    operation_id="create_export",
    summary="导出匹配清单、跟进或方案 / export matches, cases or a plan",
    response_model=ExportShown,
)
def create(body: ExportOrder, call: Exporting) -> Any:
    """匹配清单立即生成，其余在后台生成。 / A match list is made at once, the others by a job."""
    at_once = made_at_once(body.kind)
    with call.write() as desk:
        export = desk.exports.order(body.kind, body.subject, body.format, at_once=at_once)
        if at_once:
            export = make_now(desk, export)
        answer = call.created(desk, export_shown(export), location=f"/v1/exports/{export.id}")
    wake(call)
    return answer


@router.get(
    "",
    operation_id="list_exports",
    summary="列出本人的导出 / list one's own exports",
    response_model=ExportPage,
)
def list_(call: Exporting, limit: Limit = 50, cursor: Cursor = None) -> Any:
    """新的在前。 / The newest first."""
    with call.read() as desk:
        page = desk.exports.page(limit=limit, cursor=cursor)
    items = [export_shown(export) for export in page.items]
    return call.shown(ExportPage(items=items, next_cursor=page.next_cursor))


@router.get(
    "/{export_id}",
    operation_id="read_export",
    summary="查看导出 / read an export",
    response_model=ExportShown,
)
def read(export_id: Id, call: Exporting) -> Any:
    """就绪（ready）后可下载。 / Its file is there when state is ready."""
    with call.read() as desk:
        export = desk.exports.get(export_id)
    return call.shown(export_shown(export))


@router.get(
    "/{export_id}/file",
    operation_id="read_export_file",
    summary="下载 / download the file",
    response_class=Response,
    responses={
        200: {
            "description": "The file, always as an attachment",
            "content": {
                _EXCEL: {"schema": BINARY, "example": "…"},
                "application/json": {"schema": {}, "example": {"query_id": "n-001", "matches": []}},
            },
        }
    },
)
def file(export_id: Id, call: Exporting) -> Response:
    """保留七天。 / Kept for seven days."""
    with call.read() as desk:
        export = desk.exports.get(export_id)
        content = desk.exports.content(export_id)
    return attachment(content, export.name)
