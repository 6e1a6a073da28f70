"""Experts as they are stored; who may list them is decided in ``data.access``."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import RowMapping, Table, bindparam, select, update
from sqlalchemy.orm import Session

from data.expert import Expert
from data.repository import in_batches
from data.tables import ExpertRow
from data.upsert import insert_if_new


class ExpertRepository:
    """Every expert, inside the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._table = cast(Table, ExpertRow.__table__)

    def all(self) -> tuple[Expert, ...]:
        """Every expert, by id."""
        rows = self._session.execute(select(self._table).order_by(self._table.c.id))
        return tuple(map(expert_of, rows.mappings()))

    def get_many(self, ids: Sequence[str]) -> dict[str, Expert]:
        """The experts that are listed under these ids."""
        found: dict[str, Expert] = {}
        for batch in in_batches(ids):
            rows = self._session.execute(select(self._table).where(self._table.c.id.in_(batch)))
            found |= {row["id"]: expert_of(row) for row in rows.mappings()}
        return found

    def named(self, names: Sequence[str], *, at: Collection[str]) -> list[Expert]:
        """The experts of these organisations who bear one of these names, by id."""
        column = self._table.c
        found: list[Expert] = []
        for batch in in_batches(names):
            wanted = column.name.in_(batch), column.organization.in_(at)
            rows = self._session.execute(select(self._table).where(*wanted).order_by(column.id))
            found += map(expert_of, rows.mappings())
        return found

    def add_many(self, experts: Iterable[Expert]) -> None:
        """Lists new experts; one that another process listed just now stays as that did."""
        now = datetime.now(UTC)
        rows = [to_row(expert) | {"created_at": now, "updated_at": now} for expert in experts]
        if rows:
            self._session.execute(insert_if_new(self._session, ExpertRow), rows)

    def change_many(self, changed: Mapping[str, Expert]) -> None:
        """Puts experts in the place of those under these ids; their own ids may be others."""
        now = datetime.now(UTC)
        rows = [
            {**to_row(expert), "updated_at": now, "_stored": stored_id}
            for stored_id, expert in changed.items()
        ]
        for row in rows:
            del row["created_at"]
        if rows:
            statement = update(self._table).where(self._table.c.id == bindparam("_stored"))
            self._session.connection().execute(statement, rows)

    def hand_over(self, owners: Mapping[str, str]) -> None:
        """Puts organisations in the place of others, such as a full record for a bare name.

        Args:
            owners: Id of an organisation that goes to the one that takes its place.
        """
        for batch in in_batches(list(owners)):
            at = self._table.c.organization.in_(batch)
            rows = self._session.execute(select(self._table).where(at)).mappings()
            experts = map(expert_of, rows)
            moved = [replace(one, organization=owners[one.organization]) for one in experts]
            self.change_many({expert.id: expert for expert in moved})


def to_row(expert: Expert) -> dict[str, Any]:
    """Column values of one expert, its digest included."""
    return asdict(expert) | {"fields": list(expert.fields), "digest": expert.etag}


def expert_of(row: RowMapping) -> Expert:
    """The expert that a row stands for."""
    values = {name: row[name] for name in row if name != "digest"}
    return Expert(**values | {"fields": tuple(row["fields"])})
