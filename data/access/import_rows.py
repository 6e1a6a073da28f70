"""What becomes of each row of a file, for one actor: the same for a dry run and in earnest."""

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy.orm import Session

from data.access.fate import Sorted
from data.access.import_experts import ExpertRows
from data.access.import_organizations import OrganizationRows
from data.access.import_postings import PostingRows
from data.access.trail import Trail
from data.importers.rows import Kind
from data.policy.actor import Actor
from data.policy.operation import Operation
from matcher.types import Achievement, Need


class RowsOfKind(Protocol):
    """Rows of one kind, for one actor in one transaction.

    Attributes:
        name: What one of them is called by operations and the audit.
    """

    name: str

    def sort(self, items: Sequence[Any], absent: frozenset[str]) -> list[Sorted[Any]]:
        """The fate of each item, as ``ImportRows.sort`` has it."""

    def store(self, items: Sequence[Any], absent: frozenset[str]) -> list[Sorted[Any]]:
        """The same, and the good ones stored."""


class ImportRows:
    """Rows of one file for one actor in one transaction."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._trail = trail
        self._needs = PostingRows(Need, session, actor, trail)
        self._of_kind: dict[Kind, RowsOfKind] = {
            Kind.NEEDS: self._needs,
            Kind.ACHIEVEMENTS: PostingRows(Achievement, session, actor, trail),
            Kind.ORGANIZATIONS: OrganizationRows(session, actor),
            Kind.EXPERTS: ExpertRows(session, actor, trail),
        }

    def sort(self, kind: Kind, items: Sequence[Any], absent: frozenset[str]) -> list[Sorted[Any]]:
        """The fate of each item; nothing is written.

        Args:
            kind: Needs, achievements, organisations or experts.
            items: As read; the organisation of a posting or an expert is an id, a name, or
                missing.
            absent: Names of the fields that the file has no column for.
        """
        return self._of_kind[kind].sort(items, absent)

    def store(self, kind: Kind, items: Sequence[Any], absent: frozenset[str]) -> list[Sorted[Any]]:
        """The same, and the good ones stored."""
        rows = self._of_kind[kind]
        fates = rows.store(items, absent)
        for one in fates:
            if one.written:
                operation = Operation(f"{rows.name}.{one.verb}")
                facts = {} if one.was is None else {"was": one.was}
                self._trail.note(operation, rows.name, one.item.id, **facts)
        return fates

    def organization_of(self, need: Need) -> str | None:
        """Whose need it becomes: the actor's own organisation's; the office names one."""
        return self._needs.organization_of(need)
