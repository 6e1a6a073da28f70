"""Imports on the wire."""

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.rest.fields import Body, Prose, Shown
from data.access.upload import Upload, UploadForm, UploadState

ImportKind = Literal["needs", "achievements", "organizations", "experts"]
DraftField = Literal[
    "title", "text", "organization", "county", "chains", "keywords", "must_have", "nice_to_have",
    "indicators", "budget_cny", "deadline", "min_trl", "cooperation_modes", "visibility",
]  # fmt: skip

SHOWN = 200
"""Problems told with an import; ``problems.csv`` has all of them."""

_IMPORT: JsonDict = {
    "id": "i-20cd",
    "kind": "needs",
    "form": "table",
    "state": "checked",
    "name": "需求.xlsx",
    "size": 9120,
    "job": None,
    "created_at": "2027-02-01T08:00:00Z",
    "updated_at": "2027-02-01T08:00:00Z",
    "rows": 12,
    "tried": {"added": 11, "changed": 0, "unchanged": 0, "refused": 1},
    "problem_count": 1,
    "problems": [
        {
            "sheet": "需求",
            "row": 7,
            "column": "预算",
            "value": "面议",
            "severity": "error",
            "zh": "不是金额",
            "en": "is no amount",
        }
    ],
}


class RowProblem(Shown):
    """What is wrong with one row."""

    sheet: str | None
    row: int | None
    column: str | None
    value: str | None
    severity: Literal["error", "warning"]
    zh: str
    en: str


class Tried(Shown):
    """What the rows of a file do, or did."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0


class DraftProblem(Shown):
    """Why the words of a field cannot be read."""

    zh: str
    en: str


class DraftFieldShown(Shown):
    """One field of a form with the words that it was read from."""

    field: str
    label: str = Field(description="表中的标签 / the label in the form")
    value: Any = Field(description="读出的值 / what was read; null with a problem")
    quote: str = Field(description="原文 / the words in the form")
    place: dict[str, int] = Field(description="页、段落或表格单元 / page, paragraph or table cell")
    problem: DraftProblem | None


class UnreadWords(Shown):
    """Words of a form that became no field."""

    quote: str
    place: dict[str, int]


class MissingField(Shown):
    """A field that the form does not tell."""

    field: str
    label: str


class DraftShown(Shown):
    """A form as a draft of a need, for a person to confirm."""

    fields: list[DraftFieldShown]
    missing: list[MissingField]
    unread: list[UnreadWords]
    left_out: list[str] = Field(description="未收录的标签（如联系人）/ labels of personal data")
    need: str | None = Field(default=None, description="确认后的需求编号 / the need that it became")


class ImportShown(Shown):
    """An import: what was tried, and what came of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_IMPORT]})

    id: str
    kind: ImportKind
    form: UploadForm
    state: UploadState
    name: str
    size: int
    job: str | None
    created_at: datetime
    updated_at: datetime
    rows: int | None = None
    tried: Tried | None = Field(default=None, description="试导入 / the dry run")
    applied: Tried | None = Field(default=None, description="实际写入 / what was stored")
    problem_count: int = 0
    problems: list[RowProblem] = Field(default=[], description=f"前 {SHOWN} 条 / the first ones")
    warnings: list[RowProblem] = []
    draft: DraftShown | None = None


class ImportPage(Shown):
    """One page of imports, the newest first; their problems are told one by one."""

    items: list[ImportShown]
    next_cursor: str | None


class Confirmation(Body):
    """What a person changes before a form becomes a need; nothing for a table."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"corrections": {"budget_cny": "80万元"}}]},
    )

    corrections: dict[DraftField, Prose] = Field(
        default={}, description="按字段更正，写法与表格相同 / new words by field, as in a form"
    )


def import_shown(upload: Upload, problems: list[dict[str, Any]]) -> ImportShown:
    """An import on the wire."""
    names = ("id", "kind", "form", "state", "name", "size", "job", "created_at", "updated_at")
    report = dict(upload.report)
    shown: dict[str, Any] = {name: getattr(upload, name) for name in names}
    if upload.form is UploadForm.DOCUMENT:
        return ImportShown(**shown, draft=DraftShown.model_validate(report))
    return ImportShown(
        **shown,
        rows=report["rows"],
        tried=Tried.model_validate(report),
        applied=Tried.model_validate(report["applied"]) if "applied" in report else None,
        problem_count=report["problems"],
        problems=[RowProblem.model_validate(problem) for problem in problems[:SHOWN]],
        warnings=[RowProblem.model_validate(warning) for warning in report["warnings"]],
    )
