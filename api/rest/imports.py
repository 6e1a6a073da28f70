"""Imports: a file is tried out first, and stored when its owner says so."""

from datetime import datetime
from pathlib import PurePath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, UploadFile
from fastapi.responses import Response
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.forms.draft import need_of
from api.forms.read import ENDINGS as FORM_ENDINGS
from api.forms.read import read_form
from api.jobs.import_file import NotImportable, plain_name, read_file
from api.rest.call import Call, for_operation
from api.rest.downloads import attachment
from api.rest.fields import Body, Id, Prose, Shown
from api.rest.jobs import wake
from api.rest.paging import Cursor, Limit
from api.rest.problems import RESPONSES
from api.sheets.workbook import csv_text
from data.access.case_errors import FileTooLarge
from data.access.upload import Upload, UploadForm, UploadState
from data.importers.problems import UnreadableFile
from data.importers.rows import Kind
from data.policy.operation import Operation

router = APIRouter(prefix="/imports", tags=["imports"], responses=RESPONSES)

Reading = Annotated[Call, for_operation(Operation.IMPORT_READ)]
Importing = Annotated[Call, for_operation(Operation.IMPORT_CREATE)]
ImportKind = Literal["needs", "achievements", "organizations"]
DraftField = Literal[
    "title", "text", "organization", "county", "chains", "keywords", "must_have", "nice_to_have",
    "indicators", "budget_cny", "deadline", "min_trl", "cooperation_modes", "visibility",
]  # fmt: skip

SHOWN = 200
"""Problems told with an import; ``problems.csv`` has all of them."""

_COLUMNS = ("工作表 sheet", "行 row", "列 column", "值 value", "问题", "problem")

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
_PROBLEMS = (
    "工作表 sheet,行 row,列 column,值 value,问题,problem\r\n"
    "需求,7,预算,面议,不是金额,is no amount\r\n"
)


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


@router.post(
    "",
    status_code=201,
    operation_id="create_import",
    summary="上传并试导入，不写入 / upload a file and try it out; nothing is stored",
    response_model=ImportShown,
    openapi_extra={
        "requestBody": {
            "content": {
                "multipart/form-data": {
                    "example": {"kind": "needs", "file": "标题,说明\r\n电机降噪,\r\n"}
                }
            }
        }
    },
)
def create(
    file: UploadFile,
    call: Importing,
    kind: Annotated[ImportKind, Form(description="行的类型 / what the rows are")] = "needs",
) -> Any:
    """表格（.xlsx、.csv、.jsonl）或一份需求表（.docx、.pdf） / Rows, or a form to be confirmed.

    同一文件重复上传只算一次。 / The same file uploaded twice is one import.
    """
    limit = call.settings.upload_limit
    content = file.file.read(limit + 1)
    if len(content) > limit:
        raise FileTooLarge(limit)
    name = plain_name(file.filename)
    if PurePath(name).suffix.casefold() in FORM_ENDINGS:
        try:
            draft = read_form(content, name)
        except UnreadableFile as error:
            raise NotImportable(str(error)) from error
        with call.write() as desk:
            upload = desk.imports.keep_draft(name, content, draft)
            return _created(call, desk, upload, [])
    with call.read() as desk:
        chains = desk.imports.chains()
    tables, complaints = read_file(content, name, Kind(kind), chains=chains)
    with call.write() as desk:
        upload = desk.imports.try_out(Kind(kind), name, content, tables, complaints)
        return _created(call, desk, upload, desk.imports.problems(upload.id))


@router.get(
    "",
    operation_id="list_imports",
    summary="列出本人的导入 / list one's own imports",
    response_model=ImportPage,
)
def list_(call: Reading, limit: Limit = 50, cursor: Cursor = None) -> Any:
    """新的在前；问题见单个导入。 / The newest first, without their problems."""
    with call.read() as desk:
        page = desk.imports.page(limit=limit, cursor=cursor)
    items = [import_shown(upload, []) for upload in page.items]
    return call.shown(ImportPage(items=items, next_cursor=page.next_cursor))


@router.get(
    "/{import_id}",
    operation_id="read_import",
    summary="查看导入 / read an import",
    response_model=ImportShown,
)
def read(import_id: Id, call: Reading) -> Any:
    """含前若干条问题或草稿。 / With its first problems, or its draft."""
    with call.read() as desk:
        upload = desk.imports.get(import_id)
        problems = desk.imports.problems(import_id)
    return call.shown(import_shown(upload, problems))


@router.get(
    "/{import_id}/problems.csv",
    operation_id="read_import_problems",
    summary="下载全部问题 / every problem as CSV",
    response_class=Response,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}, "example": _PROBLEMS}}}
    },
)
def problems_csv(import_id: Id, call: Reading) -> Response:
    """可用 Excel 打开。 / Opens in Excel."""
    with call.read() as desk:
        problems = desk.imports.problems(import_id)
    rows = [[p["sheet"], p["row"], p["column"], p["value"], p["zh"], p["en"]] for p in problems]
    return attachment(csv_text(_COLUMNS, rows).encode(), f"{import_id}-problems.csv")


@router.post(
    "/{import_id}/confirm",
    operation_id="confirm_import",
    summary="确认写入 / store the good rows, or the draft of a form",
    response_model=ImportShown,
)
def confirm(import_id: Id, call: Importing, body: Confirmation | None = None) -> Any:
    """好的行在后台写入（见 job），有问题的行列出。 / Good rows go in, the others are listed."""
    with call.write() as desk:
        upload = desk.imports.get(import_id)
        if upload.form is UploadForm.TABLE:
            upload = desk.imports.confirm(import_id)
        elif upload.state is not UploadState.APPLIED:
            said = body.corrections.items() if body else ()
            need = need_of(upload.report, {str(name): words for name, words in said})
            upload = desk.imports.confirm_draft(import_id, need)
        answer = call.done(desk, import_shown(upload, desk.imports.problems(import_id)))
    wake(call)
    return answer


def _created(call: Call, desk: Any, upload: Upload, problems: list[dict[str, Any]]) -> Any:
    shown = import_shown(upload, problems)
    return call.created(desk, shown, location=f"/v1/imports/{upload.id}")
