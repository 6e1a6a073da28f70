"""Cases as one person may see them."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, false, or_, select, true
from sqlalchemy.orm import Session

from data.access.case_values import Case, CaseEvent, CaseFilter, EventKind
from data.access.keyset import Listed, read_page
from data.access.postings import Postings
from data.access.trail import Trail
from data.policy.actor import SIDES, Actor, Role
from data.policy.decide import decide, rules_for
from data.policy.errors import Forbidden, Unseen
from data.policy.operation import Operation
from data.policy.rules import Rule
from data.policy.stages import ENDED, Stage
from data.policy.subject import Party, Subject, View
from data.tables import AchievementRow, CaseEventRow, CaseRow, NeedRow
from matcher.decision import ReasonCode
from matcher.types import Achievement, Need, Status

WON = (Stage.SIGNED, Stage.CLOSED)
"""Stages of a case that led to a contract."""


class CaseReader:
    """Reads cases for one actor in one transaction."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._trail = trail
        self._needs = Postings(Need, session, actor, trail)
        self._achievements = Postings(Achievement, session, actor, trail)

    def get(self, case_id: str) -> Case:
        """The case as far as the actor may see it.

        Raises:
            Unseen: there is none, or the actor may not see it.
        """
        row, _ = self._seen(case_id)
        return self._told([row])[0]

    def page(self, wanted: CaseFilter, *, limit: int, cursor: str | None = None) -> Listed[Case]:
        """The newest cases first, as far as the actor may see them.

        Raises:
            NotAcceptable: the cursor is of another list, or none at all.
        """
        rules = rules_for(self._actor, Operation.CASE_READ)
        seen = or_(false(), *(_condition(self._actor, rule) for rule in rules))
        if wanted.overdue_on is not None:
            # when something is due is part of the broker's plan, and so is that it was not done
            full = [rule for rule in rules if rule.view is View.FULL]
            seen = or_(false(), *(_condition(self._actor, rule) for rule in full))
        found = read_page(
            self._session,
            select(CaseRow.__table__).where(seen, *_conditions(wanted)),
            CaseRow.created_at,
            CaseRow.id,
            down=True,
            limit=limit,
            cursor=cursor,
        )
        return Listed(self._told(found.items), found.next_cursor)

    def events(self, case_id: str, *, limit: int, cursor: str | None = None) -> Listed[CaseEvent]:
        """What happened in a case, the newest first.

        Raises:
            Unseen: the actor may not see the case.
            Forbidden: the actor sees its summary only.
            NotAcceptable: the cursor is of another list, or none at all.
        """
        self._seen_in_full(case_id)
        found = read_page(
            self._session,
            select(CaseEventRow.__table__).where(CaseEventRow.case == case_id),
            CaseEventRow.id,
            down=True,
            limit=limit,
            cursor=cursor,
        )
        return Listed([_to_event(row) for row in found.items], found.next_cursor)

    def _seen(self, case_id: str, *, lock: bool = False) -> tuple[RowMapping, View]:
        statement = select(CaseRow.__table__).where(CaseRow.id == case_id)
        if lock:
            statement = statement.with_for_update()
        row = self._session.execute(statement).mappings().one_or_none()
        if row is None:
            raise Unseen(case_id)
        view = decide(self._actor, Operation.CASE_READ, self._subject(row))
        if view is None:
            raise Unseen(case_id)
        return row, view

    def _seen_in_full(self, case_id: str) -> RowMapping:
        row, view = self._seen(case_id)
        if view is not View.FULL:
            raise Forbidden(Operation.CASE_READ)
        return row

    def _subject(self, row: RowMapping) -> Subject:
        return Subject(
            owners=frozenset(self._owners([row])[row["id"]]),
            handlers=frozenset({row["broker"]}),
        )

    def _owners(self, rows: Sequence[RowMapping]) -> dict[str, set[str]]:
        """Whose need and achievement each case is about."""
        owners: dict[str, set[str]] = {row["id"]: set() for row in rows}
        for name, table in (("need", NeedRow), ("achievement", AchievementRow)):
            ids = {row[name] for row in rows}
            statement = select(table.id, table.organization).where(table.id.in_(ids))
            found = {posting: owner for posting, owner in self._session.execute(statement)}
            for row in rows:
                if owner := found.get(row[name]):
                    owners[row["id"]].add(owner)
        return owners

    def _told(self, rows: Sequence[RowMapping]) -> list[Case]:
        return list(self._faces(rows))

    def _faces(self, rows: Sequence[RowMapping]) -> Iterator[Case]:
        owners = self._owners(rows)
        needs = {row["need"] for row in rows}
        standing = select(NeedRow.id, NeedRow.status).where(NeedRow.id.in_(needs))
        status = {need: Status(stands) for need, stands in self._session.execute(standing)}
        needs_told = self._needs.titles(needs)
        achievements_told = self._achievements.titles({row["achievement"] for row in rows})
        for row in rows:
            subject = Subject(
                owners=frozenset(owners[row["id"]]), handlers=frozenset({row["broker"]})
            )
            view = decide(self._actor, Operation.CASE_READ, subject)
            if view is not None:
                yield _to_case(
                    row,
                    view,
                    need_status=status.get(row["need"]),
                    need_title=needs_told.get(row["need"]),
                    achievement_title=achievements_told.get(row["achievement"]),
                )


def _to_case(row: RowMapping, view: View, **told: Any) -> Case:
    values: dict[str, Any] = dict(row)
    stage = Stage(row["stage"])
    if view is View.SUMMARY:
        hidden = {"reason": None, "next_action": "", "due": None, "run_id": None, "rank": None}
        values |= hidden if stage in WON else hidden | {"value_cny": None}
    reason = values["reason"]
    values |= {"stage": stage, "reason": reason and ReasonCode(reason)}
    return Case(**values, **told, view=view)


def _to_event(row: RowMapping) -> CaseEvent:
    values = {name: row[name] for name in ("id", "at", "who", "text", "facts")}
    return CaseEvent(**values, kind=EventKind(row["kind"]))


def _conditions(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for name in ("need", "achievement", "broker"):
        if (value := getattr(wanted, name)) is not None:
            conditions.append(getattr(CaseRow, name) == value)
    if wanted.stage is not None:
        conditions.append(CaseRow.stage == wanted.stage.value)
    if wanted.overdue_on is not None:
        ended = [stage.value for stage in ENDED]
        conditions.append(and_(CaseRow.due < wanted.overdue_on, CaseRow.stage.not_in(ended)))
    return conditions


def _condition(actor: Actor, rule: Rule) -> ColumnElement[bool]:
    """True for the cases of which the actor is the rule's party."""
    if rule.party is Party.HANDLER:
        return CaseRow.broker == actor.id if actor.role is Role.BROKER else false()
    if rule.party is Party.OWNER:
        if actor.role not in SIDES or actor.organization is None:
            return false()
        needs = select(NeedRow.id).where(NeedRow.organization == actor.organization)
        offers = select(AchievementRow.id).where(AchievementRow.organization == actor.organization)
        return or_(CaseRow.need.in_(needs), CaseRow.achievement.in_(offers))
    named = {Party.OFFICE: Role.OFFICE, Party.ADMINISTRATOR: Role.ADMINISTRATOR}
    return true() if actor.role is named.get(rule.party) else false()
