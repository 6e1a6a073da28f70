"""Who has worked with whom: the past cooperations that the graph joins organisations by."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from sqlalchemy import RowMapping, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from data.repository import BATCH, UpsertCounts, in_batches
from data.rows import digest
from data.tables import CooperationRow
from data.versions import lock_version, set_version
from matcher.cooperation import PastCooperation
from matcher.graph.schema import Cooperation
from matcher.types import CooperationMode


class CooperationRepository:
    """Every known cooperation, inside the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def upsert_many(self, cooperations: Iterable[PastCooperation]) -> UpsertCounts:
        """Store cooperations by id; changes move the data version on.

        Among items of one id the last one counts. Both organisations must be stored.
        """
        counts = UpsertCounts()
        remaining = iter(cooperations)
        while batch := {item.id: item for item in islice(remaining, BATCH)}:
            counts += self._upsert(batch)
        return counts

    def all(self) -> tuple[PastCooperation, ...]:
        """Every cooperation, by id."""
        statement = select(CooperationRow.__table__).order_by(CooperationRow.id)
        return tuple(_to_item(row) for row in self._session.execute(statement).mappings())

    def count(self) -> int:
        """How many are stored."""
        return self._session.scalar(select(func.count()).select_from(CooperationRow)) or 0

    def changed_since(self, version: int) -> bool:
        """Whether any was added or altered after a data version."""
        statement = select(CooperationRow.id).where(CooperationRow.changed_in > version).limit(1)
        return self._session.scalar(statement) is not None

    def hand_over(self, owners: Mapping[str, str]) -> None:
        """Put organisations in the place of others, such as a full record for a bare name.

        Args:
            owners: Id of an organisation that goes to the one that takes its place. A
                cooperation that would be of an organisation with itself is dropped.
        """
        table = CooperationRow
        for batch in in_batches(list(owners)):
            named = or_(table.enterprise.in_(batch), table.university.in_(batch))
            statement = select(table.__table__).where(named)
            found = [_to_item(row) for row in self._session.execute(statement).mappings()]
            ends = {
                c.id: tuple(owners.get(end, end) for end in (c.enterprise, c.university))
                for c in found
            }
            kept = [c for c in found if len(set(ends[c.id])) == 2]
            self.upsert_many(
                replace(c, enterprise=ends[c.id][0], university=ends[c.id][1]) for c in kept
            )
            looped = [c.id for c in found if c not in kept]
            self._session.execute(delete(table).where(table.id.in_(looped)))

    def _upsert(self, items: Mapping[str, PastCooperation]) -> UpsertCounts:
        version = lock_version(self._session)
        table = CooperationRow
        rows = self._session.execute(select(table.id, table.digest).where(table.id.in_(items)))
        stored = {row.id: row.digest for row in rows}
        digests = {item_id: digest(item) for item_id, item in items.items()}
        written = [i for i in items if stored.get(i) != digests[i]]
        if written:
            self._session.execute(delete(table).where(table.id.in_(written)))
            marks = {i: {"digest": digests[i], "changed_in": version} for i in written}
            self._session.execute(insert(table), [_to_row(items[i]) | marks[i] for i in written])
            set_version(self._session, version)
        changed = len(stored.keys() & set(written))
        return UpsertCounts(len(written) - changed, changed, len(items) - len(written))


def as_edges(cooperations: Iterable[PastCooperation]) -> list[Cooperation]:
    """One edge for each two organisations, of the latest year known."""
    years: dict[tuple[str, str], int | None] = {}
    for item in cooperations:
        pair = item.enterprise, item.university
        told = [y for y in (years.get(pair), item.year, item.since) if y is not None]
        years[pair] = max(told, default=None)
    return [
        Cooperation(enterprise=enterprise, university=university, year=year)
        for (enterprise, university), year in sorted(years.items())
    ]


def _to_row(item: PastCooperation) -> dict[str, Any]:
    # drivers disagree on what an enum's plain value is
    return {
        "id": item.id,
        "enterprise": item.enterprise,
        "university": item.university,
        "chain": item.chain,
        "segment": item.segment,
        "since": item.since,
        "year": item.year,
        "kind": item.kind and item.kind.value,
        "source": item.source,
    }


def _to_item(row: RowMapping) -> PastCooperation:
    names = ("id", "enterprise", "university", "chain", "segment", "since", "year", "source")
    kind = row["kind"] and CooperationMode(row["kind"])
    return PastCooperation(kind=kind, **{name: row[name] for name in names})
