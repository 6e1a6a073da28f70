"""Which chains a posting belongs to, as a broker's limits see it.

What a person said comes before what the posting declares, and that before what was
inferred; the same order as everywhere else. Records keep the ids that they name, so what
names a chain by an id that is gone counts for the one that took its place.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from data.tables import (
    AchievementChainRow,
    AchievementRow,
    ChainRenameRow,
    ChainRow,
    ChainTagRow,
    NeedChainRow,
    NeedRow,
    TagStatementRow,
)

PostingTable = type[NeedRow] | type[AchievementRow]

_PERSON, _INFERRED = "person", "inferred"


def chains_in_force(session: Session, rows: PostingTable, posting_id: str) -> frozenset[str]:
    """Ids of the chains that a posting belongs to; see ``chains_of_each``."""
    return chains_of_each(session, rows, [posting_id])[posting_id]


def chains_of_each(
    session: Session, rows: PostingTable, posting_ids: Sequence[str]
) -> dict[str, frozenset[str]]:
    """Ids of the chains that each of some postings belongs to.

    A chain that was renamed is named by all its ids from the recorded one on.
    """
    kind, links = _names(rows)
    said = set(session.scalars(_said(kind).where(TagStatementRow.item_id.in_(posting_ids))))
    declared, person, inferred = (
        _by_posting(session, statement)
        for statement in (
            select(links.owner, links.chain).where(links.owner.in_(posting_ids)),
            _tagged(kind, _PERSON, posting_ids),
            _tagged(kind, _INFERRED, posting_ids),
        )
    )
    renamed = {old: new for old, new in session.execute(_renames())}
    return {
        i: _with_successors(person[i] if i in said else declared[i] or inferred[i], renamed)
        for i in posting_ids
    }


def in_chains(rows: PostingTable, chains: Sequence[str]) -> ColumnElement[bool]:
    """True for postings of which ``chains_in_force`` names one of these chains."""
    kind, links = _names(rows)
    said = rows.id.in_(_said(kind))
    declares = rows.id.in_(select(links.owner))
    return or_(
        rows.id.in_(_on(kind, _PERSON, chains)),
        and_(~said, rows.id.in_(select(links.owner).where(_means(links.chain, chains)))),
        and_(~said, ~declares, rows.id.in_(_on(kind, _INFERRED, chains))),
    )


def _names(rows: PostingTable) -> tuple[str, Any]:
    return ("need", NeedChainRow) if rows is NeedRow else ("achievement", AchievementChainRow)


def _said(kind: str) -> Select[str]:
    return select(TagStatementRow.item_id).where(
        TagStatementRow.item_kind == kind, TagStatementRow.source == _PERSON
    )


def _on(kind: str, source: str, chains: Sequence[str]) -> Select[str]:
    tag = ChainTagRow
    return select(tag.item_id).where(_by(kind, source), _means(tag.chain, chains))


def _means(column: Any, chains: Sequence[str]) -> ColumnElement[bool]:
    """True for the ids of these chains, and for those whose place they took."""
    gone = _renames().subquery()
    former = select(gone.c.old).where(gone.c.new.in_(chains)).cte(recursive=True)
    earlier = _renames().subquery()
    former = former.union(select(earlier.c.old).join(former, earlier.c.new == former.c.old))
    return or_(column.in_(chains), column.in_(select(former.c.old)))


def _renames() -> Select[str, str]:
    """Ids that are gone, each with the one that took its place."""
    gone = ChainRenameRow
    return select(gone.old, gone.new).where(gone.old.not_in(select(ChainRow.id)))


def _with_successors(chains: Iterable[str], renamed: Mapping[str, str]) -> frozenset[str]:
    """The way back of ``_means``."""
    found = set(chains)
    waiting = list(found)
    while waiting:
        new = renamed.get(waiting.pop())
        if new is not None and new not in found:
            found.add(new)
            waiting.append(new)
    return frozenset(found)


def _tagged(kind: str, source: str, posting_ids: Sequence[str]) -> Select[str, str]:
    tag = ChainTagRow
    return select(tag.item_id, tag.chain).where(_by(kind, source), tag.item_id.in_(posting_ids))


def _by(kind: str, source: str) -> ColumnElement[bool]:
    return and_(ChainTagRow.item_kind == kind, ChainTagRow.source == source, ChainTagRow.weight > 0)


def _by_posting(session: Session, statement: Select[str, str]) -> defaultdict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for posting_id, chain in session.execute(statement):
        found[posting_id].add(chain)
    return found
