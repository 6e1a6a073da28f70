"""Which chains a posting belongs to, as a broker's limits see it.

What a person said comes before what the posting declares, and that before what was
inferred; the same order as everywhere else.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from data.tables import (
    AchievementChainRow,
    AchievementRow,
    ChainTagRow,
    NeedChainRow,
    NeedRow,
    TagStatementRow,
)

PostingTable = type[NeedRow] | type[AchievementRow]

_PERSON, _INFERRED = "person", "inferred"


def chains_in_force(session: Session, rows: PostingTable, posting_id: str) -> frozenset[str]:
    """Ids of the chains that a posting belongs to."""
    return chains_of_each(session, rows, [posting_id])[posting_id]


def chains_of_each(
    session: Session, rows: PostingTable, posting_ids: Sequence[str]
) -> dict[str, frozenset[str]]:
    """Ids of the chains that each of some postings belongs to."""
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
    return {
        i: frozenset(person[i] if i in said else declared[i] or inferred[i]) for i in posting_ids
    }


def in_chains(rows: PostingTable, chains: Sequence[str]) -> ColumnElement[bool]:
    """True for postings of which ``chains_in_force`` names one of these chains."""
    kind, links = _names(rows)
    said = rows.id.in_(_said(kind))
    declares = rows.id.in_(select(links.owner))
    return or_(
        rows.id.in_(_on(kind, _PERSON, chains)),
        and_(~said, rows.id.in_(select(links.owner).where(links.chain.in_(chains)))),
        and_(~said, ~declares, rows.id.in_(_on(kind, _INFERRED, chains))),
    )


def _names(rows: PostingTable) -> tuple[str, Any]:
    return ("need", NeedChainRow) if rows is NeedRow else ("achievement", AchievementChainRow)


def _said(kind: str) -> Select[str]:
    return select(TagStatementRow.item_id).where(
        TagStatementRow.item_kind == kind, TagStatementRow.source == _PERSON
    )


def _on(kind: str, source: str, chains: Sequence[str]) -> Select[str]:
    return select(ChainTagRow.item_id).where(_by(kind, source), ChainTagRow.chain.in_(chains))


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
