"""Trained rankers, all of them, and which one is in use.

A ranker is text to this package: what it means, and whether it can be trusted, is for the
matcher to say. Rankers and promotions are only ever added, so that any state can be told
and gone back to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, Select, func, insert, select
from sqlalchemy.orm import Session

from data.errors import NothingToRollBack, UnknownRanker
from data.tables import RankerPromotionRow, RankerRow
from data.versions import lock_version


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRanker:
    """A trained ranker with where it comes from.

    Attributes:
        version: 1 for the first, rising; numbers may be skipped.
        content: The ranker's JSON text, byte for byte as added.
        trained_on: What it learnt from, in numbers, such as ``{"needs": 40}``.
        figures: What was measured when it was made, JSON values only.
        promoted_at: When it last came into use by promotion; None if it never did.
    """

    version: int
    created_at: datetime
    author: str
    content: str
    trained_on: Mapping[str, int]
    figures: Mapping[str, Any]
    note: str
    promoted_at: datetime | None


class Action(StrEnum):
    """How a ranker came into use."""

    PROMOTE = "promote"
    ROLL_BACK = "roll_back"


@dataclass(frozen=True, slots=True)
class Promotion:
    """One change of the ranker in use.

    Attributes:
        version: The ranker in use from then on; None for the shipped one.
    """

    version: int | None
    action: Action
    made_at: datetime
    who: str


class RankerRepository:
    """Every version, the log of promotions, and the version in use.

    Writers take the database's version lock first. So two of them log in the order in which
    they commit: the last one wins, and the log says so.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        content: str,
        *,
        author: str,
        trained_on: Mapping[str, int],
        figures: Mapping[str, Any],
        note: str = "",
    ) -> StoredRanker:
        """Keeps a new ranker under the next version; it is not in use before ``promote``."""
        lock_version(self._session)
        values = {
            "created_at": datetime.now(UTC),
            "author": author,
            "trained_on": dict(trained_on),
            "figures": dict(figures),
            "note": note,
            "content": content,
        }
        statement = insert(RankerRow).values(values).returning(RankerRow.version)
        return self.get(self._session.scalars(statement).one())

    def get(self, version: int) -> StoredRanker:
        """The ranker of this version.

        Raises:
            UnknownRanker: there is none.
        """
        row = self._session.execute(_rankers().where(RankerRow.version == version)).mappings()
        found = row.one_or_none()
        if found is None:
            raise UnknownRanker(version)
        return _to_ranker(found)

    def all(self) -> tuple[StoredRanker, ...]:
        """Every ranker ever kept, oldest first."""
        return tuple(_to_ranker(row) for row in self._session.execute(_rankers()).mappings())

    def current(self) -> StoredRanker | None:
        """The ranker in use; None for the one that ships with the program."""
        version = self.in_use()
        return None if version is None else self.get(version)

    def promote(self, version: int, *, who: str = "") -> StoredRanker:
        """Puts a version into use; nothing is logged for the one in use already.

        Raises:
            UnknownRanker: there is none of this version.
        """
        lock_version(self._session)
        promoted = self.get(version)
        if version == self.in_use():
            return promoted
        self._log(version, Action.PROMOTE, who)
        return self.get(version)

    def roll_back(self, *, who: str = "") -> StoredRanker | None:
        """Puts the ranker into use that was promoted before the one in use.

        Each further call goes one promotion further back, at last to the shipped ranker.

        Returns:
            What is in use now; None for the shipped ranker.

        Raises:
            NothingToRollBack: the shipped ranker is in use.
        """
        lock_version(self._session)
        promoted: list[int | None] = [None]
        for step in self.history():
            if step.action is Action.PROMOTE:
                promoted.append(step.version)
            else:
                promoted.pop()
        if len(promoted) == 1:
            raise NothingToRollBack
        self._log(promoted[-2], Action.ROLL_BACK, who)
        return self.current()

    def history(self) -> tuple[Promotion, ...]:
        """Every change of the ranker in use, oldest first."""
        rows = self._session.scalars(select(RankerPromotionRow).order_by(RankerPromotionRow.id))
        return tuple(Promotion(r.version, Action(r.action), r.made_at, r.who) for r in rows)

    def in_use(self) -> int | None:
        """The version in use; None for the ranker that ships."""
        newest_first = select(RankerPromotionRow.version).order_by(RankerPromotionRow.id.desc())
        return self._session.scalars(newest_first.limit(1)).first()

    def _log(self, version: int | None, action: Action, who: str) -> None:
        values = {"version": version, "action": action.value, "who": who}
        self._session.execute(insert(RankerPromotionRow), [values | {"made_at": datetime.now(UTC)}])


def _rankers() -> Select[Any]:
    promoted_at = (
        select(func.max(RankerPromotionRow.made_at))
        .where(
            RankerPromotionRow.version == RankerRow.version,
            RankerPromotionRow.action == Action.PROMOTE.value,
        )
        .scalar_subquery()
    )
    columns = (*RankerRow.__table__.columns, promoted_at.label("promoted_at"))
    return select(*columns).order_by(RankerRow.version)


def _to_ranker(row: RowMapping) -> StoredRanker:
    return StoredRanker(**dict(row))
