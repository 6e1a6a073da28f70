"""Cases on the wire."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.rest.fields import Body, Day, Id, Note, Shown, Yuan
from data.access.case_values import Case, EventKind
from data.policy.stages import Stage, next_stages
from data.policy.subject import View
from matcher.decision import ReasonCode
from matcher.types import Status


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [values]})


class CaseDraft(Body):
    """The match to be taken up."""

    model_config = _example(need="n-001", achievement="a-014")

    need: Id
    achievement: Id


class CaseChange(Body):
    """What is planned; fields left out stay."""

    model_config = _example(next_action="约双方开技术会", due="2027-03-15", value_cny=300_000)

    next_action: Note = Field(default="", description="下一步 / what to do next")
    due: Day | None = Field(default=None, description="到期日 / the day it is due")
    value_cny: Yuan | None = Field(default=None, description="预计或签约金额 / expected, or signed")


class StageMove(Body):
    """Where a case goes, with what that asks for."""

    model_config = _example(stage="dropped", reason="price", note="报价超出预算一倍")

    stage: Stage
    note: Note = Field(default="", description="退回上一阶段时必填 / needed for a step back")
    reason: ReasonCode | None = Field(
        default=None, description="终止时必填 / needed to drop a case, and for nothing else"
    )
    value_cny: Yuan | None = Field(
        default=None, description="签约金额；不填则为预计金额 / signed value; else the expected one"
    )
    undisclosed: bool = Field(default=False, description="签约金额不公开 / the value is not told")


class NoteDraft(Body):
    """A note."""

    model_config = _example(text="企业希望先看样机。")

    text: Note = Field(min_length=1, pattern=r"\S")


class Assignment(Body):
    """Who shall be in charge."""

    model_config = _example(broker="u-broker-2")

    broker: Id


class CaseShown(Shown):
    """A case as its reader may see it; a summary leaves plans and reasons empty."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "c-4f1c",
                    "view": "full",
                    "etag": "3",
                    "need": "n-001",
                    "achievement": "a-014",
                    "need_title": "降低高速电机转子涡流损耗",
                    "achievement_title": "碳纤维缠绕护套",
                    "need_status": "in_contact",
                    "broker": "u-broker-1",
                    "stage": "clarifying",
                    "next_stages": ["validating", "contacting", "dropped"],
                    "reason": None,
                    "next_action": "约双方开技术会",
                    "due": "2027-03-15",
                    "overdue": False,
                    "value_cny": 300000,
                    "run_id": "7d0a",
                    "rank": 2,
                    "created_at": "2027-02-01T08:00:00Z",
                    "updated_at": "2027-02-20T08:00:00Z",
                }
            ]
        }
    )

    id: str
    view: View
    etag: str
    need: str
    achievement: str
    need_title: str | None = Field(
        description="读者可见的名称；脱敏需求为其公开标题，不可见则为空"
        " / as its reader may see it: of a masked need its public title; null where he may not"
    )
    achievement_title: str | None
    need_status: Status | None = Field(description="需求现状 / where the need stands now")
    broker: str
    stage: Stage
    next_stages: list[Stage] = Field(description="可转入的阶段 / where it can go")
    reason: ReasonCode | None
    next_action: str
    due: date | None
    overdue: bool | None = Field(description="摘要中不显示 / null in a summary")
    value_cny: int | None
    run_id: str | None
    rank: int | None
    created_at: datetime
    updated_at: datetime


class CasePage(Shown):
    """One page of cases."""

    items: list[CaseShown]
    next_cursor: str | None


class CaseEventShown(Shown):
    """Something that happened in a case."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 7,
                    "at": "2027-02-20T08:00:00Z",
                    "who": "u-broker-1",
                    "kind": "note",
                    "text": "企业希望先看样机。",
                    "facts": {},
                }
            ]
        }
    )

    id: int
    at: datetime
    who: str
    kind: EventKind
    text: str
    facts: dict[str, Any]


class CaseEventPage(Shown):
    """One page of what happened, the newest first."""

    items: list[CaseEventShown]
    next_cursor: str | None


class CaseFileShown(Shown):
    """A file without its content."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "f-77ab",
                    "name": "技术协议.pdf",
                    "media_type": "application/pdf",
                    "size": 48213,
                    "digest": "9f0c",
                    "who": "u-broker-1",
                    "at": "2027-02-20T08:00:00Z",
                }
            ]
        }
    )

    id: str
    name: str
    media_type: str
    size: int
    digest: str
    who: str
    at: datetime


class CaseFileList(Shown):
    """The files of a case, oldest first."""

    items: list[CaseFileShown]
    next_cursor: Literal[None] = None


def case_shown(case: Case, today: date) -> CaseShown:
    """A case on the wire."""
    names = set(CaseShown.model_fields) - {"next_stages", "overdue"}
    plain = {name: getattr(case, name) for name in names}
    full = case.view is View.FULL
    return CaseShown(
        **plain,
        next_stages=list(next_stages(case.stage)) if full else [],
        overdue=case.overdue(today) if full else None,
    )
