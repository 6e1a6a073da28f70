"""The audit, for the office and administrators."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from api.rest.call import Call, for_operation
from api.rest.fields import Moment, Shown, Text
from api.rest.paging import Cursor, Limit
from api.rest.problems import RESPONSES
from data.access.audit import AuditFilter
from data.policy.operation import Operation

router = APIRouter(tags=["audit"], responses=RESPONSES)

Reading = Annotated[Call, for_operation(Operation.AUDIT_READ)]
Name = Annotated[Text | None, Query(max_length=200)]


class EntryShown(Shown):
    """One entry: who did what to which, from where."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "seq": 1042,
                    "at": "2027-02-01T08:00:00Z",
                    "actor": "u-7d1c",
                    "role": "broker",
                    "organization": None,
                    "operation": "need.read",
                    "kind": "need",
                    "item": "n-001",
                    "address": "192.0.2.7",
                    "request": "5e0c7a1b",
                    "facts": {},
                    "previous": "9f0c",
                    "digest": "1b77",
                }
            ]
        }
    )

    seq: int = Field(description="序号，无间断 / number, without gaps", examples=[1042])
    at: datetime
    actor: str = Field(description="账号 / account id", examples=["u-7d1c"])
    role: str = Field(examples=["broker"])
    organization: str | None
    operation: str = Field(examples=["need.read"])
    kind: str = Field(examples=["need"])
    item: str = Field(examples=["n-2026-017"])
    address: str = Field(description="来源地址 / network address", examples=["192.0.2.7"])
    request: str = Field(description="请求编号 / request id, as in the log")
    facts: dict[str, Any]
    previous: str = Field(description="上一条的摘要 / digest of the entry before")
    digest: str = Field(description="本条的摘要 / digest of this entry")


class AuditPage(Shown):
    """The newest entries first."""

    items: list[EntryShown]
    next_cursor: str | None


@router.get(
    "/audit",
    operation_id="list_audit",
    summary="审计记录 / the audit, the newest entries first",
    response_model=AuditPage,
)
def read(
    call: Reading,
    actor: Name = None,
    operation: Annotated[Operation | None, Query()] = None,
    item: Name = None,
    since: Moment | None = None,
    until: Moment | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """Entries that pass every filter; a look into the audit is itself recorded."""
    wanted = AuditFilter(
        actor=actor, operation=operation and operation.value, item=item, since=since, until=until
    )
    with call.read() as desk:
        return call.shown(
            AuditPage.model_validate(desk.audit.page(wanted, limit=limit, cursor=cursor))
        )
