"""What every content repository does: bulk upsert, reading, removal, changes since.

Every method works inside the caller's transaction (``data.session.session_scope``) and
deals in ``matcher.types``; no SQLAlchemy row leaves this file.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar, cast

from sqlalchemy import (
    BindParameter,
    Delete,
    Select,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import DeclarativeBase, Session

from data.rows import Item, digest, from_row, to_row
from data.tables import RemovalRow
from data.versions import Changes, data_version, lock_version, set_version

T = TypeVar("T")

# SQLite allows 32,766 parameters in a statement; batches also bound the memory
BATCH = 1000


@dataclass(frozen=True, slots=True)
class UpsertCounts:
    """What an upsert did, in records."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: "UpsertCounts") -> "UpsertCounts":
        return UpsertCounts(
            self.added + other.added,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
        )


class _Worded(NamedTuple):
    """What is asked of one kind of item in almost every request, by ``ids``.

    Wording a statement takes longer than asking it.
    """

    items: Select[Any]
    links: Select[Any]
    digests: Select[Any]
    forget: Delete


@cache
def _worded(table: Table, links: Table) -> _Worded:
    removed = cast(Table, RemovalRow.__table__)
    ids: BindParameter[Any] = bindparam("ids", expanding=True)
    return _Worded(
        items=select(table).where(table.c.id.in_(ids)),
        links=select(links.c.owner, links.c.chain)
        .where(links.c.owner.in_(ids))
        .order_by(links.c.owner, links.c.position),
        digests=select(table.c.id, table.c.digest).where(table.c.id.in_(ids)),
        forget=delete(removed).where(removed.c.kind == table.name, removed.c.id.in_(ids)),
    )


