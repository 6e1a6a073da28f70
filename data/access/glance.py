"""Whether an answer that was rendered before is still what its reader may see.

One small question instead of the whole answer: everything that the rendering depends on is
named in a stamp. Whoever reads something confidential of others is not served this way,
since that leaves a trail.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, bindparam, func, select

from data.look import Look
from data.policy.actor import SIDES, Actor, Role
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
from matcher.types import Achievement, Need, Status, Visibility

_TABLES: dict[type[Any], Any] = {
    Need: NeedRow.__table__.c,
    Achievement: AchievementRow.__table__.c,
}
_need, _list, _mask = _TABLES[Need], MatchListRow.__table__.c, PostingMaskRow.__table__.c


def _newest(kind: type[Any]) -> Any:
    return select(func.max(_TABLES[kind].changed_in)).scalar_subquery()


_RIGHTS = (
    # any mask may be that of a posting that is shown; the count tells of a withdrawn approval
    select(func.max(_mask.approved_at)).scalar_subquery(),
    select(func.count(_mask.approved_at)).scalar_subquery(),
    select(func.max(RemovalRow.__table__.c.removed_in)).scalar_subquery(),
    select(func.max(CaseRow.__table__.c.updated_at)).scalar_subquery(),
)
_OF_LIST = select(
    _need.organization,
    _need.visibility,
    _need.status,
    _need.county,
    _newest(Need),
    _need.changed_in,
    select(_list.made_at).where(_list.need == _need.id).scalar_subquery(),
    _newest(Achievement),
    *_RIGHTS,
).where(_need.id == bindparam("need"))


@dataclass(frozen=True, slots=True)
class ListStamps:
    """Names the state that a reader's rendering of a match list depends on.

    Attributes:
        alone: As long as the list has no precedents.
        with_needs: With precedents, which may name any need.
    """

    alone: str
    with_needs: str


class Glance:
    """Asks for stamps.

    Attributes:
        waits: Whether the database is reached over a network, so that asking takes a thread;
            readers of SQLite wait for nobody.
    """

    def __init__(self, engine: Engine) -> None:
        """Word the questions; nothing is asked yet."""
        self.waits = engine.dialect.name != "sqlite"
        self._list = Look(engine, _OF_LIST)
        self._postings = {kind: Look(engine, select(_newest(kind), *_RIGHTS)) for kind in _TABLES}
        self._both = Look(engine, select(*map(_newest, _TABLES), *_RIGHTS))

    def of_list(self, actor: Actor, need_id: str) -> ListStamps | None:
        """Of the match list of a need.

        None where this quick look does not do: the list is not there, the reader may not see
        it, his chains have to be looked up, or reading it leaves a trail.
        """
        if _limited_to_chains(actor):
            return None
        row = self._list.row(need=need_id)
        if row is None:
            return None
        organization, visibility, status, county, needs, changed_in, made_at, *rest = row
        if made_at is None:
            return None
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
        alone = "/".join(str(part) for part in (read, shown, changed_in, made_at, *rest))
        return ListStamps(alone, f"{alone}/{needs}")

    def of_postings(self, actor: Actor, kind: type[Need] | type[Achievement]) -> str | None:
        """Of any list of postings; None for a reader whose chains have to be looked up."""
        if _limited_to_chains(actor):
            return None
        # whose cases they are, and so what of the other side is seen, hangs on what he posted
        look = self._both if actor.role in SIDES else self._postings[kind]
        row = look.row()
        return None if row is None else "/".join(str(part) for part in row)


def _limited_to_chains(actor: Actor) -> bool:
    return actor.role is Role.BROKER and bool(actor.chains)
