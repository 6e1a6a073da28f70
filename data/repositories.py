"""The repositories of organisations, needs and achievements."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Generic, TypeVar, cast

from sqlalchemy import Column, or_, select

from data.errors import UnknownOrganization
from data.repository import ContentRepository, in_batches
from data.tables import (
    AchievementChainRow,
    AchievementRow,
    NeedChainRow,
    NeedRow,
    OrganizationChainRow,
    OrganizationRow,
)
from matcher.types import Achievement, Filter, Need, Organization

PostingItem = TypeVar("PostingItem", bound=Need | Achievement)


class OrganizationRepository(ContentRepository[Organization]):
    """Enterprises, universities, institutes, platforms and funds."""

    kind = Organization
    rows = OrganizationRow
    chain_rows = OrganizationChainRow

    def ids_by_name(self, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Ids of the organisations bearing each exact name, sorted; unknown names are absent."""
        found: dict[str, tuple[str, ...]] = {}
        for batch in in_batches(list(dict.fromkeys(names))):
            statement = (
                select(OrganizationRow.name, OrganizationRow.id)
                .where(OrganizationRow.name.in_(batch))
                .order_by(OrganizationRow.id)
            )
            for name, organization_id in self._session.execute(statement):
                found[name] = (*found.get(name, ()), organization_id)
        return found


class PostingRepository(ContentRepository[PostingItem], Generic[PostingItem]):
    """What needs and achievements share: filters, times, and the organisation they need."""

    def ids(self, wanted: Filter) -> frozenset[str]:
        """Ids of the postings that pass ``wanted``; agrees with ``Filter.accepts``."""
        table = self._table
        statement = select(table.c.id)
        for column, values in (
            (table.c.status, wanted.statuses),
            (table.c.visibility, wanted.visibilities),
            (table.c.county, wanted.counties),
            (table.c.organization, wanted.organizations),
        ):
            if values:
                statement = statement.where(column.in_(values))
        trl = table.c.get("trl")
        if wanted.min_trl is not None and trl is not None:
            statement = statement.where(or_(trl.is_(None), trl >= wanted.min_trl))
        if wanted.chains:
            members = select(self._links.c.owner).where(self._links.c.chain.in_(wanted.chains))
            statement = statement.where(table.c.id.in_(members))
        return frozenset(self._session.scalars(statement))

    def of_organization(self, organization_id: str) -> tuple[str, ...]:
        """Ids of everything that one organisation posted, sorted."""
        table = self._table
        statement = select(table.c.id).where(table.c.organization == organization_id)
        return tuple(sorted(self._session.scalars(statement)))

    def _check(self, items: Sequence[PostingItem]) -> None:
        named = {item.organization for item in items if item.organization is not None}
        known: set[str] = set()
        for batch in in_batches(sorted(named)):
            column = cast("Column[str]", OrganizationRow.__table__.c.id)
            known.update(self._session.scalars(select(column).where(column.in_(batch))))
        if named - known:
            raise UnknownOrganization(tuple(sorted(named - known)))

    def _times(self, item: PostingItem, now: datetime, *, new: bool) -> dict[str, datetime]:
        updated = {"updated_at": item.updated_at or now}
        return {"created_at": item.created_at or now, **updated} if new else updated


class NeedRepository(PostingRepository[Need]):
    """Technology needs."""

    kind = Need
    rows = NeedRow
    chain_rows = NeedChainRow

    def due_between(self, first: date, end: date) -> tuple[str, ...]:
        """Ids of the needs whose deadline lies in ``[first, end)``, sorted."""
        due = select(NeedRow.id).where(NeedRow.deadline >= first, NeedRow.deadline < end)
        return tuple(sorted(self._session.scalars(due)))


class AchievementRepository(PostingRepository[Achievement]):
    """University achievements."""

    kind = Achievement
    rows = AchievementRow
    chain_rows = AchievementChainRow
