"""Pairing plans kept with everything that they were made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.orm import Session

from data.errors import FrozenPlan, UnknownPlan
from data.plan_values import plan_as_json, plan_from_json, problem_as_json, problem_from_json
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.tables import PlanRow
from data.versions import data_version, lock_version
from matcher.pairing.plan import Plan
from matcher.pairing.problem import Problem
from matcher.types import Filter


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEntry:
    """A stored plan without its inputs.

    Attributes:
        version: 1 for the first, rising; none is given twice.
        data_version: The data that it was made from.
        frozen_at: When it was declared final; None before that.
    """

    version: int
    created_at: datetime
    author: str
    name: str
    note: str
    data_version: int
    plan: Plan
    frozen_at: datetime | None
    frozen_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What the ids of a plan stood for when it was made.

    Attributes:
        titles: Of needs and achievements, by id.
        teams: People behind an achievement, by its id.
    """

    titles: Mapping[str, str]
    teams: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredPlan(PlanEntry):
    """A stored plan with what it was made from."""

    problem: Problem
    named: Named


@dataclass(frozen=True, slots=True, kw_only=True)
class Staleness:
    """What has changed since a plan was made.

    Attributes:
        made_from: Version of the data that the plan saw.
        now: Version of the data now.
        withdrawn: Needs of the plan that are no longer published, sorted.
        altered: Needs of the plan that were changed and are still published, sorted.
        added: Published needs that were added or changed and are not in the plan, sorted.
        suppliers_gone: Suppliers of the plan that are no longer stored, sorted.
        achievements: Achievements added, changed or removed.
    """

    made_from: int
    now: int
    withdrawn: tuple[str, ...]
    altered: tuple[str, ...]
    added: tuple[str, ...]
    suppliers_gone: tuple[str, ...]
    achievements: int

    @property
    def stale(self) -> bool:
        """Whether the data has moved on at all."""
        return self.now != self.made_from


class PlanRepository:
    """Every plan that was kept, inside the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        problem: Problem,
        plan: Plan,
        named: Named,
        *,
        author: str,
        data_version: int,
        name: str = "",
        note: str = "",
    ) -> int:
        """Keeps a plan under the next version, and returns that.

        Args:
            problem: What the plan was made from.
            plan: The plan.
            named: What the ids in both stand for.
            author: Who made it.
            data_version: Of the data that ``problem`` was made from.
            name: What people call it.
            note: Anything to add.
        """
        lock_version(self._session)
        teams = {record: list(people) for record, people in named.teams.items()}
        inputs = {"problem": problem_as_json(problem), "titles": dict(named.titles), "teams": teams}
        values = {
            "created_at": datetime.now(UTC),
            "author": author,
            "name": name,
            "note": note,
            "data_version": data_version,
            "inputs": inputs,
            "result": plan_as_json(plan),
        }
        statement = insert(PlanRow).values(values).returning(PlanRow.version)
        return self._session.scalars(statement).one()

    def entries(self) -> tuple[PlanEntry, ...]:
        """Every plan without its inputs, oldest first."""
        columns = [c for c in PlanRow.__table__.columns if c.name != "inputs"]
        rows = self._session.execute(select(*columns).order_by(PlanRow.version)).mappings()
        return tuple(PlanEntry(**_entry(row)) for row in rows)

    def get(self, version: int) -> StoredPlan:
        """The plan of this version.

        Raises:
            UnknownPlan: there is none.
        """
        statement = select(PlanRow.__table__).where(PlanRow.version == version)
        row = self._session.execute(statement).mappings().one_or_none()
        if row is None:
            raise UnknownPlan(version)
        inputs = row["inputs"]
        teams = {record: tuple(people) for record, people in inputs["teams"].items()}
        return StoredPlan(
            **_entry(row),
            problem=problem_from_json(inputs["problem"]),
            named=Named(titles=inputs["titles"], teams=teams),
        )

    def freeze(self, version: int, *, who: str) -> None:
        """Declares a plan final; from then on it cannot be removed.

        Raises:
            FrozenPlan: it is already.
            UnknownPlan: there is none.
        """
        self._thaw_check(version)
        values = {"frozen_at": datetime.now(UTC), "frozen_by": who}
        self._session.execute(update(PlanRow).where(PlanRow.version == version).values(values))

    def remove(self, version: int) -> None:
        """Forgets a plan.

        Raises:
            FrozenPlan: it is final.
            UnknownPlan: there is none.
        """
        self._thaw_check(version)
        self._session.execute(delete(PlanRow).where(PlanRow.version == version))

    def staleness(self, stored: StoredPlan) -> Staleness:
        """What has changed since a plan was made."""
        session, seen = self._session, stored.data_version
        needs = NeedRepository(session)
        planned = {need.id for need in stored.problem.needs}
        published = needs.ids(Filter())
        changed = set(needs.changed_since(seen).changed)
        achievements = AchievementRepository(session).changed_since(seen)
        suppliers = [supplier.id for supplier in stored.problem.suppliers]
        known = OrganizationRepository(session).get_many(suppliers)
        return Staleness(
            made_from=seen,
            now=data_version(session),
            withdrawn=tuple(sorted(planned - published)),
            altered=tuple(sorted(planned & published & changed)),
            added=tuple(sorted((published & changed) - planned)),
            suppliers_gone=tuple(sorted(set(suppliers) - set(known))),
            achievements=len(achievements.changed) + len(achievements.removed),
        )

    def _thaw_check(self, version: int) -> None:
        statement = select(PlanRow.frozen_at).where(PlanRow.version == version)
        found = self._session.execute(statement.with_for_update()).one_or_none()
        if found is None:
            raise UnknownPlan(version)
        if found.frozen_at is not None:
            raise FrozenPlan(version)


def _entry(row: RowMapping) -> dict[str, Any]:
    values = {name: row[name] for name in row if name not in ("inputs", "result")}
    return values | {"plan": plan_from_json(row["result"])}
