"""What happens to a posting, on the wire: steps, history, the disguised face."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from api.rest.fields import Body, Line, Note, Shown, Text
from api.rest.posting_schemas import Lines
from data.access.masks import Mask
from matcher.masking import Leak
from matcher.types import Status


class Stepping(Body):
    """One step in the life of a posting."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"step": "submit"}]})

    step: Literal[
        "submit",
        "return",
        "publish",
        "contact",
        "sign",
        "close",
        "expire",
        "withdraw",
        "restore",
        "reopen",
    ]
    reason: Note = ""


class EventShown(Shown):
    """A step that was taken."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "at": "2027-02-01T08:00:00Z",
                    "who": "u-office-1",
                    "step": "publish",
                    "status": "published",
                    "reason": "",
                }
            ]
        }
    )

    at: datetime
    who: str
    step: str
    status: Status
    reason: str


class MaskBody(Body):
    """What others shall see of a masked posting."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "title": "某电机企业求高速电机降噪技术",
                    "summary": "现有高速永磁电机噪声偏高，求不降低效率的降噪方案。",
                    "terms": ["产品代号X7"],
                    "approve": True,
                }
            ]
        },
    )

    title: Line
    summary: Annotated[Text, Field(min_length=1, max_length=5_000)]
    terms: Lines = Field(default=[], description="不得出现的词 / words that must not show")
    approve: bool = Field(default=False, description="确认后他人可见 / others see it once approved")


class LeakShown(Shown):
    """Something that still shows."""

    kind: str
    field: str
    text: str
    start: int


class MaskShown(Shown):
    """The disguised face, and what the check still finds in it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "某电机企业求高速电机降噪技术",
                    "summary": "代号X7的高速永磁电机噪声偏高，求降噪方案。",
                    "terms": ["X7"],
                    "approved_by": None,
                    "approved_at": None,
                    "warnings": [{"kind": "term", "field": "summary", "text": "X7", "start": 2}],
                }
            ]
        }
    )

    title: str
    summary: str
    terms: list[str]
    approved_by: str | None
    approved_at: datetime | None
    warnings: list[LeakShown]


def mask_shown(mask: Mask, warnings: tuple[Leak, ...]) -> MaskShown:
    """A mask on the wire."""
    told = [LeakShown.model_validate(leak) for leak in warnings]
    return MaskShown(
        title=mask.title,
        summary=mask.summary,
        terms=list(mask.terms),
        approved_by=mask.approved_by,
        approved_at=mask.approved_at,
        warnings=told,
    )
