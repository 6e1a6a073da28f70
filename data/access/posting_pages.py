"""Lists of postings, page by page, holding no more than the reader may see.

A filter must not tell what a summary hides: whoever asks for the postings of one firm
gets those that he may read in full, and never learns which masked ones are its.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Generic, Literal

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, cast, func, or_, select
from sqlalchemy.orm import Session

from data.access.clause import PostingTable, readable
from data.access.keyset import Listed, cursor_at, place_of, read_page
from data.access.posting_reader import Item, PostingReader, Seen
from data.access.remit import in_chains
from data.policy.actor import Actor
from data.policy.operation import Operation
from data.policy.subject import View
from data.tables import AchievementRow, NeedRow, PostingMaskRow
from matcher.types import Need, Status, Visibility

_ESCAPE = "/"

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
        condition = _condition(self._actor, rows, self._operation, wanted)
        statement = select(rows.id, by).where(condition)
        keys = (by,) if column == "id" else (by, rows.id)
        found = read_page(self._session, statement, *keys, limit=limit, cursor=cursor, down=down)
        shown = self._reader.get_many([row["id"] for row in found.items])
        return Listed(list(shown.values()), found.next_cursor)

    def _searched(self, wanted: Wanted, *, limit: int, cursor: str | None) -> Listed[Seen[Item]]:
        """Postings that hold the words where the reader may read them, most alike first."""
        words = {f"word{n}": f"%{_plain(w)}%" for n, w in enumerate(wanted.words.split())}
        connection = self._session.connection()
        masks = _disguised(self._reader.name, len(words))
        disguised = sorted(connection.scalars(masks, words)) if words else []
        found = list(dict.fromkeys((*wanted.among, *disguised)))
        conditions = replace(wanted, among=(), words="")
        told_of = _told_of(self._actor, self._rows, self._operation, conditions, len(words))
        start = place_of(cursor)
        end = start + limit
        # places are counted among what is shown: a gap would tell what is not
        visible: list[str] = []
        size = 2 * end
        while found and len(visible) <= end:
            # the best are likely to do; the fewer do, the more are looked at next
            batch, found = found[:size], found[size:]
            asked = {**words, "among": batch, "disguised": disguised}
            seen = set(connection.scalars(told_of, asked))
            visible += [posting_id for posting_id in batch if posting_id in seen]
            size *= 4
        shown = self._reader.get_many(visible[start:end])
        return Listed(list(shown.values()), cursor_at(end) if end < len(visible) else None)

    @property
    def _operation(self) -> Operation:
        return Operation(f"{self._reader.name}.read")


def _condition(
    actor: Actor, rows: PostingTable, operation: Operation, wanted: Wanted
) -> ColumnElement[bool]:
    conditions = [readable(actor, rows, operation)]
    if wanted.statuses:
        conditions.append(rows.status.in_([s.value for s in wanted.statuses]))
    if wanted.visibilities:
        conditions.append(rows.visibility.in_([v.value for v in wanted.visibilities]))
    if wanted.chains:
        conditions.append(in_chains(rows, wanted.chains))
    telling: list[ColumnElement[bool]] = []
    if wanted.counties:
        telling.append(rows.county.in_(wanted.counties))
    if wanted.organization is not None:
        telling.append(rows.organization == wanted.organization)
    if wanted.own:
        telling.append(rows.organization == actor.organization)
    if telling:
        telling.append(readable(actor, rows, operation, view=View.FULL))
    return and_(*conditions, *telling)


@lru_cache(maxsize=1024)  # building it takes several times as long as asking it
def _told_of(
    actor: Actor, rows: PostingTable, operation: Operation, wanted: Wanted, words: int
) -> Select[str]:
    """Those of the ids ``among`` that hold the words where the actor may read them."""
    full = readable(actor, rows, operation, view=View.FULL)
    in_words = _holding(words, rows.title, rows.text, cast(rows.keywords, String))
    disguised = rows.id.in_(bindparam("disguised", expanding=True))
    told = or_(and_(full, in_words), and_(~full, disguised))
    among = rows.id.in_(bindparam("among", expanding=True))
    return select(rows.id).where(among, _condition(actor, rows, operation, wanted), told)


@lru_cache(maxsize=256)
def _disguised(kind: str, words: int) -> Select[str]:
    """Masked postings whose approved summary holds the words."""
    mask = PostingMaskRow
    return select(mask.posting).where(
        mask.kind == kind, mask.approved_at.is_not(None), _holding(words, mask.title, mask.summary)
    )


def _holding(words: int, *columns: Any) -> ColumnElement[bool]:
    """True where each of the parameters ``word0``, ``word1`` … stands in one of the columns."""
    texts = [func.lower(column) for column in columns]
    return and_(
        *(
            or_(*(text.like(func.lower(bindparam(f"word{n}")), escape=_ESCAPE) for text in texts))
            for n in range(words)
        )
    )


def _plain(word: str) -> str:
    """A word that stands for itself in a pattern."""
    return re.sub(r"[%_/]", lambda found: _ESCAPE + found[0], word)
