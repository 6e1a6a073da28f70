"""Organisations: everybody reads them; their own people and the office keep them right."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from data.access.errors import AlreadyThere, Changed, NotAcceptable
from data.access.keyset import Listed, read_page
from data.access.places import check_chains_and_county
from data.access.trail import Trail
from data.importers.problems import Advice
from data.policy.actor import Actor
from data.policy.decide import decide, require
from data.policy.errors import Unseen
from data.policy.operation import Operation
from data.policy.subject import Subject
from data.repositories import OrganizationRepository
from data.rows import digest
from data.tables import OrganizationChainRow, OrganizationRow
from data.versions import lock_version
from matcher.types import Organization, OrganizationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationFilter:
    """Which organisations to list; None for all.

    Attributes:
        words: Part of the name, or the whole id.
        chain: One of the chains that it declares.
    """

    words: str | None = None
    kind: OrganizationKind | None = None
    county: str | None = None
    chain: str | None = None


def registers(actor: Actor) -> bool:
    """Whether the actor says which organisations there are, and what they are called."""
    return decide(actor, Operation.ORGANIZATION_CREATE) is not None


def takes_a_name(
    actor: Actor, stored: OrganizationRepository, before: Organization, after: Organization
) -> bool:
    """Whether a change takes the name of another organisation, and the actor may not say so.

    Files name organisations by name: whoever takes another's name gets its postings.
    """
    renamed = after.name != before.name
    return renamed and not registers(actor) and bool(stored.ids_by_name([after.name]))


NAME_TAKEN = Advice(
    "另一单位已登记此名称；如确为同一单位，请联系主管部门合并",
    "another organisation is registered under this name; if it is the same, ask the office to"
    " merge them",
)


class Organizations:
    """Organisations for one actor in one transaction."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._trail = trail
        self._stored = OrganizationRepository(session)

    def get(self, organization_id: str) -> Organization:
        """The organisation under this id.

        Raises:
            Unseen: there is none, or the actor may not see it.
        """
        found = self._stored.get(organization_id)
        if found is None or decide(self._actor, Operation.ORGANIZATION_READ) is None:
            raise Unseen(organization_id)
        return found

    def page(
        self, wanted: OrganizationFilter, *, limit: int, cursor: str | None = None
    ) -> Listed[Organization]:
        """Organisations by id.

        Raises:
            Forbidden: the actor may not see them.
            NotAcceptable: the cursor is of another list, or none at all.
        """
        require(self._actor, Operation.ORGANIZATION_READ)
        row, links = OrganizationRow, OrganizationChainRow
        statement = select(row.__table__)
        if wanted.words is not None:
            named = row.name.icontains(wanted.words, autoescape=True)
            statement = statement.where(or_(row.id == wanted.words, named))
        if wanted.kind is not None:
            statement = statement.where(row.kind == wanted.kind.value)
        if wanted.county is not None:
            statement = statement.where(row.county == wanted.county)
        if wanted.chain is not None:
            members = select(links.owner).where(links.chain == wanted.chain)
            statement = statement.where(row.id.in_(members))
        found = read_page(self._session, statement, row.id, limit=limit, cursor=cursor)
        known = self._stored.get_many([one["id"] for one in found.items])
        return Listed(list(known.values()), found.next_cursor)

    def create(self, organization: Organization) -> Organization:
        """Stores a new organisation, under a new id where it brings none.

        Raises:
            Forbidden: the actor registers no organisations.
            AlreadyThere: the id is taken.
            NotAcceptable: a chain or county does not exist.
        """
        require(self._actor, Operation.ORGANIZATION_CREATE)
        lock_version(self._session)  # two that choose one id wait for each other here
        fresh = replace(organization, id=organization.id or f"o-{uuid.uuid4().hex}")
        if self._stored.get(fresh.id) is not None:
            raise AlreadyThere(fresh.id)
        return self._store(Operation.ORGANIZATION_CREATE, fresh)

    def update(
        self, organization_id: str, changes: Mapping[str, Any], *, expected: str
    ) -> Organization:
        """Changes fields of an organisation.

        Args:
            organization_id: Which one.
            changes: New values by field name; never ``id`` or ``kind``, on which rights
                and pairings rest.
            expected: The etag that the actor read.

        Raises:
            Unseen: the actor may not see it.
            Forbidden: it is not the actor's.
            Changed: somebody changed it in the meantime.
            NotAcceptable: a chain or county does not exist, or the new name is another
                organisation's and the actor does not register organisations.
        """
        lock_version(self._session)  # nobody comes between the reading and the writing
        found = self.get(organization_id)
        subject = Subject(owners=frozenset({organization_id}))
        require(self._actor, Operation.ORGANIZATION_UPDATE, subject)
        if digest(found) != expected:
            raise Changed(organization_id)
        changed = replace(found, **changes)
        if takes_a_name(self._actor, self._stored, found, changed):
            raise NotAcceptable("name", f"{NAME_TAKEN.zh}。 / {NAME_TAKEN.en}")
        return self._store(Operation.ORGANIZATION_UPDATE, changed)

    def _store(self, operation: Operation, organization: Organization) -> Organization:
        check_chains_and_county(self._session, organization.chains, organization.county)
        self._stored.upsert_many([organization])
        self._trail.note(operation, "organization", organization.id)
        return organization
