"""One posting of each visibility and status, and what the golden table's people are to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, insert

from data.access.desk import Desk
from data.access.masks import Mask, MaskStore
from data.access.trail import Trail
from data.policy.actor import Actor
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import session_scope
from data.tables import CaseRow
from matcher.types import OrganizationKind, Status, Visibility
from tests.data.builders import make_achievement, make_need, make_organization
from tests.data.policy.people import CHAIN, HOME

KINDS = ("need", "achievement")
SECRET, FACE = "金瓯护套的配方", "某单位的护套"
NOW = datetime(2026, 3, 4, tzinfo=UTC)


def posting_id(kind: str, visibility: str, status: str) -> str:
    return f"{kind}-{visibility}-{status}"


def store_postings(engine: Engine) -> None:
    """30 needs of e1 and 30 achievements of u1, each with an approved mask and two cases.

    One joins a need and the achievement of the same visibility and status; one was dropped.
    """
    supplier = {"kind": OrganizationKind.UNIVERSITY, "county": None, "gbt4754": None}
    makers: Any = {"need": (make_need, "e1"), "achievement": (make_achievement, "u1")}
    repositories: Any = {"need": NeedRepository, "achievement": AchievementRepository}
    mask = Mask(title=FACE, summary="求降低损耗。", terms=("金瓯",)).approved("owner")
    cases = []
    with session_scope(engine) as session:
        firms = [make_organization(one) for one in ("e1", "e2")]
        schools = [make_organization(one, **supplier) for one in ("u1", "u2")]
        OrganizationRepository(session).upsert_many([*firms, *schools])
        for kind, (make, owner) in makers.items():
            postings = [
                make(
                    posting_id(kind, visibility, status),
                    organization=owner,
                    title=SECRET,
                    text=f"{SECRET}，噪声72 dB(A)。",
                    county=HOME,
                    chains=(CHAIN,),
                    visibility=visibility,
                    status=status,
                )
                for visibility in Visibility
                for status in Status
            ]
            repositories[kind](session).upsert_many(postings)
            for posting in postings:
                MaskStore(session, kind).put(posting.id, mask)
                cases.append(_case(kind, posting.id, "dropped"))
                if kind == "need":
                    cases.append(_case(kind, posting.id, "handler"))
        session.execute(insert(CaseRow), cases)


@contextmanager
def desk_for(engine: Engine, actor: Actor, *, write: bool = True) -> Iterator[Desk]:
    """What the actor can reach in one transaction."""
    with session_scope(engine, write=write) as session:
        yield Desk(session, actor, Trail(actor))


def _case(kind: str, posting: str, broker: str) -> dict[str, Any]:
    other = "achievement" if kind == "need" else "need"
    at_work = broker == "handler"
    return {
        "id": f"case-{posting}-{broker}",
        kind: posting,
        other: posting.replace(kind, other) if at_work else f"gone-of-{posting}",
        "broker": broker,
        "stage": "contacting" if at_work else "dropped",
        "next_action": "",
        "revision": 1,
        "created_at": NOW,
        "updated_at": NOW,
    }
