"""The latest match list of each open need, and which of them are out of date.

A list is derived: it can be made anew at any time, and what is missing or stale is found
by looking, so that a crash between a posting and its list loses nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from data.repository import in_batches
from data.tables import MatchListItemRow, MatchListRow, MetaRow, NeedRow
from matcher.types import OPEN, Status

MATCHED = (Status.SUBMITTED, *OPEN)
"""Needs that have a list: its owner sees what there is before anybody has published it."""

_STALE = -1
_FOLLOWED = "match_lists_followed"


@dataclass(frozen=True, slots=True)
class KeptList:
    """A need's match list as it was made.

    Attributes:
        data_version: The data that was searched.
        result: As ``api.answers.answer_as_json`` words it.
    """

    need: str
    data_version: int
    made_at: datetime
    result: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """One achievement of a list.

    Attributes:
        fair: P(level ≥ 3), in [0, 1]; None without a ranker.
    """

    achievement: str
    rank: int
    fair: float | None


class MatchListStore:
    """Match lists; who may see which is for others to say."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, need_id: str) -> KeptList | None:
        """The latest list of a need, or None before the first is made."""
        row = self._session.get(MatchListRow, need_id)
        return None if row is None else KeptList(need_id, row.data_version, row.made_at, row.result)

    def made_at(self, need_id: str) -> datetime | None:
        """When the latest list was made; cheaper than reading it."""
        made = select(MatchListRow.made_at).where(MatchListRow.need == need_id)
        return self._session.scalar(made)

    def put(
        self, need_id: str, result: Mapping[str, Any], items: Sequence[Listed], *, version: int
    ) -> None:
        """Stores a list in place of the one before."""
        self.forget(need_id)
        row = {
            "need": need_id,
            "data_version": version,
            "made_at": datetime.now(UTC),
            "result": dict(result),
        }
        self._session.execute(insert(MatchListRow), [row])
        if items:
            self._session.execute(
                insert(MatchListItemRow),
                [
                    {"need": need_id, "achievement": i.achievement, "rank": i.rank, "fair": i.fair}
                    for i in items
                ],
            )

    def forget(self, need_id: str) -> None:
        """Drops the list of a need."""
        for rows in (MatchListItemRow, MatchListRow):
            self._session.execute(delete(rows).where(rows.need == need_id))

    def stale(self, *, limit: int) -> list[str]:
        """Needs that should have a list, without one of what they are now, latest changed first."""
        lists = MatchListRow
        statement = (
            select(NeedRow.id)
            .outerjoin(lists, lists.need == NeedRow.id)
            .where(NeedRow.status.in_([status.value for status in MATCHED]))
            .where(or_(lists.need.is_(None), lists.data_version < NeedRow.changed_in))
            .order_by(NeedRow.changed_in.desc(), NeedRow.id)
            .limit(limit)
        )
        return list(self._session.scalars(statement))

    def listing(self, achievement_ids: Collection[str]) -> set[str]:
        """Needs whose list holds one of these achievements."""
        item = MatchListItemRow
        found: set[str] = set()
        for batch in in_batches(sorted(achievement_ids)):
            found |= set(
                self._session.scalars(select(item.need).where(item.achievement.in_(batch)))
            )
        return found

    def strong(self, least: float) -> dict[str, list[str]]:
        """Achievements that reach level 3 with at least this probability, by need."""
        item = MatchListItemRow
        found: dict[str, list[str]] = {}
        wanted = select(item.need, item.achievement).where(item.fair >= least)
        for need, achievement in self._session.execute(wanted):
            found.setdefault(need, []).append(achievement)
        return found

    def followed(self) -> int:
        """The data version up to which changed achievements have marked their lists."""
        told = self._session.scalar(select(MetaRow.value).where(MetaRow.key == _FOLLOWED))
        return int(told or 0)

    def set_followed(self, version: int) -> None:
        """Remembers that version, in the transaction that marks the lists."""
        self._session.execute(delete(MetaRow).where(MetaRow.key == _FOLLOWED))
        self._session.execute(insert(MetaRow), [{"key": _FOLLOWED, "value": str(version)}])

    def ask_again(self, need_ids: Collection[str]) -> None:
        """Marks lists as stale."""
        for batch in in_batches(sorted(need_ids)):
            self._session.execute(
                update(MatchListRow).where(MatchListRow.need.in_(batch)).values(data_version=_STALE)
            )
