"""Rows of a file that are organisations."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from data.access.fate import Fate, Sorted, weighed
from data.importers.absent import keep_absent
from data.importers.fields import label_of
from data.importers.organizations import take_over, under_stored_ids
from data.importers.problems import Advice
from data.importers.rows import Kind
from data.policy.actor import Actor
from data.policy.decide import decide
from data.policy.operation import Operation
from data.policy.subject import Subject
from data.repositories import OrganizationRepository
from matcher.types import Organization


class OrganizationRows:
    """What becomes of organisations; see ``RowsOfKind``."""

    name = "organization"

    def __init__(self, session: Session, actor: Actor) -> None:
        self._session = session
        self._actor = actor
        self._repository = OrganizationRepository(session)

    def sort(
        self, items: Sequence[Organization], absent: frozenset[str]
    ) -> list[Sorted[Organization]]:
        """The fate of each; nothing is written."""
        named = under_stored_ids(self._session, items)
        known = self._repository.get_many(item.id for item in named)
        kept = keep_absent(self._repository, named, absent)
        return [
            self._sorted(item, row.id, known.get(item.id))
            for row, item in zip(items, kept, strict=True)
        ]

    def store(
        self, items: Sequence[Organization], absent: frozenset[str]
    ) -> list[Sorted[Organization]]:
        """The same, and the good ones stored; postings that named them move over."""
        fates = self.sort(items, absent)
        written = [one.item for one in fates if one.written]
        self._repository.upsert_many(written)
        take_over(self._session, written)
        return fates

    def _sorted(
        self, item: Organization, row_id: str, stored: Organization | None
    ) -> Sorted[Organization]:
        if stored is None:
            allowed = decide(self._actor, Operation.ORGANIZATION_CREATE)
        else:
            owners = Subject(owners=frozenset({item.id}))
            allowed = decide(self._actor, Operation.ORGANIZATION_UPDATE, owners)
        if allowed is None:
            column = label_of(Kind.ORGANIZATIONS, "name")
            return Sorted(item, row_id, Fate.REFUSED, column, _NOT_YOUR_ORGANIZATION)
        return weighed(Kind.ORGANIZATIONS, item, row_id, stored)


_NOT_YOUR_ORGANIZATION = Advice(
    "只能更新本单位的资料", "only the record of your own organisation can be updated"
)
