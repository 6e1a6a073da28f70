"""Cases: who takes a match up, how it goes on, and what is learnt from its end.

The stage, the decision that it stands for and the need's own step are one transaction.
A need stays in contact when its last case is dropped, and signed when a case is closed:
whether it looks for a partner again is for its owner and the office to say.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import RowMapping, select
from sqlalchemy.dialects import postgresql, sqlite

from data.access.case_errors import NotOpen, PairTaken
from data.access.case_values import Case, EventKind
from data.access.case_writer import CASES, CaseWriter, check_said
from data.access.errors import Changed, NotAcceptable
from data.access.postings import Postings
from data.decisions import last_shown
from data.policy.actor import Actor, Role
from data.policy.decide import decide, require
from data.policy.operation import Operation
from data.policy.stages import ENDED, Asks, Stage, move
from data.repositories import AchievementRepository, NeedRepository
from data.tables import CaseRow, UserRow
from matcher.decision import ReasonCode, Verdict
from matcher.types import OPEN, Need, Status

_INSERTS: Mapping[str, Callable[[Any], Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
_PLANNED = ("next_action", "due", "value_cny")
_STRONG = 4


class Cases(CaseWriter):
    """Cases for one actor in one transaction."""

    def take_up(self, need_id: str, achievement_id: str) -> Case:
        """Opens a case in the actor's charge; the need is in contact from here on.

        Taking a match up is the decision to accept it, at the rank where it was last shown.

        Raises:
            Unseen: the actor may not see one of the two.
            Forbidden: the actor takes up no matches, or belongs to the supplier.
            NotOpen: one of the two looks for no partner.
            PairTaken: somebody is at work on this match; of two at once one gets here.
        """
        _, need = self._needs.get_for(need_id, Operation.NEED_READ)
        _, achievement = self._achievements.get_for(achievement_id, Operation.ACHIEVEMENT_READ)
        pursued = replace(self._needs.subject(need), supplier=achievement.organization)
        require(self._actor, Operation.CASE_CREATE, pursued)
        for posting in (need, achievement):
            if posting.status not in OPEN:
                raise NotOpen(posting.id, posting.status)
        row = self._opened(need_id, achievement_id)
        self._happened(row["id"], EventKind.STAGE, stage=row["stage"])
        self._decide(row, Verdict.ACCEPT)
        pair = {"need": need_id, "achievement": achievement_id}
        self._trail.note(Operation.CASE_CREATE, "case", row["id"], **pair)
        if need.status is not Status.IN_CONTACT:
            self._needs.step(need_id, Operation.STEP_CONTACT)
        return self.get(row["id"])

    def plan(self, case_id: str, changes: Mapping[str, Any], *, expected: str) -> Case:
        """Changes the next action, the day it is due, or the value.

        Args:
            case_id: Which case.
            changes: New values of ``next_action``, ``due`` and ``value_cny``; others stay.
            expected: The etag that the actor read.

        Raises:
            Unseen: the actor may not see the case.
            Forbidden: it is not in the actor's charge.
            CaseEnded: it is closed or dropped.
            Changed: somebody changed it in the meantime.
        """
        row = self._at_hand(case_id, Operation.CASE_UPDATE)
        if str(row["revision"]) != expected:
            raise Changed(case_id)
        new = {name: changes[name] for name in _PLANNED if name in changes}
        new = {name: value for name, value in new.items() if value != row[name]}
        if new:
            self._change(row, **new)
            self._happened(case_id, EventKind.ACTION, new.get("next_action", ""), **_facts(new))
            self._trail.note(Operation.CASE_UPDATE, "case", case_id, fields=sorted(new))
        return self.get(case_id)

    def go_to(
        self,
        case_id: str,
        target: Stage,
        *,
        note: str = "",
        reason: ReasonCode | None = None,
        value_cny: int | None = None,
        undisclosed: bool = False,
    ) -> Case:
        """Moves a case to another stage.

        Args:
            case_id: Which case.
            target: Where to; see ``data.policy.stages.MOVES``.
            note: What to remember of it; has to be given for a step back.
            reason: Why it is dropped; counts as the decision to reject the match.
            value_cny: What it is signed for; what was expected, when nothing is said.
            undisclosed: Whether it is signed for a value that is not told.

        Raises:
            Unseen: the actor may not see the case, or no longer its need when it is signed.
            Forbidden: it is not in the actor's charge.
            IllegalMove: it cannot go there from where it stands.
            IllegalStep: the need can no longer be signed.
            NotAcceptable: what the move asks for is missing, or something does not belong to it.
        """
        row = self._charged(case_id, Operation.CASE_UPDATE)
        asks = move(case_id, Stage(row["stage"]), target).asks
        if asks is Asks.VALUE and value_cny is None and not undisclosed:
            value_cny = row["value_cny"]
        check_said(asks, note=note, reason=reason, value_cny=value_cny, undisclosed=undisclosed)
        changes: dict[str, Any] = {"stage": target.value, "reason": reason and reason.value}
        if asks is Asks.VALUE:
            changes["value_cny"] = value_cny
        moved = self._change(row, **changes)
        self._happened(case_id, EventKind.STAGE, note, before=row["stage"], **_facts(changes))
        self._trail.note(Operation.CASE_UPDATE, "case", case_id, stage=target.value)
        if target is Stage.DROPPED:
            self._decide(moved, Verdict.REJECT, reason=reason)
        elif target is Stage.SIGNED:
            self._decide(moved, Verdict.ACCEPT, level=_STRONG)
            if self._needs.get(row["need"]).posting.status is not Status.SIGNED:
                self._needs.step(row["need"], Operation.STEP_SIGN)
        return self.get(case_id)

    def note(self, case_id: str, text: str) -> Case:
        """Adds a note.

        Raises:
            Unseen: the actor may not see the case.
            Forbidden: it is not in the actor's charge.
            CaseEnded: it is closed or dropped.
        """
        self._at_hand(case_id, Operation.CASE_UPDATE)
        self._happened(case_id, EventKind.NOTE, text)
        self._trail.note(Operation.CASE_UPDATE, "case", case_id, noted=True)
        return self.get(case_id)

    def assign(self, case_id: str, broker: str) -> Case:
        """Puts a case into another broker's charge.

        Raises:
            Unseen: the actor may not see the case.
            Forbidden: the actor assigns no cases.
            CaseEnded: it is closed or dropped.
            NotAcceptable: the account is of no broker who could have taken the match up.
        """
        row = self._at_hand(case_id, Operation.CASE_ASSIGN)
        if not self._could_pursue(broker, row):
            raise NotAcceptable(
                "broker",
                f"{broker} 不是可以跟进此匹配的经纪人（须在用、在其产业链和区县范围内、"
                "且不属于成果单位）。"
                f" / {broker} is no broker who can follow this match up: an active account,"
                " within its chains and counties, and not of the supplier",
            )
        self._change(row, broker=broker)
        self._happened(case_id, EventKind.ASSIGN, before=row["broker"], broker=broker)
        self._trail.note(Operation.CASE_ASSIGN, "case", case_id, broker=broker)
        return self.get(case_id)

    def _opened(self, need_id: str, achievement_id: str) -> RowMapping:
        now = datetime.now(UTC)
        shown = last_shown(self._session, need_id, achievement_id)
        values = {
            "id": f"c-{uuid.uuid4().hex}",
            "need": need_id,
            "achievement": achievement_id,
            "broker": self._actor.id,
            "stage": Stage.CONTACTING.value,
            "next_action": "",
            "run_id": shown.run_id if shown else None,
            "rank": shown.rank if shown else None,
            "revision": 1,
            "created_at": now,
            "updated_at": now,
        }
        # the index lets one of two through; on PostgreSQL the other waits here for the first
        statement = _INSERTS[self._session.get_bind().dialect.name](CASES).values(values)
        new = self._session.execute(statement.on_conflict_do_nothing().returning(CASES))
        row: RowMapping | None = new.mappings().one_or_none()
        if row is None:
            raise PairTaken(need_id, achievement_id, self._own_case(need_id, achievement_id))
        return row

    def _own_case(self, need_id: str, achievement_id: str) -> str | None:
        """The case that is in the way, where it is the actor's own."""
        return self._session.scalar(
            select(CaseRow.id).where(
                CaseRow.need == need_id,
                CaseRow.achievement == achievement_id,
                CaseRow.broker == self._actor.id,
                CaseRow.stage.not_in([stage.value for stage in ENDED]),
            )
        )

    def _could_pursue(self, account: str, row: RowMapping) -> bool:
        user = self._session.get(UserRow, account)
        if user is None or user.disabled_at is not None:
            return False
        actor = Actor(
            id=user.id,
            role=Role(user.role),
            organization=user.organization,
            chains=tuple(user.chains),
            counties=tuple(user.counties),
        )
        need = NeedRepository(self._session).get(row["need"])
        achievement = AchievementRepository(self._session).get(row["achievement"])
        if need is None or achievement is None:
            return False
        subject = Postings(Need, self._session, actor, self._trail).subject(need)
        pursued = replace(subject, supplier=achievement.organization)
        return decide(actor, Operation.CASE_CREATE, pursued) is not None


def _facts(values: Mapping[str, Any]) -> dict[str, Any]:
    """What changed as JSON values; words stand in the event's text."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
        if name != "next_action" and not (name == "reason" and value is None)
    }
