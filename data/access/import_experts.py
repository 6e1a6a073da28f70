"""Rows of a file that are experts: a university lists its own people, the office anybody's."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from data.access.fate import Fate, Sorted, weighed
from data.access.trail import Trail
from data.expert import Expert
from data.importers.experts import Placed, Roster, Unplaced
from data.importers.fields import label_of
from data.importers.problems import Advice
from data.importers.rows import Kind
from data.policy.actor import Actor
from data.policy.decide import decide, require
from data.policy.operation import Operation
from data.policy.subject import Subject


class ExpertRows:
    """What becomes of experts; see ``RowsOfKind``."""

    name = "expert"

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._trail = trail

    def sort(self, items: Sequence[Expert], absent: frozenset[str]) -> list[Sorted[Expert]]:
        """The fate of each; nothing is written."""
        return self._gone_through(self._roster(items, absent), items)

    def store(self, items: Sequence[Expert], absent: frozenset[str]) -> list[Sorted[Expert]]:
        """The same, and the good ones stored, with organisations that only they name."""
        roster = self._roster(items, absent)
        fates = self._gone_through(roster, items)
        for organization in roster.new_organizations():
            require(self._actor, Operation.ORGANIZATION_CREATE)
            self._trail.note(Operation.ORGANIZATION_CREATE, "organization", organization.id)
        roster.store()
        return fates

    def _roster(self, items: Sequence[Expert], absent: frozenset[str]) -> Roster:
        return Roster(self._session, items, absent, own=self._actor.organization)

    def _gone_through(self, roster: Roster, items: Sequence[Expert]) -> list[Sorted[Expert]]:
        fates = []
        for row in items:
            try:
                placed = roster.place(row)
            except Unplaced as wrong:
                column = label_of(Kind.EXPERTS, wrong.field)
                fates.append(Sorted(row, row.id, Fate.REFUSED, column, wrong.advice))
                continue
            fates.append(self._sorted(placed, row.id))
            if fates[-1].written:
                roster.take(placed)
        return fates

    def _sorted(self, placed: Placed, row_id: str) -> Sorted[Expert]:
        expert, listed = placed.expert, placed.listed
        operation = Operation.EXPERT_CREATE if listed is None else Operation.EXPERT_UPDATE
        owners = Subject(owners=frozenset({expert.organization}))
        if decide(self._actor, operation, owners) is None:
            column = label_of(Kind.EXPERTS, "organization")
            return Sorted(expert, row_id, Fate.REFUSED, column, _NOT_YOURS)
        found = weighed(Kind.EXPERTS, expert, row_id, listed)
        if listed is None or listed.id == expert.id:
            return found
        return replace(found, was=listed.id)


_NOT_YOURS = Advice(
    "只能登记本单位的专家；请填写本单位名称，或留空",
    "only experts of your own university can be listed; write its name, or leave it empty",
)
