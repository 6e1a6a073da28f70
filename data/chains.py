"""The city's industry chains as they are stored: the packaged ones until it edits them."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import RowMapping, delete, insert, select
from sqlalchemy.orm import Session

from data.tables import ChainRow
from matcher.chain import Basis, IndustryChain, Position, Segment

_LISTS = ("aliases", "keywords", "terms", "codes", "counties")


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
