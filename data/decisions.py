"""Brokers' decisions: written once, never altered; a later decision corrects an earlier one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from sqlalchemy import RowMapping, Select, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from data.match_runs import MatchRun, MatchRunRepository
from data.repository import BATCH, UpsertCounts
from data.tables import DecisionRow
from matcher.decision import Decision, ReasonCode, Verdict

_INSERTS: Mapping[str, Callable[[Any], Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class DecisionRepository:
    """Every decision ever made, also on items that are gone since."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, decision: Decision) -> bool:
        """Stores a decision; whether it was new. One of a known id stays as it was."""
        return self.add_many([decision]).added == 1

    def add_many(self, decisions: Iterable[Decision]) -> UpsertCounts:
        """Stores decisions as ``add`` does; those of a known id count as unchanged."""
        insert = _INSERTS[self._session.get_bind().dialect.name]
        counts = UpsertCounts()
        remaining = iter(decisions)
        while batch := [_to_row(decision) for decision in islice(remaining, BATCH)]:
            # two processes may store the same file at once
            statement = insert(DecisionRow).on_conflict_do_nothing().returning(DecisionRow.id)
            added = len(self._session.scalars(statement.values(batch)).all())
            counts += UpsertCounts(added=added, unchanged=len(batch) - added)
        return counts

    def get(self, decision_id: str) -> Decision | None:
        """The decision under this id, or None."""
        found = self._read(select(DecisionRow.__table__).where(DecisionRow.id == decision_id))
        return found[0] if found else None

    def all(self) -> tuple[Decision, ...]:
        """Every decision, oldest first; ties by id."""
        return self._read(_oldest_first())

    def of_query(self, query_id: str) -> tuple[Decision, ...]:
        """The decisions on one need, oldest first."""
        return self._read(_oldest_first().where(DecisionRow.query_id == query_id))

    def latest(self, *, k: int) -> tuple[Decision, ...]:
        """The last ``k`` decisions, newest first."""
        newest_first = (DecisionRow.made_at.desc(), DecisionRow.id.desc())
        return self._read(select(DecisionRow.__table__).order_by(*newest_first).limit(k))

    def count(self) -> int:
        """How many decisions are stored."""
        return self._session.scalar(select(func.count()).select_from(DecisionRow)) or 0

    def _read(self, statement: Select[Any]) -> tuple[Decision, ...]:
        return tuple(to_decision(row) for row in self._session.execute(statement).mappings())


@dataclass(frozen=True, slots=True)
class Shown:
    """Where a match was last seen: in which stored run, and at which rank from 1."""

    run_id: str
    rank: int


def last_shown(session: Session, need_id: str, achievement_id: str) -> Shown | None:
    """Where the latest stored match list of a need shows an achievement; None if it does not."""
    latest = MatchRunRepository(session).latest("need", need_id)
    return _place(latest[0], achievement_id) if latest else None


def shown_in(session: Session, run_id: str, need_id: str, achievement_id: str) -> Shown | None:
    """Where one stored match list of a need shows an achievement; None if it does not."""
    run = MatchRunRepository(session).get(run_id)
    if run is None or (run.query_kind, run.query_id) != ("need", need_id):
        return None
    return _place(run, achievement_id)


def _place(run: MatchRun, achievement_id: str) -> Shown | None:
    for match in run.result.get("matches", ()):
        if match["document_id"] == achievement_id:
            return Shown(run.id, match["rank"])
    return None


def _oldest_first() -> Select[Any]:
    return select(DecisionRow.__table__).order_by(DecisionRow.made_at, DecisionRow.id)


def _to_row(decision: Decision) -> dict[str, Any]:
    # drivers disagree on what an enum's plain value is
    plain = {
        "verdict": decision.verdict and decision.verdict.value,
        "reason": decision.reason and decision.reason.value,
    }
    return asdict(decision) | plain


def to_decision(row: RowMapping) -> Decision:
    """The decision that a whole row stands for."""
    verdict, reason = row["verdict"], row["reason"]
    typed = {"verdict": verdict and Verdict(verdict), "reason": reason and ReasonCode(reason)}
    return Decision(**(dict(row) | typed))