class ContentRepository(Generic[Item]):
    """Items of one kind, under the ids that their owners chose."""

    kind: ClassVar[type[Any]]
    rows: ClassVar[type[DeclarativeBase]]
    chain_rows: ClassVar[type[DeclarativeBase]]

    def __init__(self, session: Session) -> None:
        self._session = session
        self._table = cast(Table, self.rows.__table__)
        self._links = cast(Table, self.chain_rows.__table__)
        self._worded = _worded(self._table, self._links)

    def upsert_many(self, items: Iterable[Item]) -> UpsertCounts:
        """Stores items by id; content equal to what is stored is left alone.

        Among items of one id the last one counts. Changes move the data version on
        within the same transaction.

        Raises:
            UnknownOrganization: a posting names an organisation that is not stored.
        """
        counts = UpsertCounts()
        remaining = iter(items)
        while batch := list(islice(remaining, BATCH)):
            counts += self._upsert({item.id: item for item in batch})
        return counts

    def get(self, item_id: str) -> Item | None:
        """The item under this id, or None."""
        return self.get_many([item_id]).get(item_id)

    def get_many(self, ids: Iterable[str]) -> dict[str, Item]:
        """The items that exist under these ids, in the order asked for."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Item] = {}
        for batch in in_batches(wanted):
            page = self._read(self._worded.items, {"ids": batch})
            found.update((item.id, item) for item in page)
        return {item_id: found[item_id] for item_id in wanted if item_id in found}

    def all(self) -> tuple[Item, ...]:
        """Every item, by id; for what fits into memory (else ``stream``)."""
        return tuple(self.stream())

    def stream(self) -> Iterator[Item]:
        """Every item, by id, ``BATCH`` at a time in memory."""
        ordered = select(self._table).order_by(self._table.c.id).limit(BATCH)
        page = self._read(ordered)
        while page:
            yield from page
            page = self._read(ordered.where(self._table.c.id > page[-1].id))

    def count(self) -> int:
        """How many items are stored."""
        return self._session.scalar(select(func.count()).select_from(self._table)) or 0

    def remove_many(self, ids: Iterable[str]) -> int:
        """Deletes items for good, remembering that they are gone; how many there were."""
        removed = 0
        for batch in in_batches(list(dict.fromkeys(ids))):
            version = lock_version(self._session)
            gone = list(self._digests(batch))
            if gone:
                self._session.execute(delete(self._table).where(self._table.c.id.in_(gone)))
                self._session.execute(
                    insert(RemovalRow),
                    [{"kind": self._table.name, "id": i, "removed_in": version} for i in gone],
                )
                set_version(self._session, version)
            removed += len(gone)
        return removed

    def declared_outside(self, chains: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Chains that items declare and that are not among these, by item."""
        links = self._links.c
        outside = links.chain.not_in(sorted(chains))
        statement = select(links.owner, links.chain).where(outside)
        found: dict[str, tuple[str, ...]] = {}
        for link in self._session.execute(statement.order_by(links.owner, links.position)):
            found[link.owner] = (*found.get(link.owner, ()), link.chain)
        return found

    def changed_since(self, version: int) -> Changes:
        """What changed after ``version``; everything after version 0."""
        changed = select(self._table.c.id).where(self._table.c.changed_in > version)
        removed = select(RemovalRow.id).where(
            RemovalRow.kind == self._table.name, RemovalRow.removed_in > version
        )
        return Changes(
            version=data_version(self._session),
            changed=tuple(sorted(self._session.scalars(changed))),
            removed=tuple(sorted(self._session.scalars(removed))),
        )

    @classmethod
    def newest(cls) -> Select[Any]:
        """Selects the versions of the last change and of the last removal; null without one."""
        changed, removed = cls.rows.__table__.c.changed_in, RemovalRow.__table__.c
        gone = select(func.max(removed.removed_in)).where(removed.kind == cls.rows.__tablename__)
        return select(func.max(changed), gone.scalar_subquery())

    def _check(self, items: Sequence[Item]) -> None:
        """Refuses what the tables could not hold; subclasses know what that is."""

    def _times(self, item: Item, now: datetime, *, new: bool) -> dict[str, datetime]:
        """The time columns to write; subclasses know which they have."""
        return {}

    def _upsert(self, items: Mapping[str, Item]) -> UpsertCounts:
        version = lock_version(self._session)
        digests = {item_id: digest(item) for item_id, item in items.items()}
        stored = self._digests(list(items))
        added = [item for item_id, item in items.items() if item_id not in stored]
        changed = [
            item
            for item_id, item in items.items()
            if item_id in stored and stored[item_id] != digests[item_id]
        ]
        if added or changed:
            self._check([*added, *changed])
            self._write(added, changed, digests, version)
            set_version(self._session, version)
        return UpsertCounts(len(added), len(changed), len(items) - len(added) - len(changed))

    def _write(
        self,
        added: Sequence[Item],
        changed: Sequence[Item],
        digests: Mapping[str, str],
        version: int,
    ) -> None:
        now = datetime.now(UTC)

        def columns(item: Item, *, new: bool) -> dict[str, Any]:
            marks = {"digest": digests[item.id], "changed_in": version}
            return to_row(item) | self._times(item, now, new=new) | marks

        connection = self._session.connection()
        if added:
            connection.execute(insert(self._table), [columns(item, new=True) for item in added])
            connection.execute(self._worded.forget, {"ids": [item.id for item in added]})
        if changed:
            rows = [columns(item, new=False) for item in changed]
            connection.execute(
                update(self._table).where(self._table.c.id == bindparam("_id")),
                [{**row, "_id": row.pop("id")} for row in rows],
            )
            ids = [item.id for item in changed]
            connection.execute(delete(self._links).where(self._links.c.owner.in_(ids)))
        links = [
            {"owner": item.id, "chain": chain, "position": position}
            for item in (*added, *changed)
            for position, chain in enumerate(item.chains)
        ]
        if links:
            connection.execute(insert(self._links), links)

    def _digests(self, ids: Sequence[str]) -> dict[str, str]:
        rows = self._session.connection().execute(self._worded.digests, {"ids": ids})
        return {row.id: row.digest for row in rows}

    def _read(self, statement: Select[Any], asked: Mapping[str, Any] | None = None) -> list[Item]:
        connection = self._session.connection()
        rows = connection.execute(statement, asked).mappings().all()
        if not rows:
            return []
        chains: dict[str, tuple[str, ...]] = {}
        for link in connection.execute(self._worded.links, {"ids": [row["id"] for row in rows]}):
            chains[link.owner] = (*chains.get(link.owner, ()), link.chain)
        return [from_row(self.kind, row, chains.get(row["id"], ())) for row in rows]


def in_batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """``items`` in slices of at most ``BATCH``."""
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
