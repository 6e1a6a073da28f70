"""What is stored, by id, kind or role: every question that needs no model."""

from collections.abc import Mapping, Sequence
from itertools import islice

from sqlalchemy import Engine

from api.errors import UnknownRecord
from data.chains import ChainRepository
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import session_scope
from matcher.chain import IndustryChain
from matcher.types import Achievement, Filter, Need, Organization, OrganizationKind

CONTENT: Mapping[
    str, type[NeedRepository] | type[AchievementRepository] | type[OrganizationRepository]
] = {
    "needs": NeedRepository,
    "achievements": AchievementRepository,
    "organizations": OrganizationRepository,
}
"""Every kind of record that can be stored, by the name of its table."""

POSTINGS = ("needs", "achievements")

SUPPLIERS = (OrganizationKind.UNIVERSITY, OrganizationKind.INSTITUTE)
"""Kinds of organisation that can be paired with a chain."""


class Records:
    """Reads one database; every call sees the latest committed state."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def posting(self, posting_id: str, *kinds: str) -> Need | Achievement:
        """The need with this id or, failing that, the achievement.

        Args:
            posting_id: The id.
            kinds: Tables to look in, ``needs`` and ``achievements`` when none are named.

        Raises:
            UnknownRecord: there is neither.
        """
        found = self.find(posting_id, *(kinds or POSTINGS))
        if isinstance(found, Organization):  # only when the caller names that table
            raise UnknownRecord(posting_id)
        return found

    def find(self, record_id: str, *kinds: str) -> Need | Achievement | Organization:
        """The first record with this id in these tables, or in all.

        Raises:
            UnknownRecord: there is none.
        """
        with session_scope(self._engine, write=False) as session:
            for kind in kinds or CONTENT:
                found = CONTENT[kind](session).get(record_id)
                if found is not None:
                    return found
        raise UnknownRecord(record_id)

    def listed(
        self, kind: str, *, limit: int
    ) -> tuple[list[Need | Achievement | Organization], int]:
        """The first records of a kind by id, and how many there are in all."""
        with session_scope(self._engine, write=False) as session:
            repository = CONTENT[kind](session)
            return list(islice(repository.stream(), limit)), repository.count()

    def counts(self) -> dict[str, int]:
        """How many records of each kind are stored."""
        with session_scope(self._engine, write=False) as session:
            return {kind: repository(session).count() for kind, repository in CONTENT.items()}

    def published_needs(self) -> list[Need]:
        """Every published need, by id."""
        with session_scope(self._engine, write=False) as session:
            repository = NeedRepository(session)
            published = repository.ids(Filter())
            return [need for need in repository.stream() if need.id in published]

    def suppliers(self, achievement_ids: Sequence[str]) -> list[str | None]:
        """Of each achievement the university or institute that offers it; None for others."""
        with session_scope(self._engine, write=False) as session:
            found = AchievementRepository(session).get_many(achievement_ids)
            named = {a.organization for a in found.values() if a.organization}
            organizations = OrganizationRepository(session).get_many(sorted(named))
        able = {o.id for o in organizations.values() if o.kind in SUPPLIERS}
        owners = [found[i].organization if i in found else None for i in achievement_ids]
        return [owner if owner in able else None for owner in owners]

    def chains(self) -> tuple[IndustryChain, ...]:
        """The city's industry chains, in its own order."""
        with session_scope(self._engine, write=False) as session:
            return ChainRepository(session).all()

    def organization_names(self) -> dict[str, str]:
        """Display name of every organisation by id."""
        with session_scope(self._engine, write=False) as session:
            return {o.id: o.name for o in OrganizationRepository(session).stream()}
