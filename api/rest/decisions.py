"""Decisions: what brokers, the office and the need's own enterprise say of a match."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from api.rest.call import Call, for_operation
from api.rest.fields import Body, Id, Note, Shown
from api.rest.paging import Cursor, Limit
from api.rest.problems import RESPONSES
from data.access.decisions import DecisionSeen, Judgement
from data.policy.operation import Operation
from data.policy.subject import View
from matcher.decision import ReasonCode, Verdict

router = APIRouter(prefix="/decisions", tags=["decisions"], responses=RESPONSES)

Reading = Annotated[Call, for_operation(Operation.DECISION_READ)]
Judging = Annotated[Call, for_operation(Operation.DECISION_CREATE)]


class DecisionDraft(Body):
    """A judgement: a level, a verdict, or both."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"need": "n-001", "achievement": "a-014", "level": 2, "reason": "price"}]
        },
    )

    need: Id
    achievement: Id
    level: Annotated[int, Field(ge=1, le=4, description="4 强相关 … 1 无相关")] | None = None
    verdict: Verdict | None = None
    reason: ReasonCode | None = None
    note: Note = ""
    run_id: Id | None = Field(
        default=None, description="看到此匹配的清单 / the run that showed it; else the last one"
    )


class DecisionShown(Shown):
    """A judgement as its reader may see it; others' reasons and notes stay with the staff."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "d-19ce",
                    "view": "full",
                    "need": "n-001",
                    "achievement": "a-014",
                    "level": 3,
                    "verdict": "accept",
                    "reason": None,
                    "note": "",
                    "who": "u-broker-1",
                    "made_at": "2027-02-01T08:00:00Z",
                    "run_id": "7d0a",
                    "rank": 2,
                }
            ]
        }
    )

    id: str
    view: View
    need: str
    achievement: str
    level: int | None
    verdict: Verdict | None
    reason: ReasonCode | None
    note: str
    who: str
    made_at: datetime
    run_id: str | None
    rank: int | None


class DecisionPage(Shown):
    """One page of decisions, the newest first."""

    items: list[DecisionShown]
    next_cursor: str | None


@router.get(
    "",
    operation_id="list_decisions",
    summary="列出评判 / list decisions",
    response_model=DecisionPage,
)
def list_(
    call: Reading,
    need: Id | None = None,
    achievement: Id | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """Decisions on matches of which the reader may see both sides, the newest first."""
    with call.read() as desk:
        page = desk.decisions.page(need=need, achievement=achievement, limit=limit, cursor=cursor)
    items = [_shown(seen) for seen in page.items]
    return call.shown(DecisionPage(items=items, next_cursor=page.next_cursor))


@router.post(
    "",
    status_code=201,
    operation_id="create_decision",
    summary="评判一个匹配 / judge a match",
    response_model=DecisionShown,
)
def create(body: DecisionDraft, call: Judging) -> Any:
    """Say how good a match is. People of its supplier never do. Training reads it."""
    said = Judgement(**body.model_dump(exclude={"need", "achievement"}))
    with call.write() as desk:
        decision = desk.decisions.judge(body.need, body.achievement, said)
        shown = _shown(DecisionSeen(decision, View.FULL))
        return call.created(desk, shown, location=f"/v1/decisions?need={quote(body.need)}")


def _shown(seen: DecisionSeen) -> DecisionShown:
    decision, full = seen.decision, seen.view is View.FULL
    return DecisionShown(
        id=decision.id,
        view=seen.view,
        need=decision.query_id,
        achievement=decision.document_id,
        level=decision.level,
        verdict=decision.verdict,
        reason=decision.reason if full else None,
        note=decision.note if full else "",
        who=decision.who,
        made_at=decision.made_at,
        run_id=decision.run_id,
        rank=decision.rank,
    )
