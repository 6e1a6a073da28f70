"""Cases: matches that brokers take up, follow and sign."""

from datetime import date
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, UploadFile
from fastapi.responses import Response

from api.rest.call import Call, for_operation
from api.rest.case_schemas import (
    Assignment,
    CaseChange,
    CaseDraft,
    CaseEventPage,
    CaseEventShown,
    CaseFileList,
    CaseFileShown,
    CasePage,
    CaseShown,
    NoteDraft,
    StageMove,
    case_shown,
)
from api.rest.downloads import BINARY
from api.rest.fields import Id
from api.rest.paging import Cursor, Limit
from api.rest.problems import RESPONSES
from data.access.case_errors import FileTooLarge
from data.access.case_files import MAX_BYTES
from data.access.case_values import CaseFilter
from data.access.media_types import MEDIA_TYPES
from data.policy.operation import Operation
from data.policy.stages import Stage

router = APIRouter(prefix="/cases", tags=["cases"], responses=RESPONSES)

Reading = Annotated[Call, for_operation(Operation.CASE_READ)]
Creating = Annotated[Call, for_operation(Operation.CASE_CREATE)]
Updating = Annotated[Call, for_operation(Operation.CASE_UPDATE)]
Assigning = Annotated[Call, for_operation(Operation.CASE_ASSIGN)]


@router.get(
    "",
    operation_id="list_cases",
    summary="列出跟进 / list cases",
    response_model=CasePage,
)
def list_(
    call: Reading,
    stage: Stage | None = None,
    overdue: Annotated[bool, Query(description="只列逾期的 / only those overdue")] = False,
    need: Id | None = None,
    achievement: Id | None = None,
    mine: Annotated[bool, Query(description="只列本人负责的 / only in my charge")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """Cases, the newest first; a firm or university sees a summary of its own."""
    today = date.today()
    wanted = CaseFilter(
        stage=stage,
        overdue_on=today if overdue else None,
        need=need,
        achievement=achievement,
        broker=call.actor.id if mine else None,
    )
    with call.read() as desk:
        page = desk.cases.page(wanted, limit=limit, cursor=cursor)
    items = [case_shown(case, today) for case in page.items]
    return call.shown(CasePage(items=items, next_cursor=page.next_cursor))


@router.post(
    "",
    status_code=201,
    operation_id="create_case",
    summary="跟进一个匹配 / take a match up",
    response_model=CaseShown,
)
def create(body: CaseDraft, call: Creating) -> Any:
    """Take a match up: the need is in contact from here on, and the match counts as accepted."""
    with call.write() as desk:
        case = desk.cases.take_up(body.need, body.achievement)
        shown = case_shown(case, date.today())
        return call.created(desk, shown, location=f"/v1/cases/{case.id}", etag=case.etag)


@router.get(
    "/{case_id}",
    operation_id="read_case",
    summary="查看跟进 / read a case",
    response_model=CaseShown,
)
def read(case_id: Id, call: Reading) -> Any:
    """One case as its reader may see it."""
    with call.read() as desk:
        case = desk.cases.get(case_id)
    return call.shown(case_shown(case, date.today()), etag=case.etag)


@router.patch(
    "/{case_id}",
    operation_id="update_case",
    summary="修改下一步、到期日或金额 / change next action, due day or value",
    response_model=CaseShown,
)
def update(case_id: Id, body: CaseChange, call: Updating) -> Any:
    """Change what is planned; only the broker in charge does."""
    expected = call.expected_etag()
    with call.write() as desk:
        changes = body.model_dump(exclude_unset=True)
        case = desk.cases.plan(case_id, changes, expected=expected)
        return call.done(desk, case_shown(case, date.today()), etag=case.etag)


@router.post(
    "/{case_id}/stage",
    operation_id="move_case",
    summary="推进、退回或终止 / move a case to another stage",
    response_model=CaseShown,
)
def move(case_id: Id, body: StageMove, call: Updating) -> Any:
    """Go on, a step back with a note, or drop with a reason. Signing signs the need as well."""
    said = body.model_dump(exclude={"stage"})
    with call.write() as desk:
        case = desk.cases.go_to(case_id, body.stage, **said)
        return call.done(desk, case_shown(case, date.today()), etag=case.etag)


@router.post(
    "/{case_id}/assign",
    operation_id="assign_case",
    summary="改派经纪人 / put a case into another broker's charge",
    response_model=CaseShown,
)
def assign(case_id: Id, body: Assignment, call: Assigning) -> Any:
    """The office puts a case into the charge of a broker who could have taken it up."""
    with call.write() as desk:
        case = desk.cases.assign(case_id, body.broker)
        return call.done(desk, case_shown(case, date.today()), etag=case.etag)


@router.get(
    "/{case_id}/events",
    operation_id="list_case_events",
    summary="跟进经过与备注 / what happened in a case, notes included",
    response_model=CaseEventPage,
)
def events(case_id: Id, call: Reading, limit: Limit = 50, cursor: Cursor = None) -> Any:
    """What happened, the newest first."""
    with call.read() as desk:
        page = desk.cases.events(case_id, limit=limit, cursor=cursor)
    items = [CaseEventShown.model_validate(event) for event in page.items]
    return call.shown(CaseEventPage(items=items, next_cursor=page.next_cursor))


@router.post(
    "/{case_id}/notes",
    operation_id="create_case_note",
    summary="添加备注 / add a note",
    response_model=CaseShown,
)
def add_note(case_id: Id, body: NoteDraft, call: Updating) -> Any:
    """Notes are read by the broker in charge and the office only."""
    with call.write() as desk:
        case = desk.cases.note(case_id, body.text)
        return call.done(desk, case_shown(case, date.today()), etag=case.etag)


@router.get(
    "/{case_id}/files",
    operation_id="list_case_files",
    summary="列出文件 / list the files of a case",
    response_model=CaseFileList,
)
def files(case_id: Id, call: Reading) -> Any:
    """The files of a case, oldest first, without their content."""
    with call.read() as desk:
        found = desk.case_files.files(case_id)
    return call.shown(CaseFileList(items=[CaseFileShown.model_validate(f) for f in found]))


@router.post(
    "/{case_id}/files",
    status_code=201,
    operation_id="create_case_file",
    summary="上传文件，不超过 10 MiB / file something of up to 10 MiB",
    response_model=CaseFileShown,
    openapi_extra={
        "requestBody": {"content": {"multipart/form-data": {"example": {"file": "会议纪要……"}}}}
    },
)
def add_file(case_id: Id, file: UploadFile, call: Updating) -> Any:
    """PDF, PNG, JPEG, Office files without macros, or text; the content has to agree."""
    content = file.file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:  # before a transaction is begun for it
        raise FileTooLarge(MAX_BYTES)
    with call.write() as desk:
        filed = desk.case_files.file(case_id, file.filename or "", content)
        place = f"/v1/cases/{case_id}/files/{filed.id}"
        return call.created(desk, CaseFileShown.model_validate(filed), location=place)


@router.get(
    "/{case_id}/files/{file_id}",
    operation_id="read_case_file",
    summary="下载文件 / download a file",
    response_class=Response,
    responses={
        200: {
            "description": "The file, always as an attachment",
            "content": {kind: {"schema": BINARY, "example": "…"} for kind in MEDIA_TYPES},
        }
    },
)
def download(case_id: Id, file_id: Id, call: Reading) -> Response:
    """Always as an attachment; who opened it is recorded."""
    with call.read() as desk:
        file, content = desk.case_files.content(case_id, file_id)
    return Response(
        content,
        media_type=file.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
            "Cache-Control": "private, no-store",
        },
    )
