"""Match runs: what was asked, with which method on which data, and what came out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import RowMapping, func, insert, select
from sqlalchemy.orm import Session

from data.tables import MatchRunRow

QueryKind = Literal["need", "achievement", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRun:
    """One match list as it was given, kept so that it can be explained later.

    Attributes:
        query_id: Id of the need or achievement; for free text, the query's own id.
        model: Fingerprint of the encoder.
        config: The pipeline's settings, JSON values only.
        data_version: The data that was searched.
        result: The match list, JSON values only.
    """

    id: str
    created_at: datetime
    query_kind: QueryKind
    query_id: str
    model: str
    config: Mapping[str, Any]
    data_version: int
    result: Mapping[str, Any]


class MatchRunRepository:
    """Match runs; written once, never altered."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, run: MatchRun) -> None:
        """Stores a run under its own id."""
        values = {name: getattr(run, name) for name in MatchRun.__slots__}
        values |= {"config": dict(run.config), "result": dict(run.result)}
        self._session.execute(insert(MatchRunRow), [values])

    def get(self, run_id: str) -> MatchRun | None:
        """The run under this id, or None."""
        statement = select(MatchRunRow.__table__).where(MatchRunRow.id == run_id)
        row = self._session.execute(statement).mappings().one_or_none()
        return None if row is None else to_run(row)

    def latest(self, query_kind: QueryKind, query_id: str, *, k: int = 1) -> tuple[MatchRun, ...]:
        """The last ``k`` runs of one query, newest first."""
        statement = (
            select(MatchRunRow.__table__)
            .where(MatchRunRow.query_kind == query_kind, MatchRunRow.query_id == query_id)
            .order_by(MatchRunRow.created_at.desc(), MatchRunRow.id)
            .limit(k)
        )
        return tuple(to_run(row) for row in self._session.execute(statement).mappings())

    def count(self) -> int:
        """How many runs are stored."""
        return self._session.scalar(select(func.count()).select_from(MatchRunRow)) or 0


def to_run(row: RowMapping) -> MatchRun:
    """The run that a whole row stands for."""
    return MatchRun(**{name: row[name] for name in MatchRun.__slots__})
