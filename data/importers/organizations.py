"""Joins what postings call their organisation with the organisations that are stored.

A posting may name its organisation by id or by exact name. A name that nobody knows
becomes an organisation of its own, marked in the report as added from rows; when its
full record is loaded later, under an id of its own, the postings move over to it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import update
from sqlalchemy.orm import Session

from data.cooperations import CooperationRepository
from data.experts import ExpertRepository
from data.importers.names import best_ids, id_of_name, organization_from_name, under_own_id
from data.repositories import (
    AchievementRepository,
    NeedRepository,
    OrganizationRepository,
    PostingItem,
    PostingRepository,
)
from data.tables import UserRow
from data.tags import TagRepository
from matcher.graph.schema import NodeKind
from matcher.types import Organization, OrganizationKind


def look_up(
    session: Session,
    named: Iterable[str],
    *,
    otherwise: OrganizationKind,
    own: str | None = None,
) -> tuple[dict[str, Organization], list[Organization]]:
    """The organisations behind what rows write; nothing is stored.

    Args:
        session: The transaction.
        named: Ids or exact names.
        otherwise: Kind of a new organisation, where its name does not tell.
        own: The id that is meant if it is among those of a name.

    Returns:
        Each of ``named`` with its organisation, and those of them that nobody has stored yet.
    """
    repository = OrganizationRepository(session)
    wanted = sorted(set(named))
    found = repository.get_many(wanted)
    by_name = repository.ids_by_name([name for name in wanted if name not in found])
    ids = {name: own if own in same else same[0] for name, same in by_name.items()}
    stored = repository.get_many(ids.values())
    found |= {name: stored[own_id] for name, own_id in ids.items()}
    new = {
        name: organization_from_name(name, otherwise=otherwise)
        for name in wanted
        if name not in found
    }
    return found | new, list(new.values())


def resolve(
    session: Session, named: Iterable[str], *, otherwise: OrganizationKind
) -> tuple[dict[str, str], list[Organization]]:
    """Ids for organisations as written, storing those that are new.

    Args:
        session: The load's transaction.
        named: Ids or exact names.
        otherwise: Kind of a new organisation, where its name does not tell.

    Returns:
        Each of ``named`` with its id, and the organisations that were added.
    """
    found, added = look_up(session, named, otherwise=otherwise)
    OrganizationRepository(session).upsert_many(added)
    return {name: organization.id for name, organization in found.items()}, added


def under_stored_ids(session: Session, organizations: Sequence[Organization]) -> list[Organization]:
    """The organisations; one given by name only comes under the id stored with that name."""
    found = OrganizationRepository(session).ids_by_name([item.name for item in organizations])
    ids = best_ids((name, own_id) for name, own_ids in found.items() for own_id in own_ids)
    return [under_own_id(item, ids) for item in organizations]


def take_over(session: Session, organizations: Iterable[Organization]) -> list[str]:
    """Moves what hangs on organisations added from rows to the records now loaded.

    Postings, cooperations, experts, accounts and people's tags move.

    Returns:
        Names of the organisations that were merged in this way.
    """
    repository = OrganizationRepository(session)
    owner = {
        stub_id: organization
        for organization in organizations
        for stub_id in (id_of_name(organization.name), organization.name)
        if stub_id != organization.id
    }
    merged = {
        stub_id: stub
        for stub_id, stub in repository.get_many(owner).items()
        if stub.name == owner[stub_id].name
    }
    for stub_id in merged:
        _move(NeedRepository(session), stub_id, owner[stub_id].id)
        _move(AchievementRepository(session), stub_id, owner[stub_id].id)
        TagRepository(session).hand_over(NodeKind.ORGANIZATION, stub_id, owner[stub_id].id)
        accounts = update(UserRow).where(UserRow.organization == stub_id)
        values = {"organization": owner[stub_id].id, "revision": UserRow.revision + 1}
        session.execute(accounts.values(values))
    owners = {stub: owner[stub].id for stub in merged}
    CooperationRepository(session).hand_over(owners)
    ExpertRepository(session).hand_over(owners)
    repository.remove_many(merged)
    return [stub.name for stub in merged.values()]


def _move(postings: PostingRepository[PostingItem], old: str, new: str) -> None:
    items = postings.get_many(postings.of_organization(old)).values()
    postings.upsert_many(replace(item, organization=new, updated_at=None) for item in items)
