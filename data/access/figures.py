"""The few numbers by which the city's office steers."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.access.trail import Trail
from data.policy.actor import Actor
from data.policy.decide import require
from data.policy.operation import Operation
from data.policy.stages import ENDED, Stage
from data.tables import AchievementRow, CaseRow, DecisionRow, NeedRow, PostingEventRow
from matcher.decision import Verdict
from matcher.types import Status

WON = (Stage.SIGNED.value, Stage.CLOSED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts over everything stored, confidential or not; they name nobody.

    Attributes:
        needs: By status; those that do not occur are left out.
        achievements: Likewise.
        cases: By stage; likewise.
        waiting: Needs in contact without a case under way.
        signed_cny: Sum of the disclosed values of signed and closed cases.
        undisclosed: Signed and closed cases whose value is not told.
        decisions: Decisions ever made, by verdict; ``level`` for those with a level only.
        first_contact_days: Median days from the publication of a need to its first case,
            over needs that have both; None where none has.
    """

    needs: Mapping[str, int]
    achievements: Mapping[str, int]
    cases: Mapping[str, int]
    waiting: int
    signed_cny: int
    undisclosed: int
    decisions: Mapping[str, int]
    first_contact_days: float | None


class FiguresDesk:
    """Figures for one actor in one transaction."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor

    def now(self) -> Figures:
        """The figures as they stand.

        Raises:
            Forbidden: the actor may not see them.
        """
        require(self._actor, Operation.FIGURES_READ)
        won = CaseRow.stage.in_(WON)
        signed, disclosed, contracts = self._session.execute(
            select(
                func.sum(CaseRow.value_cny),
                func.count(CaseRow.value_cny),
                func.count(),
            ).where(won)
        ).one()
        verdicts = self._by(DecisionRow.verdict)
        return Figures(
            needs=self._by(NeedRow.status),
            achievements=self._by(AchievementRow.status),
            cases=self._by(CaseRow.stage),
            waiting=self._waiting(),
            signed_cny=int(signed or 0),
            undisclosed=contracts - disclosed,
            decisions={
                **{verdict.value: verdicts.get(verdict.value, 0) for verdict in Verdict},
                "level": verdicts.get("", 0),
            },
            first_contact_days=self._first_contact_days(),
        )

    def _by(self, column: Any) -> dict[str, int]:
        counted = select(func.coalesce(column, ""), func.count()).group_by(column)
        return {value: count for value, count in sorted(self._session.execute(counted))}

    def _waiting(self) -> int:
        under_way = select(CaseRow.need).where(CaseRow.stage.not_in([s.value for s in ENDED]))
        waiting = select(func.count()).where(
            NeedRow.status == Status.IN_CONTACT.value, NeedRow.id.not_in(under_way)
        )
        return self._session.scalar(waiting) or 0

    def _first_contact_days(self) -> float | None:
        event = PostingEventRow
        published = (
            select(event.posting, func.min(event.at).label("at"))
            .where(event.kind == "need", event.status == Status.PUBLISHED.value)
            .group_by(event.posting)
            .subquery()
        )
        contacted = (
            select(CaseRow.need, func.min(CaseRow.created_at).label("at"))
            .group_by(CaseRow.need)
            .subquery()
        )
        pairs = select(published.c.at, contacted.c.at).join(
            contacted, contacted.c.need == published.c.posting
        )
        waits = [
            (later - earlier).total_seconds() for earlier, later in self._session.execute(pairs)
        ]
        return round(median(waits) / 86_400, 2) if waits else None
