"""The reading rules as SQL, made from the same table, so that lists and single reads agree."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from data.access.remit import in_chains
from data.policy.actor import SIDES, Actor, Role
from data.policy.decide import rules_for
from data.policy.operation import Operation
from data.policy.rules import Rule
from data.policy.subject import Party, View
from data.tables import AchievementRow, CaseRow, NeedRow, PostingMaskRow

PostingTable = type[NeedRow] | type[AchievementRow]

NO_LONGER_IN_CHARGE = "dropped"
"""Stage of a case whose broker has given it up."""


@lru_cache(maxsize=1024)  # building it takes as long as a small query
def readable(
    actor: Actor, rows: PostingTable, operation: Operation, *, view: View | None = None
) -> ColumnElement[bool]:
    """True for the postings that ``decide`` would let the actor see.

    Args:
        actor: Who asks.
        rows: Needs or achievements.
        operation: An operation that rules grant by visibility and status.
        view: Only those seen this way; a posting that is seen in full is no summary, and
            there is no summary before its owner has approved one.
    """
    full = _any(actor, rows, [r for r in rules_for(actor, operation) if r.view is View.FULL])
    summary = _any(actor, rows, [r for r in rules_for(actor, operation) if r.view is View.SUMMARY])
    if view is View.FULL:
        return full
    summary = and_(summary, rows.id.in_(_summarised(rows)))
    return and_(summary, ~full) if view is View.SUMMARY else or_(full, summary)


def across(actor: Actor, rows: PostingTable) -> ColumnElement[bool]:
    """True for the postings on which the actor's organisation has a case, from the other side."""
    if actor.role not in SIDES or actor.organization is None:
        return false()
    theirs, ours, own = (
        (CaseRow.need, CaseRow.achievement, AchievementRow)
        if rows is NeedRow
        else (CaseRow.achievement, CaseRow.need, NeedRow)
    )
    posted = select(own.id).where(own.organization == actor.organization)
    dealt_with = select(theirs).where(ours.in_(posted), CaseRow.stage != NO_LONGER_IN_CHARGE)
    return rows.id.in_(dealt_with)


def _summarised(rows: PostingTable) -> Select[str]:
    mask = PostingMaskRow
    kind = "need" if rows is NeedRow else "achievement"
    return select(mask.posting).where(mask.kind == kind, mask.approved_at.is_not(None))


def _any(actor: Actor, rows: PostingTable, rules: list[Rule]) -> ColumnElement[bool]:
    return or_(false(), *(_condition(actor, rows, rule) for rule in rules))


def _condition(actor: Actor, rows: PostingTable, rule: Rule) -> ColumnElement[bool]:
    conditions = [_PARTIES[rule.party](actor, rows)]
    if rule.visibilities:
        conditions.append(rows.visibility.in_([v.value for v in rule.visibilities]))
    if rule.statuses:
        conditions.append(rows.status.in_([s.value for s in rule.statuses]))
    return and_(*conditions)


def _owned(actor: Actor, rows: PostingTable) -> ColumnElement[bool]:
    staff = actor.role in SIDES
    return rows.organization == actor.organization if staff and actor.organization else false()


def _handled(actor: Actor, rows: PostingTable) -> ColumnElement[bool]:
    if actor.role is not Role.BROKER:
        return false()
    column = CaseRow.need if rows is NeedRow else CaseRow.achievement
    in_charge = select(column).where(
        CaseRow.broker == actor.id, CaseRow.stage != NO_LONGER_IN_CHARGE
    )
    return rows.id.in_(in_charge)


def _in_remit(actor: Actor, rows: PostingTable) -> ColumnElement[bool]:
    if actor.role is not Role.BROKER:
        return false()
    conditions: list[ColumnElement[bool]] = [true()]
    if actor.counties:
        conditions.append(rows.county.in_(actor.counties))
    if actor.chains:
        conditions.append(in_chains(rows, actor.chains))
    return and_(*conditions)


def _role(role: Role) -> "Callable[[Actor, PostingTable], ColumnElement[bool]]":
    return lambda actor, rows: true() if actor.role is role else false()


_PARTIES: Mapping[Party, Callable[[Actor, PostingTable], ColumnElement[bool]]] = {
    Party.OWNER: _owned,
    Party.HANDLER: _handled,
    Party.COUNTERPARTY: across,
    Party.BROKER: _in_remit,
    Party.MEMBER: lambda actor, rows: false() if actor.role is Role.SYSTEM else true(),
    Party.OFFICE: _role(Role.OFFICE),
    Party.ADMINISTRATOR: _role(Role.ADMINISTRATOR),
    Party.SYSTEM: _role(Role.SYSTEM),
}
