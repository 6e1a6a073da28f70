"""Which chains a posting belongs to, as a broker's limits see it.

What a person said comes before what the posting declares, and that before what was
inferred; the same order as everywhere else.
"""

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
    kind, links = _names(rows)
    if session.scalar(_said(kind).where(TagStatementRow.item_id == posting_id)) is not None:
        tags = _tags(kind, _PERSON, ChainTagRow.chain).where(ChainTagRow.item_id == posting_id)
        return frozenset(session.scalars(tags))
    declared = frozenset(session.scalars(select(links.chain).where(links.owner == posting_id)))
    inferred = _tags(kind, _INFERRED, ChainTagRow.chain).where(ChainTagRow.item_id == posting_id)
    return declared or frozenset(session.scalars(inferred))


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
    return _tags(kind, source, ChainTagRow.item_id).where(ChainTagRow.chain.in_(chains))


def _tags(kind: str, source: str, column: Any) -> Select[str]:
    return select(column).where(
        ChainTagRow.item_kind == kind, ChainTagRow.source == source, ChainTagRow.weight > 0
    )
