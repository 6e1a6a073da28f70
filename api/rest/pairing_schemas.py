"""Pairing plans on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from api.rest.fields import Body, Id, Line, Note, Shown, Text

Kind = Literal["chain", "county"]
_OBJECTIVE: dict[str, Any] = {
    "coverage": 7.4,
    "lead": 0.6,
    "cooperation": 0.2,
    "coupling": 0.1,
    "balance": 0.0,
    "distance": 0.0,
    "overload": 0.0,
    "total": 8.3,
}
_ENTRY: dict[str, Any] = {
    "version": 3,
    "name": "一链一校2027",
    "note": "",
    "author": "u-office-1",
    "created_at": "2027-02-01T08:00:00Z",
    "data_version": 412,
    "frozen_at": None,
    "frozen_by": None,
    "solver": "exact",
    "gap": 0.0,
    "objective": _OBJECTIVE,
}
_PLAN: dict[str, Any] = {
    "stale": False,
    "teams": [{"hub": "nev", "lead": "u-01", "partners": ["u-03"]}],
    "coverage": [{"need": "n-001", "hub": "nev", "supplier": "u-01", "level": 0.81, "value": 0.9}],
    "titles": {"n-001": "降低永磁电机的高频噪声"},
    "people": {"a-014": ["张示例"]},
}


class FixedBody(Body):
    """A pair that has to be."""

    hub: Id = Field(description="产业链或县（市、区）编号 / id of a chain or county")
    supplier: Id
    role: Literal["lead", "partner"] | None = None


class ForbiddenBody(Body):
    """A pair that must not be, and why."""

    hub: Id
    supplier: Id
    reason: Line


class PairingDraft(Body):
    """What the office decides before the solver does."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"kinds": ["chain"], "chains": ["nev", "tools-agri"], "partners": 2}]
        },
    )

    kinds: list[Kind] = Field(default=["chain"], min_length=1, max_length=2)
    chains: list[Id] = Field(default=[], max_length=200, description="不填为全部 / all if left out")
    counties: list[Id] = Field(default=[], max_length=200)
    partners: int = Field(default=1, ge=0, le=20)
    capacity: int = Field(default=2, ge=1, le=100)
    max_leads: int | None = Field(default=None, ge=0, le=100)
    min_local: int = Field(default=0, ge=0, le=20)
    local_lead: bool = False
    fixed: list[FixedBody] = Field(default=[], max_length=500)
    forbidden: list[ForbiddenBody] = Field(default=[], max_length=500)
    leaders: list[Id] = Field(
        default=[], max_length=500, description="链主企业 / whose needs count more"
    )
    time_limit_s: float = Field(default=20.0, ge=0.1, le=60.0)
    name: Annotated[Text, Field(max_length=200)] = ""
    note: Note = ""


class ObjectiveShown(Shown):
    """What a plan is worth, in needs of average importance."""

    coverage: float
    lead: float
    cooperation: float
    coupling: float
    balance: float
    distance: float
    overload: float
    total: float


class PairingEntry(Shown):
    """A plan without its teams."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ENTRY]})

    version: int
    name: str
    note: str
    author: str
    created_at: datetime
    data_version: int
    frozen_at: datetime | None
    frozen_by: str | None
    solver: str
    gap: float = Field(description="距最优的差距上界 / how far it may be from the best, as a share")
    objective: ObjectiveShown


class PairingList(Shown):
    """Every plan, the oldest first."""

    items: list[PairingEntry]
    next_cursor: None = None


class TeamShown(Shown):
    """Who serves one chain or county."""

    hub: str
    lead: str | None
    partners: list[str]


class CoverageShown(Shown):
    """Who covers one need best."""

    need: str
    hub: str
    supplier: str
    level: float
    value: float


class PairingShown(PairingEntry):
    """A plan; the office also reads its reasons and what it was made from."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ENTRY | _PLAN]})

    stale: bool = Field(description="数据已变动 / the data has moved on since")
    teams: list[TeamShown]
    coverage: list[CoverageShown]
    titles: dict[str, str] = Field(description="可见需求与成果的标题 / of what you may see")
    people: dict[str, list[str]]
    staleness: dict[str, Any] | None = None
    reasons: dict[str, Any] | None = None
    inputs: dict[str, Any] | None = None


class TeamChangeShown(Shown):
    """A chain or county whose team differs."""

    hub: str
    lead: list[str | None]
    joined: list[str]
    left: list[str]
    value: float


class LevelChangeShown(Shown):
    """A need that is covered at another level."""

    need: str
    hub: str
    before: float
    after: float


class ComparisonShown(Shown):
    """How the second of two plans differs from the first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "first": 3,
                    "second": 4,
                    "teams": [
                        {
                            "hub": "nev",
                            "lead": ["u-01", "u-03"],
                            "joined": ["u-03"],
                            "left": ["u-01"],
                            "value": 0.4,
                        }
                    ],
                    "levels": [{"need": "n-001", "hub": "nev", "before": 0.6, "after": 0.81}],
                    "objective": {"coverage": [7.4, 7.8]},
                    "inputs": [],
                    "needs_gone": [],
                    "needs_new": ["n-044"],
                }
            ]
        }
    )

    first: int
    second: int
    teams: list[TeamChangeShown]
    levels: list[LevelChangeShown]
    objective: dict[str, list[float]]
    inputs: list[str]
    needs_gone: list[str]
    needs_new: list[str]
