"""An account's news, each shown only as far as the account may see what it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, RowMapping, func, select, update
from sqlalchemy.orm import Session

from data.access.keyset import Listed, read_page
from data.access.posting_reader import PostingReader, Seen
from data.access.trail import Trail
from data.announce import Kind
from data.policy.actor import Actor
from data.policy.decide import require
from data.policy.errors import Unseen
from data.policy.operation import Operation
from data.policy.subject import Subject
from data.tables import InboxItemRow
from matcher.types import Achievement, Need

SeenPostings = Mapping[str, Seen[Need]] | Mapping[str, Seen[Achievement]]


@dataclass(frozen=True, slots=True)
class Card:
    """A posting that news are about.

    Attributes:
        seen: The posting as far as the reader may see it now; None for not at all, be it
            withdrawn or made confidential since.
    """

    seen: Seen[Need] | Seen[Achievement] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxItem:
    """One piece of news.

    Attributes:
        need: The need that it is about; None where it is about none.
        achievement: Likewise.
        probability: Chance of level 3 or higher, in [0, 1]; None where there is none, or
            where the reader may no longer see both sides.
        read_at: None while it is unread.
    """

    id: int
    kind: Kind
    need: Card | None
    achievement: Card | None
    probability: float | None
    created_at: datetime
    read_at: datetime | None


class Inbox:
    """The inbox of the acting account."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._trail = trail
        self._needs = PostingReader(Need, session, actor, trail)
        self._achievements = PostingReader(Achievement, session, actor, trail)

    def page(
        self, *, limit: int, cursor: str | None = None, unread: bool = False
    ) -> Listed[InboxItem]:
        """Items, newest first.

        Args:
            limit: Most items to return.
            cursor: ``next_cursor`` of the page before; None for the first page.
            unread: Only what was not read yet.

        Raises:
            NotAcceptable: the cursor is of another list.
        """
        self._require(Operation.INBOX_READ)
        statement = select(InboxItemRow.__table__).where(*self._shown())
        if unread:
            statement = statement.where(InboxItemRow.read_at.is_(None))
        page = read_page(
            self._session, statement, InboxItemRow.id, limit=limit, cursor=cursor, down=True
        )
        return Listed(self._items(page.items), page.next_cursor)

    def unread(self) -> int:
        """How many items were not read yet."""
        self._require(Operation.INBOX_READ)
        counted = select(func.count()).select_from(InboxItemRow)
        waiting = counted.where(*self._shown(), InboxItemRow.read_at.is_(None))
        return self._session.scalar(waiting) or 0

    def read(self, item_id: int) -> InboxItem:
        """Marks an item as read; one that was read before keeps its time.

        Raises:
            Unseen: the inbox holds no such item.
        """
        self._require(Operation.INBOX_UPDATE)
        own = (*self._shown(), InboxItemRow.id == item_id)
        self._mark(*own)
        statement = select(InboxItemRow.__table__).where(*own)
        found = self._session.execute(statement).mappings().one_or_none()
        if found is None:
            raise Unseen(str(item_id))
        self._trail.note(Operation.INBOX_UPDATE, "inbox_item", str(item_id))
        return self._items([found])[0]

    def read_all(self, *, until: int | None = None) -> int:
        """Marks every item as read; how many were not.

        Args:
            until: The newest item that the reader has seen; what came later stays unread.
        """
        self._require(Operation.INBOX_UPDATE)
        seen = () if until is None else (InboxItemRow.id <= until,)
        marked = self._mark(*self._shown(), *seen)
        self._trail.note(Operation.INBOX_UPDATE, "inbox", self._actor.id, items=marked)
        return marked

    def _require(self, operation: Operation) -> None:
        require(self._actor, operation, Subject(account=self._actor.id))

    def _shown(self) -> tuple[ColumnElement[bool], ...]:
        return (InboxItemRow.account == self._actor.id, InboxItemRow.listed.is_(True))

    def _mark(self, *which: ColumnElement[bool]) -> int:
        row = InboxItemRow
        marked = (
            update(row)
            .where(*which, row.read_at.is_(None))
            .values(read_at=datetime.now(UTC))
            .returning(row.id)
        )
        return len(self._session.scalars(marked).all())

    def _items(self, rows: Sequence[RowMapping]) -> list[InboxItem]:
        needs = self._needs.get_many(_named(rows, "need"))
        achievements = self._achievements.get_many(_named(rows, "achievement"))
        return [
            _item(row, _card(row["need"], needs), _card(row["achievement"], achievements))
            for row in rows
        ]


def _named(rows: Sequence[RowMapping], side: str) -> list[str]:
    return [row[side] for row in rows if row[side] is not None]


def _card(posting_id: str | None, seen: SeenPostings) -> Card | None:
    return None if posting_id is None else Card(seen.get(posting_id))


def _item(row: RowMapping, need: Card | None, achievement: Card | None) -> InboxItem:
    hidden = any(card is not None and card.seen is None for card in (need, achievement))
    return InboxItem(
        id=row["id"],
        kind=row["kind"],
        need=need,
        achievement=achievement,
        probability=None if hidden else row["probability"],
        created_at=row["created_at"],
        read_at=row["read_at"],
    )
