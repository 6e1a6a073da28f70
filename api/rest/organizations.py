"""Organisations: enterprises, universities, institutes, platforms and funds."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from api.rest.call import Call, for_operation
from api.rest.fields import Body, Id, Line, Prose, Shown, Text
from api.rest.paging import Cursor, Limit
from api.rest.problems import RESPONSES
from data.access.organizations import OrganizationFilter
from data.policy.operation import Operation
from data.rows import digest
from matcher.types import Organization, OrganizationKind

router = APIRouter(prefix="/organizations", tags=["organizations"], responses=RESPONSES)

Reading = Annotated[Call, for_operation(Operation.ORGANIZATION_READ)]
Creating = Annotated[Call, for_operation(Operation.ORGANIZATION_CREATE)]
Updating = Annotated[Call, for_operation(Operation.ORGANIZATION_UPDATE)]

Class = Annotated[Text, Field(pattern=r"^[A-T]?\d{2,4}$", description="GB/T 4754-2017")]


class OrganizationChange(Body):
    """Fields of an organisation to change; those left out stay."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "主营电动工具用永磁电机。"}]}
    )

    name: Line = ""
    county: Id | None = Field(default=None, description="县（市、区）编号 / null: outside the city")
    chains: list[Id] = Field(default=[], max_length=20)
    text: Prose = ""
    gbt4754: Class | None = None


class OrganizationDraft(OrganizationChange):
    """An organisation to be registered."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "示例电机有限公司", "kind": "enterprise", "county": "yongkang"}]
        },
    )

    id: Id | None = Field(default=None, description="不填则自动生成 / made up when left out")
    name: Line
    kind: OrganizationKind


class OrganizationShown(Shown):
    """An organisation."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "o-52aa",
                    "etag": "0d4e",
                    "name": "示例电机有限公司",
                    "kind": "enterprise",
                    "county": "yongkang",
                    "chains": ["tools-agri"],
                    "text": "主营电动工具用永磁电机。",
                    "gbt4754": "3812",
                }
            ]
        }
    )

    id: str
    etag: str
    name: str
    kind: OrganizationKind
    county: str | None
    chains: list[str]
    text: str
    gbt4754: str | None


class OrganizationPage(Shown):
    """One page of organisations, by id."""

    items: list[OrganizationShown]
    next_cursor: str | None


@router.get(
    "",
    operation_id="list_organizations",
    summary="列出单位 / list organisations",
    response_model=OrganizationPage,
)
def list_(
    call: Reading,
    q: Annotated[
        Text | None,
        Query(max_length=200, description="名称中的字或编号 / of the name, or id"),
    ] = None,
    kind: OrganizationKind | None = None,
    county: Id | None = None,
    chain: Id | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """Organisations by id."""
    wanted = OrganizationFilter(words=q or None, kind=kind, county=county, chain=chain)
    with call.read() as desk:
        page = desk.organizations.page(wanted, limit=limit, cursor=cursor)
    items = [_shown(organization) for organization in page.items]
    return call.shown(OrganizationPage(items=items, next_cursor=page.next_cursor))


@router.post(
    "",
    status_code=201,
    operation_id="create_organization",
    summary="登记单位 / register an organisation",
    response_model=OrganizationShown,
)
def create(body: OrganizationDraft, call: Creating) -> Any:
    """The office registers an organisation."""
    values = body.model_dump() | {"id": body.id or "", "chains": tuple(body.chains)}
    with call.write() as desk:
        stored = desk.organizations.create(Organization(**values))
        place = f"/v1/organizations/{quote(stored.id)}"
        return call.created(desk, _shown(stored), location=place, etag=digest(stored))


@router.get(
    "/{organization_id:path}",
    operation_id="read_organization",
    summary="查看单位 / read an organisation",
    response_model=OrganizationShown,
)
def read(organization_id: Id, call: Reading) -> Any:
    """One organisation."""
    with call.read() as desk:
        found = desk.organizations.get(organization_id)
    return call.shown(_shown(found), etag=digest(found))


@router.patch(
    "/{organization_id:path}",
    operation_id="update_organization",
    summary="修改单位 / change an organisation",
    response_model=OrganizationShown,
)
def update(organization_id: Id, body: OrganizationChange, call: Updating) -> Any:
    """Its own people and the office keep it right; its kind stays."""
    expected = call.expected_etag()
    changes = body.model_dump(exclude_unset=True)
    if "chains" in changes:
        changes["chains"] = tuple(changes["chains"])
    with call.write() as desk:
        stored = desk.organizations.update(organization_id, changes, expected=expected)
        return call.done(desk, _shown(stored), etag=digest(stored))


def _shown(organization: Organization) -> OrganizationShown:
    names = set(OrganizationShown.model_fields) - {"etag"}
    plain = {name: getattr(organization, name) for name in names}
    return OrganizationShown.model_validate(plain | {"etag": digest(organization)})
