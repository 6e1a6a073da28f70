"""Makes the file of an export, in the name of whoever asked for it."""

import json
from collections.abc import Mapping
from datetime import date
from io import BytesIO
from typing import Any

from api.errors import ApiError
from api.jobs.work import Work
from api.plans.tables import sheets_of
from api.redaction import shown_list
from api.sheets.sheet import Sheet
from api.sheets.tables import case_as_json, case_sheets, match_sheets
from api.sheets.workbook import save_workbook
from data.access.case_values import Case, CaseFilter
from data.access.desk import Desk
from data.access.exports import Export, ExportKind, Format
from data.policy.errors import Forbidden
from data.policy.operation import Operation

KEPT = 50
"""Matches of a stored list."""

MOST_CASES = 20_000
_PAGE = 200


class ListNotMade(ApiError):
    """The match list of a need is still being made."""

    def __init__(self, need_id: str) -> None:
        super().__init__(
            f"需求 {need_id} 的匹配清单正在生成，请稍后再导出。"
            f" / the match list of {need_id} is being made; export it in a moment"
        )
        self.retry_after_s = 2


def made_at_once(kind: ExportKind) -> bool:
    """Whether a file of this kind is ready within a request; others are a job."""
    return kind is ExportKind.MATCHES


def make_now(desk: Desk, export: Export) -> Export:
    """Makes the file within this transaction; for kinds that ``made_at_once``.

    Raises:
        Unseen: the actor may not see what is asked for.
        Forbidden: the actor may see it, but not this much of it.
        ListNotMade: a match list is not ready.
    """
    return desk.exports.fill(export.id, _file(*_matches(desk, export.subject), export.format))


def make_export(work: Work) -> Mapping[str, Any]:
    """Makes the file of the export that the job names; see ``Handler``."""
    export_id = work.job.parameters["export"]

    def make() -> int:
        with work.desk(write=False) as desk:
            export = desk.exports.get(export_id)
            if export.kind is ExportKind.PLAN:
                content = _file(*_plan(desk, work, export.subject), export.format)
            elif export.kind is ExportKind.CASES:
                content = _file(*_cases(desk), export.format)
            else:
                content = _file(*_matches(desk, export.subject), export.format)
        with work.desk() as desk:
            return desk.exports.fill(export_id, content).size or 0

    return {"export": export_id, "bytes": work.step("make", make)}


def _matches(desk: Desk, need_id: str) -> tuple[Any, tuple[Sheet, ...]]:
    asked, kept = desk.matches.of_need(need_id)
    if kept is None:
        raise ListNotMade(need_id)
    shown: dict[str, Any] = {"query_id": need_id, "supply": None, "matches": []}
    if kept.result:
        matches = kept.result["matches"]
        documents = desk.achievements.get_many([match["document_id"] for match in matches])
        citable = desk.matches.citable(matches)
        shown = shown_list(kept.result, asked, documents, k=KEPT, citable=citable)
    return shown, match_sheets(asked.posting.title, shown)


def _cases(desk: Desk) -> tuple[Any, tuple[Sheet, ...]]:
    cases: list[Case] = []
    cursor = None
    while len(cases) < MOST_CASES:
        page = desk.cases.page(CaseFilter(), limit=_PAGE, cursor=cursor)
        cases += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    today = date.today()
    plain = [case_as_json(case, today) for case in cases]
    return {"cases": plain}, case_sheets(cases, today)


def _plan(desk: Desk, work: Work, version: str) -> tuple[Any, tuple[Sheet, ...]]:
    # only this kind needs the solver's modules
    from api.plans.as_json import explained_as_json
    from api.plans.kept import open_plan

    seen = desk.plans.get(int(version))
    if not seen.whole:
        raise Forbidden(Operation.PAIRING_READ)
    explained = open_plan(work.engine, int(version))
    return explained_as_json(explained), sheets_of(explained)


def _file(plain: Any, sheets: tuple[Sheet, ...], format: Format) -> bytes:
    if format == "json":
        return json.dumps(plain, ensure_ascii=False, indent=1, default=str).encode()
    file = BytesIO()
    save_workbook(sheets, file)
    return file.getvalue()
