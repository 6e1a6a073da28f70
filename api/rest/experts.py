"""Experts of universities and institutes."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from api.rest.call import Call, for_operation
from api.rest.fields import Body, Id, Line, Prose, Shown, Text
from api.rest.paging import Cursor, Limit
from api.rest.problems import RESPONSES
from data.access.errors import NotAcceptable
from data.access.experts import ExpertFilter
from data.expert import Expert
from data.policy.operation import Operation

router = APIRouter(prefix="/experts", tags=["experts"], responses=RESPONSES)

Reading = Annotated[Call, for_operation(Operation.EXPERT_READ)]
Creating = Annotated[Call, for_operation(Operation.EXPERT_CREATE)]
Updating = Annotated[Call, for_operation(Operation.EXPERT_UPDATE)]


class ExpertChange(Body):
    """Fields of an expert to change; those left out stay."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"fields": ["永磁电机", "振动噪声"]}]}
    )

    name: Line = ""
    title: Annotated[Text, Field(max_length=100)] = Field(
        default="", description="职称 / academic or professional title"
    )
    fields: list[Line] = Field(default=[], max_length=50, description="研究方向 / fields of work")
    text: Prose = ""


class ExpertDraft(ExpertChange):
    """An expert to be listed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "张示例", "title": "教授", "fields": ["永磁电机"]}]
        },
    )

    organization: Id | None = Field(default=None, description="不填为本单位 / own if left out")
    name: Line


class ExpertShown(Shown):
    """An expert."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "x-81fd",
                    "etag": "77b1",
                    "organization": "u-01",
                    "name": "张示例",
                    "title": "教授",
                    "fields": ["永磁电机"],
                    "text": "",
                    "created_at": "2027-02-01T08:00:00Z",
                    "updated_at": "2027-02-01T08:00:00Z",
                }
            ]
        }
    )

    id: str
    etag: str
    organization: str
    name: str
    title: str
    fields: list[str]
    text: str
    created_at: datetime | None
    updated_at: datetime | None


class ExpertPage(Shown):
    """One page of experts, by id."""

    items: list[ExpertShown]
    next_cursor: str | None


@router.get(
    "",
    operation_id="list_experts",
    summary="列出专家 / list experts",
    response_model=ExpertPage,
)
def list_(
    call: Reading,
    q: Annotated[
        Text | None, Query(max_length=200, description="姓名、职称或简介中的字 / words to look for")
    ] = None,
    organization: Id | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """Experts by id."""
    wanted = ExpertFilter(words=q or None, organization=organization)
    with call.read() as desk:
        page = desk.experts.page(wanted, limit=limit, cursor=cursor)
    items = [ExpertShown.model_validate(expert) for expert in page.items]
    return call.shown(ExpertPage(items=items, next_cursor=page.next_cursor))


@router.post(
    "",
    status_code=201,
    operation_id="create_expert",
    summary="登记专家 / list an expert",
    response_model=ExpertShown,
)
def create(body: ExpertDraft, call: Creating) -> Any:
    """List an expert of one's own university."""
    organization = body.organization or call.actor.organization
    if organization is None:
        raise NotAcceptable("organization", "请填写专家所在单位。 / name the expert's organisation")
    values = body.model_dump() | {"organization": organization, "fields": tuple(body.fields)}
    with call.write() as desk:
        expert = desk.experts.create(Expert(**values))
        shown = ExpertShown.model_validate(expert)
        return call.created(desk, shown, location=f"/v1/experts/{expert.id}", etag=expert.etag)


@router.get(
    "/{expert_id}",
    operation_id="read_expert",
    summary="查看专家 / read an expert",
    response_model=ExpertShown,
)
def read(expert_id: Id, call: Reading) -> Any:
    """One expert."""
    with call.read() as desk:
        expert = desk.experts.get(expert_id)
    return call.shown(ExpertShown.model_validate(expert), etag=expert.etag)


@router.patch(
    "/{expert_id}",
    operation_id="update_expert",
    summary="修改专家 / change an expert",
    response_model=ExpertShown,
)
def update(expert_id: Id, body: ExpertChange, call: Updating) -> Any:
    """Change an expert of one's own university."""
    expected = call.expected_etag()
    changes = body.model_dump(exclude_unset=True)
    if "fields" in changes:
        changes["fields"] = tuple(changes["fields"])
    with call.write() as desk:
        expert = desk.experts.update(expert_id, changes, expected=expected)
        return call.done(desk, ExpertShown.model_validate(expert), etag=expert.etag)
