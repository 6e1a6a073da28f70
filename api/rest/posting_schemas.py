"""Needs and achievements on the wire."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.rest.fields import Body, Day, Id, Line, Prose, Shown, Trl, Yuan
from data.access.posting_reader import Seen
from matcher.types import (
    Achievement,
    CooperationMode,
    IpStatus,
    Need,
    Status,
    Visibility,
)

Lines = Annotated[list[Line], Field(max_length=100)]
Start = Literal["draft", "submitted", "published"]

NEED_EXAMPLE: JsonDict = {
    "title": "降低永磁电机的高频噪声",
    "text": "额定转速6000 r/min时整机噪声72 dB(A)，希望在不降低效率的前提下降噪。",
    "must_have": ["效率不低于现有水平"],
    "indicators": ["噪声≤65 dB(A)"],
    "budget_cny": 800000,
    "deadline": "2027-06-30",
    "visibility": "masked",
    "status": "draft",
}
ACHIEVEMENT_EXAMPLE: JsonDict = {
    "title": "永磁电机定子模态优化降噪技术",
    "text": "样机在6000 r/min下噪声63 dB(A)，效率不变。",
    "trl": 6,
    "ip_status": "granted",
    "cooperation_modes": ["license"],
    "status": "submitted",
}
_PLACE: JsonDict = {
    "view": "full",
    "etag": "5d1f",
    "county": "yongkang",
    "chains": ["tools-agri"],
    "keywords": ["永磁电机", "降噪"],
    "created_at": "2027-02-01T08:00:00Z",
    "updated_at": "2027-02-20T08:00:00Z",
}
_NEED_SHOWN: JsonDict = (
    NEED_EXAMPLE
    | _PLACE
    | {
        "id": "n-001",
        "organization": "e-nev-1",
        "cooperation_modes": [],
        "nice_to_have": [],
        "min_trl": None,
    }
)
_ACHIEVEMENT_SHOWN: JsonDict = (
    ACHIEVEMENT_EXAMPLE
    | _PLACE
    | {
        "id": "a-014",
        "organization": "u-01",
        "visibility": "public",
        "patents": [],
        "ipc": ["H02K 1/14"],
        "team": ["张示例"],
        "price_cny": None,
    }
)


class PostingFields(Body):
    """What both kinds of posting have."""

    title: Line
    text: Prose = ""
    county: Id | None = Field(default=None, description="县（市、区）编号 / reference id")
    chains: list[Id] = Field(default=[], max_length=20)
    keywords: Lines = []
    cooperation_modes: list[CooperationMode] = Field(default=[], max_length=6)
    visibility: Visibility = Visibility.PUBLIC


class NeedFields(PostingFields):
    """What a need says."""

    must_have: Lines = []
    nice_to_have: Lines = []
    indicators: Lines = []
    budget_cny: Yuan | None = None
    deadline: Day | None = None
    min_trl: Trl | None = None


class AchievementFields(PostingFields):
    """What an achievement says."""

    trl: Trl | None = None
    ip_status: IpStatus | None = None
    patents: Lines = []
    ipc: Lines = []
    team: Lines = []
    price_cny: Yuan | None = None


class NeedDraft(NeedFields):
    """A need to be posted."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [NEED_EXAMPLE]})

    organization: Id | None = Field(default=None, description="不填为本单位 / own if left out")
    status: Start = "submitted"


class AchievementDraft(AchievementFields):
    """An achievement to be posted."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [ACHIEVEMENT_EXAMPLE]})

    organization: Id | None = Field(default=None, description="不填为本单位 / own if left out")
    status: Start = "submitted"


class NeedChange(NeedFields):
    """Fields of a need to change; those left out stay."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"budget_cny": 1_000_000}]}
    )

    title: Line = Field(default="")


class AchievementChange(AchievementFields):
    """Fields of an achievement to change; those left out stay."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"trl": 7}]})

    title: Line = Field(default="")


class PostingShown(Shown):
    """What both kinds of posting show; a summary leaves most of it empty."""

    id: str
    view: Literal["full", "summary"] = Field(description="全文或摘要 / how much is shown")
    etag: str
    title: str
    text: str
    organization: str | None
    county: str | None
    chains: list[str]
    keywords: list[str]
    cooperation_modes: list[CooperationMode]
    visibility: Visibility
    status: Status
    created_at: datetime | None
    updated_at: datetime | None


class NeedShown(PostingShown):
    """A need as its reader may see it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_NEED_SHOWN]})

    must_have: list[str]
    nice_to_have: list[str]
    indicators: list[str]
    budget_cny: int | None
    deadline: date | None
    min_trl: int | None


class AchievementShown(PostingShown):
    """An achievement as its reader may see it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ACHIEVEMENT_SHOWN]})

    trl: int | None
    ip_status: IpStatus | None
    patents: list[str]
    ipc: list[str]
    team: list[str]
    price_cny: int | None


class NeedPage(Shown):
    """One page of needs."""

    items: list[NeedShown]
    next_cursor: str | None


class AchievementPage(Shown):
    """One page of achievements."""

    items: list[AchievementShown]
    next_cursor: str | None


def need_shown(seen: Seen[Need]) -> NeedShown:
    """A need on the wire."""
    return NeedShown.model_validate(_fields(seen))


def achievement_shown(seen: Seen[Achievement]) -> AchievementShown:
    """An achievement on the wire."""
    return AchievementShown.model_validate(_fields(seen))


def _fields(seen: Seen[Any]) -> dict[str, Any]:
    posting = seen.posting
    plain = {name: getattr(posting, name) for name in _names(type(posting))}
    return plain | {"view": seen.view.value, "etag": seen.etag}


def _names(kind: type[Need] | type[Achievement]) -> list[str]:
    shown = NeedShown if kind is Need else AchievementShown
    return [name for name in shown.model_fields if name not in ("view", "etag")]
