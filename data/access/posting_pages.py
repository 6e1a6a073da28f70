"""Lists of postings, page by page, holding no more than the reader may see.

A filter must not tell what a summary hides: whoever asks for the postings of one firm
gets those that he may read in full, and never learns which masked ones are its.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal

from sqlalchemy import ColumnElement, String, and_, cast, or_, select
from sqlalchemy.orm import Session

from data.access.clause import readable
from data.access.keyset import Listed, cursor_at, place_of, read_page
from data.access.posting_reader import Item, PostingReader, Seen
from data.access.remit import in_chains
from data.policy.actor import Actor
from data.policy.operation import Operation
from data.policy.subject import View
from data.tables import AchievementRow, NeedRow, PostingMaskRow
from matcher.types import Need, Status, Visibility

Sort = Literal["created_at", "-created_at", "updated_at", "-updated_at", "id", "-id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which postings to list; an empty condition means "any".

    Attributes:
        among: Ids of postings found by their full text, best first; only these are listed.
        words: What was searched for, to find it in summaries as well.
        own: Only the reader's organisation's.
        sort: Of a list without words; one with words is sorted by them.
    """

    statuses: tuple[Status, ...] = ()
    visibilities: tuple[Visibility, ...] = ()
    chains: tuple[str, ...] = ()
    counties: tuple[str, ...] = ()
    organization: str | None = None
    own: bool = False
    words: str = ""
    among: Sequence[str] = ()
    sort: Sort = "-updated_at"


class PostingPages(Generic[Item]):
    """Lists one kind of posting for one actor."""

    def __init__(self, reader: PostingReader[Item], session: Session, actor: Actor) -> None:
        self._reader = reader
        self._session = session
        self._actor = actor
        self._rows: Any = NeedRow if reader.kind is Need else AchievementRow

    def page(self, wanted: Wanted, *, limit: int, cursor: str | None = None) -> Listed[Seen[Item]]:
        """Up to ``limit`` postings from the cursor on.

        Raises:
            NotAcceptable: the cursor is of another list, or none at all.
        """
        if wanted.words:
            return self._searched(wanted, limit=limit, cursor=cursor)
        column, down = wanted.sort.removeprefix("-"), wanted.sort.startswith("-")
        rows, by = self._rows, getattr(self._rows, column)
        statement = select(rows.id, by).where(self._condition(wanted))
        keys = (by,) if column == "id" else (by, rows.id)
        found = read_page(self._session, statement, *keys, limit=limit, cursor=cursor, down=down)
        shown = self._reader.get_many([row["id"] for row in found.items])
        return Listed(list(shown.values()), found.next_cursor)

    def _searched(self, wanted: Wanted, *, limit: int, cursor: str | None) -> Listed[Seen[Item]]:
        """Postings that hold the words where the reader may read them, most alike first."""
        rows = self._rows
        disguised = self._disguised(wanted.words)
        found = list(dict.fromkeys((*wanted.among, *disguised)))
        full = readable(self._actor, rows, self._operation, view=View.FULL)
        in_words = _holding(wanted.words, rows.title, rows.text, cast(rows.keywords, String))
        told = or_(and_(full, in_words), and_(~full, rows.id.in_(disguised)))
        told_of = select(rows.id).where(rows.id.in_(found), self._condition(wanted), told)
        seen = set(self._session.scalars(told_of))
        # places are counted among what is shown: a gap would tell what is not
        visible = [posting_id for posting_id in found if posting_id in seen]
        start = place_of(cursor)
        end = start + limit
        shown = self._reader.get_many(visible[start:end])
        return Listed(list(shown.values()), cursor_at(end) if end < len(visible) else None)

    def _disguised(self, words: str) -> list[str]:
        """Masked postings whose approved summary holds the words."""
        mask = PostingMaskRow
        statement = select(mask.posting).where(
            mask.kind == self._reader.name,
            mask.approved_at.is_not(None),
            _holding(words, mask.title, mask.summary),
        )
        return sorted(self._session.scalars(statement))

    def _condition(self, wanted: Wanted) -> ColumnElement[bool]:
        rows = self._rows
        conditions = [readable(self._actor, rows, self._operation)]
        if wanted.statuses:
            conditions.append(rows.status.in_([s.value for s in wanted.statuses]))
        if wanted.visibilities:
            conditions.append(rows.visibility.in_([v.value for v in wanted.visibilities]))
        if wanted.chains:
            conditions.append(in_chains(rows, wanted.chains))
        telling = []
        if wanted.counties:
            telling.append(rows.county.in_(wanted.counties))
        if wanted.organization is not None:
            telling.append(rows.organization == wanted.organization)
        if wanted.own:
            telling.append(rows.organization == self._actor.organization)
        if telling:
            telling.append(readable(self._actor, rows, self._operation, view=View.FULL))
        return and_(*conditions, *telling)

    @property
    def _operation(self) -> Operation:
        return Operation(f"{self._reader.name}.read")


def _holding(words: str, *columns: Any) -> ColumnElement[bool]:
    """True where each word stands in one of the columns."""
    return and_(
        *(or_(*(c.icontains(word, autoescape=True) for c in columns)) for word in words.split())
    )
