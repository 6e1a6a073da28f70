"""Imports: a file is tried out first, and stored when its owner says so."""

from pathlib import PurePath
from typing import Annotated, Any

from fastapi import APIRouter, Form, UploadFile
from fastapi.responses import Response

from api.forms.draft import need_of
from api.forms.read import ENDINGS as FORM_ENDINGS
from api.forms.read import read_form
from api.jobs.import_file import NotImportable, plain_name, read_file
from api.rest.call import Call, for_operation
from api.rest.downloads import attachment
from api.rest.fields import Id
from api.rest.import_schemas import (
    Confirmation,
    ImportKind,
    ImportPage,
    ImportShown,
    import_shown,
)
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

_COLUMNS = ("工作表 sheet", "行 row", "列 column", "值 value", "问题", "problem")
_PROBLEMS = (
    "工作表 sheet,行 row,列 column,值 value,问题,problem\r\n"
    "需求,7,预算,面议,不是金额,is no amount\r\n"
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

    同一文件重复上传只算一次；专家按编号，无编号时按单位和姓名认出。 / The same file uploaded twice
    is one import; an expert is known by the id, or without one by organisation and name.
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
