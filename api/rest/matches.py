"""Match lists: of a need, of an achievement, and of a problem in free words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from api.answers import answer_as_json
from api.redaction import shown_list
from api.rest.call import Call, for_operation
from api.rest.fields import Body, Id, Shown, Text
from api.rest.problems import RESPONSES
from data.access.desk import Desk
from data.access.glance import Glance, ListStamps
from data.access.posting_reader import Seen
from data.policy.actor import Actor
from data.policy.operation import Operation
from data.policy.subject import View
from matcher.types import Achievement, Need

router = APIRouter(tags=["matches"], responses=RESPONSES)

NeedMatches = Annotated[Call, for_operation(Operation.NEED_MATCHES)]
AchievementMatches = Annotated[Call, for_operation(Operation.ACHIEVEMENT_MATCHES)]
TextMatch = Annotated[Call, for_operation(Operation.TEXT_MATCH)]
Cutoff = Annotated[int, Query(ge=1, le=50, description="条数 / matches to list")]

_SPARE = 3
"""A live list is made this many times longer than asked for: some of it may not be shown."""


class FreeText(Body):
    """A technical problem in somebody's own words."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"text": "降低永磁电机的高频噪声", "k": 10}]},
    )

    text: Annotated[Text, Field(min_length=1, max_length=100_000)]
    k: int = Field(default=10, ge=1, le=50)


class MatchShown(Shown):
    """One match, ranked and explained."""

    model_config = ConfigDict(extra="allow")

    rank: int
    document_id: str
    title: str
    organization: str | None
    score: float
    levels: list[float] | None = Field(description="P(level 1…4)")


class MatchesShown(Shown):
    """A match list, or the word that it is being made."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "state": "ready",
                    "made_at": "2027-02-01T08:00:00Z",
                    "query_id": "n-001",
                    "supply": "good",
                    "matches": [
                        {
                            "rank": 1,
                            "document_id": "a-014",
                            "title": "永磁电机定子模态优化降噪技术",
                            "organization": "u-01",
                            "score": 0.82,
                            "levels": [0.05, 0.15, 0.45, 0.35],
                        }
                    ],
                }
            ]
        },
    )

    state: Literal["ready", "making"]
    made_at: datetime | None = None
    query_id: str
    supply: str | None = None
    matches: list[MatchShown]


@router.get(
    "/needs/{need_id:path}/matches",
    operation_id="list_need_matches",
    summary="需求的匹配清单 / achievements for a need",
    response_model=MatchesShown,
)
def of_need(need_id: Id, call: NeedMatches, k: Cutoff = 10) -> Any:
    """The list made when the need last changed, as far as the caller may see it."""
    before = call.glance.of_list(call.actor, need_id)
    with call.read() as desk:
        asked, kept = desk.matches.of_need(need_id)
        if kept is None:
            return call.shown({"state": "making", "query_id": need_id, "matches": []})
        matches = kept.result.get("matches", ())
        documents = _visible(desk, [match["document_id"] for match in matches], k)
        citable = desk.matches.citable(matches)
        leaves_trail = desk.trail.pending
    if not kept.result:
        return call.shown({"state": "ready", "query_id": need_id, "matches": []})
    shown = shown_list(kept.result, asked, documents, k=k, citable=citable)
    answer = call.shown({"state": "ready", "made_at": kept.made_at.isoformat(), **shown})
    if before is not None and not leaves_trail:
        cites = any(match["precedent"] for match in matches)
        call.keep(answer, _ListState(call.actor, need_id, cites), _named(before, cites))
    return answer


@dataclass(frozen=True, slots=True)
class _ListState:
    """Asks for the state that a rendered list depends on."""

    actor: Actor
    need_id: str
    cites: bool

    def __call__(self, glance: Glance) -> str | None:
        stamps = glance.of_list(self.actor, self.need_id)
        return None if stamps is None else _named(stamps, self.cites)


def _named(stamps: ListStamps, cites: bool) -> str:
    return stamps.with_needs if cites else stamps.alone


def _visible(desk: Desk, ids: list[str], k: int) -> dict[str, Seen[Achievement]]:
    """The first ``k`` that may be seen; who asks for ten has not seen fifty."""
    found: dict[str, Seen[Achievement]] = {}
    for start in range(0, len(ids), k):
        if len(found) >= k:
            break
        found |= desk.achievements.get_many(ids[start : start + k])
    return found


@router.get(
    "/achievements/{achievement_id:path}/matches",
    operation_id="list_achievement_matches",
    summary="成果的匹配清单 / needs for an achievement",
    response_model=MatchesShown,
)
def of_achievement(achievement_id: Id, call: AchievementMatches, k: Cutoff = 10) -> Any:
    """Made now, as far as the caller may see it."""
    with call.read() as desk:
        asked, posting = desk.matches.of_achievement(achievement_id)
    result = answer_as_json(call.service.match(posting, k=k * _SPARE))
    with call.read() as desk:
        documents = desk.needs.get_many([match["document_id"] for match in result["matches"]])
    return call.shown({"state": "ready", **shown_list(result, asked, documents, k=k)})


@router.post(
    "/match",
    operation_id="match_text",
    summary="用自己的话找成果 / achievements for a problem in free words",
    response_model=MatchesShown,
)
def of_text(body: FreeText, call: TextMatch) -> Any:
    """Made now; nothing of the question is kept but the run."""
    result = answer_as_json(call.service.match_text(body.text, k=body.k * _SPARE))
    # one's own words hide nothing from oneself
    asked = Seen(Need(id=result["query_id"], title="", text=body.text), View.FULL, "", owner=True)
    with call.read() as desk:
        found = [match["document_id"] for match in result["matches"]]
        documents = desk.achievements.get_many(found)
        citable = desk.matches.citable(result["matches"])
    shown = shown_list(result, asked, documents, k=body.k, citable=citable)
    return call.shown({"state": "ready", **shown})
