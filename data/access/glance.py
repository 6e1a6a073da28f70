"""Whether a match list that was rendered before is still what its reader may see.

One small query instead of the whole list: everything that the rendered list depends on is
named in a stamp. Whoever reads something confidential of others is not served this way,
since that leaves a trail.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.policy.actor import Actor, Role
from data.policy.decide import decide
from data.policy.operation import Operation
from data.policy.subject import Party, Subject, View, parties
from data.tables import (
    AchievementRow,
    CaseRow,
    MatchListRow,
    NeedRow,
    PostingMaskRow,
    RemovalRow,
)
from matcher.types import Status, Visibility

# plain tables: what the mapper adds costs more than the query
_need, _list, _mask = NeedRow.__table__.c, MatchListRow.__table__.c, PostingMaskRow.__table__.c
_LOOK = select(
    _need.organization,
    _need.visibility,
    _need.status,
    _need.county,
    _need.changed_in,
    select(_list.made_at).where(_list.need == _need.id).scalar_subquery(),
    # any mask may be that of a listed achievement; there are few, and they change seldom
    select(func.max(_mask.approved_at)).scalar_subquery(),
    select(func.count(_mask.posting)).scalar_subquery(),
    select(func.max(AchievementRow.__table__.c.changed_in)).scalar_subquery(),
    select(func.max(RemovalRow.__table__.c.removed_in)).scalar_subquery(),
    select(func.max(CaseRow.__table__.c.updated_at)).scalar_subquery(),
)


def stamp_of_needs(session: Session) -> str:
    """Names the state of all needs, any of which a precedent may name."""
    return str(session.scalar(select(func.max(_need.changed_in))))


def stamp_of_list(session: Session, actor: Actor, need_id: str) -> str | None:
    """Names the state that the reader's rendering of a need's list depends on.

    A list with precedents depends on the needs that they name, too. None where this quick
    look does not do: the list is not there, he may not see it, his chains have to be looked
    up, or reading it leaves a trail.
    """
    if actor.role is Role.BROKER and actor.chains:
        return None
    row = session.connection().execute(_LOOK.where(_need.id == need_id)).one_or_none()
    if row is None or row[5] is None:
        return None
    organization, visibility, status, county, *_ = row
    subject = Subject(
        owners=frozenset({organization} if organization else ()),
        visibility=Visibility(visibility),
        status=Status(status),
        county=county,
    )
    read = decide(actor, Operation.NEED_READ, subject)
    shown = decide(actor, Operation.NEED_MATCHES, subject)
    if read is None or shown is None:
        return None  # perhaps as the broker in charge; the long way finds out
    confidential = read is View.FULL and subject.visibility is not Visibility.PUBLIC
    if confidential and Party.OWNER not in parties(actor, subject):
        return None
    return "/".join(str(part) for part in (*row, read, shown))
