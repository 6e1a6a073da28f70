"""Decisions on matches, for those who may judge them and those who may read of it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import RowMapping, select
from sqlalchemy.orm import Session

from data.access.clause import readable
from data.access.errors import NotAcceptable
from data.access.keyset import Listed, read_page
from data.access.postings import Postings
from data.access.trail import Trail
from data.decisions import DecisionRepository, Shown, last_shown, shown_in, to_decision
from data.policy.actor import Actor, Role
from data.policy.decide import require
from data.policy.operation import Operation
from data.policy.subject import View
from data.tables import AchievementRow, DecisionRow, NeedRow, UserRow
from matcher.decision import Decision, ReasonCode, Verdict
from matcher.types import Achievement, Need

_STAFF = (Role.BROKER, Role.OFFICE, Role.ADMINISTRATOR, Role.SYSTEM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What somebody says of a match.

    Attributes:
        run_id: The stored match run that showed the match; None for the last one that did.
    """

    level: int | None = None
    verdict: Verdict | None = None
    reason: ReasonCode | None = None
    note: str = ""
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionSeen:
    """A decision as one person may see it; a summary leaves out reason and note."""

    decision: Decision
    view: View


class Decisions:
    """Decisions for one actor in one transaction."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._trail = trail
        self._needs = Postings(Need, session, actor, trail)
        self._achievements = Postings(Achievement, session, actor, trail)

    def judge(self, need_id: str, achievement_id: str, said: Judgement) -> Decision:
        """Stores what the actor says of a match; what he said before stays beside it.

        Raises:
            Unseen: the actor may not see one of the two.
            Forbidden: nor judge the match; people of its supplier never do.
            BadDecision: neither level nor verdict, or the parts contradict each other.
            NotAcceptable: the run named does not show this match.
        """
        _, need = self._needs.get_for(need_id, Operation.NEED_READ)
        _, achievement = self._achievements.get_for(achievement_id, Operation.ACHIEVEMENT_READ)
        subject = replace(self._needs.subject(need), supplier=achievement.organization)
        require(self._actor, Operation.DECISION_CREATE, subject)
        shown = self._shown(need_id, achievement_id, said.run_id)
        decision = Decision(
            id=f"d-{uuid.uuid4().hex}",
            query_id=need_id,
            document_id=achievement_id,
            level=said.level,
            verdict=said.verdict,
            reason=said.reason,
            note=said.note,
            who=self._actor.id,
            made_at=datetime.now(UTC),
            run_id=shown.run_id if shown else None,
            rank=shown.rank if shown else None,
        )
        DecisionRepository(self._session).add(decision)
        pair = {"need": need_id, "achievement": achievement_id}
        self._trail.note(Operation.DECISION_CREATE, "decision", decision.id, **pair)
        return decision

    def page(
        self,
        *,
        need: str | None = None,
        achievement: str | None = None,
        limit: int,
        cursor: str | None = None,
    ) -> Listed[DecisionSeen]:
        """The newest decisions first, on matches of which the actor may read both sides.

        An enterprise reads the reasons and notes of its own people; of others only the
        outcome.

        Raises:
            NotAcceptable: the cursor is of another list, or none at all.
        """
        row = DecisionRow
        judged = select(NeedRow.id).where(
            readable(self._actor, NeedRow, Operation.DECISION_READ),
            readable(self._actor, NeedRow, Operation.NEED_READ),
        )
        offered = select(AchievementRow.id).where(
            readable(self._actor, AchievementRow, Operation.ACHIEVEMENT_READ)
        )
        statement = select(row.__table__).where(
            row.query_id.in_(judged), row.document_id.in_(offered)
        )
        if need is not None:
            statement = statement.where(row.query_id == need)
        if achievement is not None:
            statement = statement.where(row.document_id == achievement)
        found = read_page(
            self._session,
            statement,
            row.made_at,
            row.id,
            down=True,
            limit=limit,
            cursor=cursor,
        )
        return Listed(self._seen(found.items), found.next_cursor)

    def _seen(self, rows: Sequence[RowMapping]) -> list[DecisionSeen]:
        staff = self._actor.role in _STAFF
        own = select(UserRow.id).where(UserRow.organization == self._actor.organization)
        ours = set() if staff else {self._actor.id, *self._session.scalars(own)}
        return [
            DecisionSeen(
                to_decision(row), View.FULL if staff or row["who"] in ours else View.SUMMARY
            )
            for row in rows
        ]

    def _shown(self, need_id: str, achievement_id: str, run_id: str | None) -> Shown | None:
        if run_id is None:
            return last_shown(self._session, need_id, achievement_id)
        shown = shown_in(self._session, run_id, need_id, achievement_id)
        if shown is None:
            raise NotAcceptable(
                "run_id",
                f"匹配记录 {run_id} 中没有这一匹配；请核对编号，或不填。"
                f" / the run {run_id} does not show this match; check the id, or leave it out",
            )
        return shown
