"""Which chains items belong to, as stored: what a person said, and apart from it what was inferred.

A person's word is never overwritten by an inference, and it moves along when a chain or a
segment is renamed (``data.chains``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from data.repository import in_batches
from data.tables import (
    AchievementRow,
    ChainTagRow,
    NeedRow,
    OrganizationRow,
    RemovalRow,
    TagStatementRow,
)
from data.versions import lock_version, set_version
from matcher.graph.schema import NodeKind, Origin, node
from matcher.tag_types import Tag

_REMOVALS = TagStatementRow.__tablename__
_ITEMS = {
    NodeKind.NEED: NeedRow.__tablename__,
    NodeKind.ACHIEVEMENT: AchievementRow.__tablename__,
    NodeKind.ORGANIZATION: OrganizationRow.__tablename__,
}


@dataclass(frozen=True, slots=True)
class Statement:
    """A person's word on one item.

    Attributes:
        tags: The chains it belongs to; none for "no chain".
        who: The person, as he calls himself.
    """

    tags: tuple[Tag, ...]
    who: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Inference:
    """What a tagger found for one item.

    Attributes:
        tags: Heaviest first; none for "no chain".
        tagger: Fingerprint of the tagger with its definitions.
        digest: The item's digest (``data.rows.digest``) at that time.
    """

    tags: tuple[Tag, ...]
    tagger: str
    digest: str


class TagRepository:
    """Tags of needs, achievements and organisations, inside the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def say(
        self, kind: NodeKind, item_id: str, tags: Sequence[Tag], *, who: str, made_at: datetime
    ) -> None:
        """Store a person's word, in the place of an earlier one; no tags say "no chain".

        What was inferred is forgotten, since it depends on what is said. The data version
        moves on.

        Raises:
            ValueError: a weight is not in [0, 1].
        """
        if any(not 0 <= tag.weight <= 1 for tag in tags):
            raise ValueError(f"weights of tags lie in [0, 1]: {tags}")
        version = lock_version(self._session)
        self._forget(kind, [item_id])
        mark = {"changed_in": version, "who": who, "made_at": made_at}
        self._store(kind, {item_id: tags}, {item_id: mark}, Origin.PERSON)
        set_version(self._session, version)

    def unsay(self, kind: NodeKind, item_id: str) -> bool:
        """Take a person's word back, so that declared chains and inference count again.

        Returns:
            Whether there was one. Only then the data version moves on.
        """
        if not self.said(kind, [item_id]):
            return False
        version = lock_version(self._session)
        self._forget(kind, [item_id])
        self._session.execute(
            delete(RemovalRow).where(
                RemovalRow.kind == _REMOVALS, RemovalRow.id == node(kind, item_id)
            )
        )
        gone = {"kind": _REMOVALS, "id": node(kind, item_id), "removed_in": version}
        self._session.execute(insert(RemovalRow), [gone])
        set_version(self._session, version)
        return True

    def said(self, kind: NodeKind, ids: Iterable[str] | None = None) -> dict[str, Statement]:
        """People's words by item, of these items or of all."""
        rows = self._statements(kind, Origin.PERSON, ids)
        tags = self._tags(kind, Origin.PERSON, ids)
        return {
            row.item_id: Statement(tags.get(row.item_id, ()), row.who, row.made_at) for row in rows
        }

    def said_at(self, kind: NodeKind) -> dict[str, datetime]:
        """When people spoke, by item; items that are gone since are among them."""
        return {row.item_id: row.made_at for row in self._statements(kind, Origin.PERSON, None)}

    def keep_inferred(
        self,
        kind: NodeKind,
        tags: Mapping[str, Sequence[Tag]],
        *,
        digests: Mapping[str, str],
        tagger: str,
    ) -> None:
        """Store what was inferred, in the place of earlier inferences.

        Inferences of items that were removed since go; people's words on them stay.

        Args:
            kind: What the items are.
            tags: Tags by item; an item without any belongs to no chain.
            digests: Digest by item.
            tagger: Fingerprint of the tagger with its definitions.
        """
        now = datetime.now(UTC)
        self._forget_removed(kind)
        for ids in in_batches(list(tags)):
            self._forget(kind, ids, Origin.INFERRED)
            marks = {
                i: {"changed_in": 0, "tagger": tagger, "digest": digests[i], "made_at": now}
                for i in ids
            }
            self._store(kind, {i: tags[i] for i in ids}, marks, Origin.INFERRED)

    def inferred(self, kind: NodeKind, ids: Iterable[str] | None = None) -> dict[str, Inference]:
        """Inferences by item, of these items or of all, stale ones included."""
        rows = self._statements(kind, Origin.INFERRED, ids)
        tags = self._tags(kind, Origin.INFERRED, ids)
        return {
            row.item_id: Inference(tags.get(row.item_id, ()), row.tagger, row.digest)
            for row in rows
        }

    def said_since(self, version: int) -> frozenset[str]:
        """Nodes (``need:n-1``) on which people said something, or took it back, after a version."""
        said = select(TagStatementRow.item_kind, TagStatementRow.item_id).where(
            TagStatementRow.changed_in > version
        )
        unsaid = select(RemovalRow.id).where(
            RemovalRow.kind == _REMOVALS, RemovalRow.removed_in > version
        )
        nodes = {node(NodeKind(kind), item_id) for kind, item_id in self._session.execute(said)}
        return frozenset(nodes | set(self._session.scalars(unsaid)))

    def hand_over(self, kind: NodeKind, old: str, new: str) -> None:
        """Give a person's word on ``old`` to ``new``, unless ``new`` has one of its own."""
        said = self.said(kind, [old, new])
        if old in said:
            if new not in said:
                word = said[old]
                self.say(kind, new, word.tags, who=word.who, made_at=word.made_at)
            self.unsay(kind, old)

    def follow(self, old: str, *, chain: str, segment: str | None) -> int:
        """Move people's tags from an id that is gone to the one that took its place.

        Args:
            old: A segment where ``segment`` is given, else a chain.
            chain: The chain now meant.
            segment: The segment now meant.

        Returns:
            How many tags were moved.
        """
        table = ChainTagRow
        by_person = update(table).where(table.source == Origin.PERSON.value)
        statement = (
            by_person.where(table.chain == old).values(chain=chain)
            if segment is None
            else by_person.where(table.segment == old).values(chain=chain, segment=segment)
        )
        moved = self._session.execute(statement.returning(table.item_id))
        return len(moved.all())

    def _statements(self, kind: NodeKind, source: Origin, ids: Iterable[str] | None) -> list[Any]:
        table = TagStatementRow.__table__
        statement = select(table).where(
            table.c.item_kind == kind.value, table.c.source == source.value
        )
        if ids is None:
            return list(self._session.execute(statement.order_by(table.c.item_id)))
        return [
            row
            for batch in in_batches(sorted(set(ids)))
            for row in self._session.execute(statement.where(table.c.item_id.in_(batch)))
        ]

    def _tags(
        self, kind: NodeKind, source: Origin, ids: Iterable[str] | None
    ) -> dict[str, tuple[Tag, ...]]:
        table = ChainTagRow.__table__
        statement = (
            select(table)
            .where(table.c.item_kind == kind.value, table.c.source == source.value)
            .order_by(table.c.item_id, table.c.position)
        )
        batches = [None] if ids is None else list(in_batches(sorted(set(ids))))
        found: dict[str, list[Tag]] = {}
        for batch in batches:
            wanted = statement if batch is None else statement.where(table.c.item_id.in_(batch))
            for row in self._session.execute(wanted):
                tag = Tag(row.chain, row.segment, row.weight, tuple(row.evidence))
                found.setdefault(row.item_id, []).append(tag)
        return {item_id: tuple(tags) for item_id, tags in found.items()}

    def _store(
        self,
        kind: NodeKind,
        tags: Mapping[str, Sequence[Tag]],
        marks: Mapping[str, Mapping[str, Any]],
        source: Origin,
    ) -> None:
        def key(item_id: str) -> dict[str, Any]:
            return {"item_kind": kind.value, "item_id": item_id, "source": source.value}

        self._session.execute(insert(TagStatementRow), [{**key(i), **marks[i]} for i in tags])
        rows = [
            {
                **key(item_id),
                "position": position,
                "chain": tag.chain,
                "segment": tag.segment,
                "weight": tag.weight,
                "evidence": list(tag.evidence),
            }
            for item_id, of_item in tags.items()
            for position, tag in enumerate(of_item)
        ]
        if rows:
            self._session.execute(insert(ChainTagRow), rows)

    def _forget(self, kind: NodeKind, ids: Sequence[str], *sources: Origin) -> None:
        table = TagStatementRow
        statement = delete(table).where(table.item_kind == kind.value, table.item_id.in_(ids))
        if sources:
            statement = statement.where(table.source.in_([source.value for source in sources]))
        self._session.execute(statement)

    def _forget_removed(self, kind: NodeKind) -> None:
        table = TagStatementRow
        removed = select(RemovalRow.id).where(RemovalRow.kind == _ITEMS[kind])
        self._session.execute(
            delete(table).where(
                table.item_kind == kind.value,
                table.source == Origin.INFERRED.value,
                table.item_id.in_(removed),
            )
        )
