"""Experts: everybody finds them; their own university and the office list them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from data.access.errors import Changed, NotAcceptable
from data.access.keyset import Listed, read_page
from data.access.trail import Trail
from data.expert import EMPLOYERS, Expert
from data.experts import expert_of, to_row
from data.policy.actor import Actor
from data.policy.decide import decide, require
from data.policy.errors import Unseen
from data.policy.operation import Operation
from data.policy.subject import Subject
from data.tables import ExpertRow, OrganizationRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertFilter:
    """Which experts to list; None for all.

    Attributes:
        words: Part of the name, the title or the text.
    """

    words: str | None = None
    organization: str | None = None


class Experts:
    """Experts for one actor in one transaction."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._trail = trail

    def get(self, expert_id: str) -> Expert:
        """The expert under this id.

        Raises:
            Unseen: there is none, or the actor may not see it.
        """
        statement = select(ExpertRow.__table__).where(ExpertRow.id == expert_id)
        row = self._session.execute(statement).mappings().one_or_none()
        if row is None or decide(self._actor, Operation.EXPERT_READ) is None:
            raise Unseen(expert_id)
        return expert_of(row)

    def page(
        self, wanted: ExpertFilter, *, limit: int, cursor: str | None = None
    ) -> Listed[Expert]:
        """Experts by id.

        Raises:
            Forbidden: the actor may not see them.
            NotAcceptable: the cursor is of another list, or none at all.
        """
        require(self._actor, Operation.EXPERT_READ)
        statement = select(ExpertRow.__table__)
        if wanted.words is not None:
            told = (ExpertRow.name, ExpertRow.title, ExpertRow.text)
            holds = (column.icontains(wanted.words, autoescape=True) for column in told)
            statement = statement.where(or_(*holds))
        if wanted.organization is not None:
            statement = statement.where(ExpertRow.organization == wanted.organization)
        found = read_page(self._session, statement, ExpertRow.id, limit=limit, cursor=cursor)
        return Listed([expert_of(row) for row in found.items], found.next_cursor)

    def create(self, expert: Expert) -> Expert:
        """Lists a new expert under a new id.

        Raises:
            Forbidden: the expert is not of the actor's university.
            NotAcceptable: the organisation has no experts, or does not exist.
        """
        require(self._actor, Operation.EXPERT_CREATE, _subject(expert))
        kind = self._session.scalar(
            select(OrganizationRow.kind).where(OrganizationRow.id == expert.organization)
        )
        if kind not in EMPLOYERS:
            raise NotAcceptable(
                "organization",
                f"{expert.organization!r} 不是已登记的高校或科研院所，请先登记。"
                f" / {expert.organization!r} is no registered university or institute;"
                " register it first",
            )
        now = datetime.now(UTC)
        fresh = replace(expert, id=f"x-{uuid.uuid4().hex}", created_at=now, updated_at=now)
        self._session.execute(insert(ExpertRow), [to_row(fresh)])
        self._trail.note(Operation.EXPERT_CREATE, "expert", fresh.id)
        return fresh

    def update(self, expert_id: str, changes: Mapping[str, Any], *, expected: str) -> Expert:
        """Changes fields of an expert; the organisation stays.

        Args:
            expert_id: Which one.
            changes: New values by field name; never ``id`` or ``organization``.
            expected: The etag that the actor read.

        Raises:
            Unseen: the actor may not see it.
            Forbidden: the expert is not of the actor's university.
            Changed: somebody changed it in the meantime.
        """
        found = self.get(expert_id)
        require(self._actor, Operation.EXPERT_UPDATE, _subject(found))
        changed = replace(found, **changes, updated_at=datetime.now(UTC))
        table = ExpertRow
        statement = update(table).where(table.id == expert_id, table.digest == expected)
        # the condition is checked again when the row is free: of two at once one gets here
        written = self._session.execute(statement.values(to_row(changed)).returning(table.id))
        if written.scalar_one_or_none() is None:
            raise Changed(expert_id)
        self._trail.note(Operation.EXPERT_UPDATE, "expert", expert_id, fields=sorted(changes))
        return changed


def _subject(expert: Expert) -> Subject:
    return Subject(owners=frozenset({expert.organization}))
