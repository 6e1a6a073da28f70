"""Rows of a file that are organisations."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from data.access.fate import Fate, Sorted, weighed
from data.access.organizations import NAME_TAKEN, registers, takes_a_name
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
        """The same, and the good ones stored; what hangs on a name moves over for the office."""
        fates = self.sort(items, absent)
        written = [one.item for one in fates if one.written]
        self._repository.upsert_many(written)
        if registers(self._actor):
            # a firm may call itself anything, and would take over whoever is known by that name
            take_over(self._session, written)
        return fates

    def _sorted(
        self, item: Organization, row_id: str, stored: Organization | None
    ) -> Sorted[Organization]:
        def refused(name: str, advice: Advice) -> Sorted[Organization]:
            return Sorted(item, row_id, Fate.REFUSED, label_of(Kind.ORGANIZATIONS, name), advice)

        if not registers(self._actor):
            own = Subject(owners=frozenset({item.id}))
            allowed = decide(self._actor, Operation.ORGANIZATION_UPDATE, own) is not None
            if stored is None or not allowed:
                return refused("name", _NOT_YOUR_ORGANIZATION)
            # rights and pairings rest on it
            if item.kind is not stored.kind:
                return refused("kind", _NOT_YOUR_KIND)
            if takes_a_name(self._actor, self._repository, stored, item):
                return refused("name", NAME_TAKEN)
        return weighed(Kind.ORGANIZATIONS, item, row_id, stored)


_NOT_YOUR_ORGANIZATION = Advice(
    "只能更新本单位的资料", "only the record of your own organisation can be updated"
)
_NOT_YOUR_KIND = Advice(
    "单位类型由主管部门登记，不能自行更改；请改回原类型，或联系主管部门",
    "the office registers what kind an organisation is; write the registered one, or ask the"
    " office",
)
