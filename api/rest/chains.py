"""Industry chains, where demand and supply meet on them, and what the office says belongs."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from api.rest.call import Call, for_operation
from api.rest.fields import Body, Id, Shown
from api.rest.problems import RESPONSES
from data.access.chains import Place
from data.policy.errors import Unseen
from data.policy.operation import Operation
from matcher.chain import IndustryChain, Position
from matcher.chain_map_types import Balance, ChainEntry, ChainMap, State
from matcher.graph.schema import NodeKind

router = APIRouter(tags=["chains"], responses=RESPONSES)

Reading = Annotated[Call, for_operation(Operation.CHAIN_READ)]
Updating = Annotated[Call, for_operation(Operation.CHAIN_UPDATE)]
_BALANCE: dict[str, Any] = {
    "state": "short",
    "needs": 5,
    "unanswered": 2,
    "achievements": 9,
    "idle": 0,
    "matches": 7,
}
Taggable = Literal["need", "achievement", "organization"]


class SegmentShown(Shown):
    """A link of a chain."""

    id: str
    position: Position
    name_zh: str
    name_en: str


class ChainShown(Shown):
    """An industry chain with its links in the order in which goods flow."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "nev",
                    "name_zh": "新能源汽车",
                    "name_en": "new energy vehicles",
                    "counties": ["jindong"],
                    "segments": [
                        {
                            "id": "nev.drive-motor",
                            "position": "midstream",
                            "name_zh": "驱动电机",
                            "name_en": "drive motors",
                        }
                    ],
                }
            ]
        }
    )

    id: str
    name_zh: str
    name_en: str
    counties: list[str]
    segments: list[SegmentShown]


class ChainList(Shown):
    """Every chain, in the city's own order."""

    items: list[ChainShown]
    next_cursor: None = None


class BalanceShown(Shown):
    """Demand and supply at one place of a chain, counted."""

    state: State
    needs: int = Field(description="对外寻求中的需求 / open needs")
    unanswered: int = Field(description="其中尚无较强匹配的 / those without a strong match")
    achievements: int = Field(description="可供成果 / achievements on offer")
    idle: int = Field(description="无人问津的成果 / supply that no open need asks for")
    matches: int = Field(description="较强匹配对 / strong pairs")


class SegmentBalance(BalanceShown):
    """The same of one link."""

    id: str
    name_zh: str
    name_en: str
    position: Position


class ChainMapShown(Shown):
    """Where a chain is thin; counts only, so that nothing confidential shows."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "chain": "nev",
                    "made_at": "2027-02-01T08:00:00Z",
                    "today": "2027-02-01",
                    "level3_by": "现有匹配清单 / in the match lists kept",
                    "total": _BALANCE,
                    "segments": [],
                    "unplaced": _BALANCE,
                }
            ]
        }
    )

    chain: str
    made_at: datetime
    today: date
    level3_by: str = Field(description="如何判断较强匹配 / how strong matches are told")
    total: BalanceShown
    segments: list[SegmentBalance]
    unplaced: BalanceShown = Field(description="未归入环节的 / what belongs to no link")


class PlaceBody(Body):
    """A chain, and one of its links where that is known."""

    chain: Id
    segment: Id | None = None


class TagsBody(Body):
    """Where an item belongs; an empty list says that it belongs to no chain."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"places": [{"chain": "nev", "segment": "nev.drive-motor"}]}]
        },
    )

    places: list[PlaceBody] = Field(max_length=20)


class TagsShown(Shown):
    """Where an item belongs, and who said so."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "places": [{"chain": "nev", "segment": None}],
                    "who": "u-office-1",
                    "made_at": "2027-02-01T08:00:00Z",
                }
            ]
        }
    )

    places: list[PlaceBody]
    who: str
    made_at: datetime


@router.get(
    "/chains",
    operation_id="list_chains",
    summary="列出产业链 / list the chains",
    response_model=ChainList,
)
def list_(call: Reading) -> Any:
    """Every chain with its links, in the city's own order."""
    with call.read() as desk:
        items = [ChainShown.model_validate(chain) for chain in desk.chains.all()]
    return call.shown(ChainList(items=items))


@router.get(
    "/chains/{chain_id}",
    operation_id="read_chain",
    summary="查看产业链 / read a chain",
    response_model=ChainShown,
)
def read(chain_id: Id, call: Reading) -> Any:
    """One chain with its links."""
    with call.read() as desk:
        chain: IndustryChain = desk.chains.get(chain_id)
    return call.shown(ChainShown.model_validate(chain))


@router.get(
    "/chains/{chain_id}/map",
    operation_id="read_chain_map",
    summary="产业链供需图 / demand and supply along a chain",
    response_model=ChainMapShown,
)
def read_map(chain_id: Id, call: Reading) -> Any:
    """Counts only, so that nothing confidential shows; made anew every now and then."""
    with call.read() as desk:
        desk.chains.get(chain_id)
    city, made_at = call.state.chain_map.now()
    for entry in city.chains:
        if entry.id == chain_id:
            return call.shown(_map_shown(city, entry, made_at))
    raise Unseen(chain_id)  # defined since the map was made


@router.put(
    "/chain-tags/{kind}/{item_id:path}",
    operation_id="write_chain_tags",
    summary="人工确定所属产业链 / say which chains an item belongs to",
    response_model=TagsShown,
)
def write_tags(kind: Taggable, item_id: Id, body: TagsBody, call: Updating) -> Any:
    """The office's word, which no inference overrides, in place of an earlier one."""
    places = [Place(place.chain, place.segment) for place in body.places]
    with call.write() as desk:
        said = desk.chains.say(NodeKind(kind), item_id, places)
        told = [PlaceBody(chain=tag.chain, segment=tag.segment) for tag in said.tags]
        return call.done(desk, TagsShown(places=told, who=said.who, made_at=said.made_at))


def _map_shown(city: ChainMap, entry: ChainEntry, made_at: datetime) -> ChainMapShown:
    segments = [
        {
            "id": segment.id,
            "name_zh": segment.name_zh,
            "name_en": segment.name_en,
            "position": segment.position,
            **_counts(segment.balance),
        }
        for segment in entry.segments
    ]
    return ChainMapShown.model_validate(
        {
            "chain": entry.id,
            "made_at": made_at,
            "today": city.today,
            "level3_by": city.level3_by,
            "total": _counts(entry.total),
            "segments": segments,
            "unplaced": _counts(entry.unplaced),
        }
    )


def _counts(balance: Balance) -> dict[str, Any]:
    return {
        "state": balance.state,
        "needs": balance.needs.count,
        "unanswered": balance.unanswered.count,
        "achievements": balance.achievements.count,
        "idle": balance.idle.count,
        "matches": balance.matches,
    }
