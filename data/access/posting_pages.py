"""Lists of postings, page by page, holding no more than the reader may see.

A filter must not tell what a summary hides: whoever asks for the postings of one firm
gets those that he may read in full, and never learns which masked ones are its.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal

from sqlalchemy import ColumnElement, String, and_, cast, or_, select
from sqlalchemy.orm import Session

from data.access.clause import readable
from data.access.errors import NotAcceptable
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


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page, and where the next begins; None at the end."""

    items: list[Seen[Item]]
    next_cursor: str | None


class PostingPages(Generic[Item]):
    """Lists one kind of posting for one actor."""

    def __init__(self, reader: PostingReader[Item], session: Session, actor: Actor) -> None:
        self._reader = reader
        self._session = session
        self._actor = actor
        self._rows: Any = NeedRow if reader.kind is Need else AchievementRow

    def page(self, wanted: Wanted, *, limit: int, cursor: str | None = None) -> Page[Item]:
        """Up to ``limit`` postings from the cursor on.

        Raises:
            NotAcceptable: the cursor is of another list, or none at all.
        """
        ids = self._found(wanted) if wanted.words else None
        column, down = wanted.sort.removeprefix("-"), wanted.sort.startswith("-")
        rows, by = self._rows, getattr(self._rows, column)
        statement = select(rows.id, by).where(self._condition(wanted))
        if ids is not None:
            statement = statement.where(rows.id.in_(ids))
        if cursor is not None:
            statement = statement.where(self._after(cursor, column, down=down))
        order = (by.desc(), rows.id.desc()) if down else (by, rows.id)
        found = self._session.execute(statement.order_by(*order).limit(limit + 1)).all()
        shown = self._reader.get_many([row[0] for row in found[:limit]])
        more = len(found) > limit
        return Page(list(shown.values()), _cursor(column, found[limit - 1]) if more else None)

    def _found(self, wanted: Wanted) -> list[str]:
        """Postings that hold the words where the reader may read them."""
        rows, mask = self._rows, PostingMaskRow
        full = readable(self._actor, rows, self._operation, view=View.FULL)
        in_words = _holding(wanted.words, rows.title, rows.text, cast(rows.keywords, String))
        in_full = select(rows.id).where(rows.id.in_(list(wanted.among)), full, in_words)
        told = _holding(wanted.words, mask.title, mask.summary)
        disguised = select(mask.posting).where(
            mask.kind == self._reader.name, mask.approved_at.is_not(None), told
        )
        summary = readable(self._actor, rows, self._operation, view=View.SUMMARY)
        in_summary = select(rows.id).where(rows.id.in_(disguised), summary)
        return [*self._session.scalars(in_full), *self._session.scalars(in_summary)]

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

    def _after(self, cursor: str, column: str, *, down: bool) -> ColumnElement[bool]:
        rows, by = self._rows, getattr(self._rows, column)
        value, last = _position(cursor, column)
        if down:
            return or_(by < value, and_(by == value, rows.id < last))
        return or_(by > value, and_(by == value, rows.id > last))

    @property
    def _operation(self) -> Operation:
        return Operation(f"{self._reader.name}.read")


def _holding(words: str, *columns: Any) -> ColumnElement[bool]:
    """True where each word stands in one of the columns."""
    return and_(
        *(or_(*(c.icontains(word, autoescape=True) for c in columns)) for word in words.split())
    )


def _cursor(column: str, row: Any) -> str:
    value = row[1].isoformat() if isinstance(row[1], datetime) else row[1]
    return base64.urlsafe_b64encode(json.dumps([column, value, row[0]]).encode()).decode()


def _position(cursor: str, column: str) -> tuple[Any, str]:
    try:
        named, value, last = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if named != column or not isinstance(value, str) or not isinstance(last, str):
            raise ValueError(named)
        moment = value if column == "id" else datetime.fromisoformat(value)
        if isinstance(moment, datetime) and moment.tzinfo is None:
            raise ValueError(value)
    except (ValueError, TypeError) as error:
        raise NotAcceptable(
            "cursor",
            "cursor 不属于这个列表，请从第一页重新开始。"
            " / the cursor is not of this list; begin again with the first page",
        ) from error
    return moment, last
