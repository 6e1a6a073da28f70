"""The city's industry chains as they are stored: the packaged ones until it edits them.

Ids outlive definitions: when a chain or a segment gets another id, or becomes part of
another one, that is recorded, and what pointed at the old id follows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, delete, insert, select
from sqlalchemy.orm import Session

from data.chain_limits import move_limits
from data.definitions import Definitions
from data.errors import DataError
from data.tables import ChainRenameRow, ChainRow
from data.tags import TagRepository
from data.versions import lock_version, set_version
from matcher.chain import Basis, IndustryChain, Position, Segment

_LISTS = ("aliases", "keywords", "terms", "codes", "counties")


class BadRename(DataError):
    """A rename that leads nowhere.

    Attributes:
        old: The id that goes.
        new: The id that should take its place.
    """

    def __init__(self, old: str, new: str, zh: str, en: str) -> None:
        super().__init__(f"不能把 {old} 改为 {new}：{zh} / cannot rename {old} to {new}: {en}")
        self.old = old
        self.new = new


class ChainRepository:
    """Industry chains, in the city's own order."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> tuple[IndustryChain, ...]:
        """Every chain, in order."""
        statement = select(ChainRow.__table__).order_by(ChainRow.position)
        return tuple(_to_chain(row) for row in self._session.execute(statement).mappings())

    def replace_all(self, chains: Iterable[IndustryChain]) -> None:
        """Makes these the city's chains, in this order; records keep the ids they name."""
        rows = [{"position": i, **asdict(chain)} for i, chain in enumerate(chains)]
        self._session.execute(delete(ChainRow))
        if rows:
            self._session.execute(insert(ChainRow), rows)

    def rename(self, renamed: Mapping[str, str], *, who: str) -> int:
        """Record that ids of chains or segments are gone and others took their place.

        What people said of items moves along, and so do brokers' limits and subscriptions;
        several ids may become one. The data version moves on. Call it when the new
        definitions are stored.

        Args:
            renamed: Old id to new id, segments to segments and chains to chains.
            who: Who decided it.

        Returns:
            How many tags set by people were moved.

        Raises:
            BadRename: an old id is still in use, or a new one does not exist.
        """
        chain_of = {s.id: chain.id for chain in self.all() for s in chain.segments}
        known = {**chain_of, **{chain.id: chain.id for chain in self.all()}}
        for old, new in renamed.items():
            _check(old, new, known)
        tags = TagRepository(self._session)
        moved = 0
        for old, new in renamed.items():
            segment = new if new in chain_of else None
            moved += tags.follow(old, chain=known[new], segment=segment)
        if renamed:
            version = lock_version(self._session)
            table = ChainRenameRow
            self._session.execute(delete(table).where(table.old.in_(renamed)))
            mark = {"who": who, "made_at": datetime.now(UTC)}
            rows = [{"old": old, "new": new, **mark} for old, new in renamed.items()]
            self._session.execute(insert(table), rows)
            set_version(self._session, version)
        # also without a rename: an id that was taken into use again may be gone again
        move_limits(self._session, self.definitions(), who=who)
        return moved

    def definitions(self) -> Definitions:
        """Every chain, with the ids that are gone."""
        rows = self._session.execute(select(ChainRenameRow.old, ChainRenameRow.new))
        return Definitions(self.all(), {row.old: row.new for row in rows})


def _check(old: str, new: str, known: Mapping[str, str]) -> None:
    if old in known:
        raise BadRename(
            old,
            new,
            f"{old} 仍在使用，请先从定义中去掉",
            f"{old} is still in use; take it out of the definitions first",
        )
    if new not in known:
        raise BadRename(old, new, f"没有 {new}，请先定义", f"there is no {new}; define it first")
    if ("." in old) != ("." in new):
        raise BadRename(
            old,
            new,
            "环节只能改为环节，产业链只能改为产业链",
            "a segment becomes a segment, a chain a chain",
        )


def _to_chain(row: RowMapping) -> IndustryChain:
    return IndustryChain(
        id=row["id"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        segments=tuple(_to_segment(segment) for segment in row["segments"]),
        **{name: tuple(row[name]) for name in _LISTS},
    )


def _to_segment(stored: dict[str, Any]) -> Segment:
    typed = {
        "position": Position(stored["position"]),
        "basis": Basis(stored["basis"]),
        "keywords": tuple(stored["keywords"]),
        "terms": tuple(stored["terms"]),
    }
    return Segment(**(stored | typed))
