"""The disguised face of a masked posting, as its owner wrote and approved it."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from data.tables import PostingMaskRow
from matcher.types import Achievement, Need


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """What others see of a posting.

    Attributes:
        terms: Words that must not show.
        approved_at: When its owner approved it; None for a draft.
    """

    title: str
    summary: str
    terms: tuple[str, ...] = ()
    approved_by: str | None = None
    approved_at: datetime | None = None

    @property
    def digest(self) -> str:
        """Fingerprint of the words; the approval is about exactly these."""
        words = json.dumps([self.title, self.summary, self.terms], ensure_ascii=False)
        return blake2b(words.encode(), digest_size=16).hexdigest()

    def approved(self, by: str) -> "Mask":
        """The same words, approved now."""
        return replace(self, approved_by=by, approved_at=datetime.now(UTC))


class MaskStore:
    """Masks by posting; guarded by whoever holds it."""

    def __init__(self, session: Session, kind: str) -> None:
        self._session = session
        self._kind = kind

    def of(self, posting_ids: list[str]) -> dict[str, Mask]:
        """The masks of these postings."""
        row = PostingMaskRow
        statement = select(row).where(row.kind == self._kind, row.posting.in_(posting_ids))
        return {found.posting: _to_mask(found) for found in self._session.scalars(statement)}

    def put(self, posting_id: str, mask: Mask) -> None:
        """Stores a mask in place of the one before."""
        self.remove(posting_id)
        values: dict[str, Any] = {
            "kind": self._kind,
            "posting": posting_id,
            "title": mask.title,
            "summary": mask.summary,
            "terms": list(mask.terms),
            "approved_by": mask.approved_by,
            "approved_at": mask.approved_at,
            "digest": mask.digest,
        }
        self._session.execute(insert(PostingMaskRow), [values])

    def remove(self, posting_id: str) -> None:
        """Forgets the mask of a posting."""
        row = PostingMaskRow
        self._session.execute(delete(row).where(row.kind == self._kind, row.posting == posting_id))


def public_face(posting: Need | Achievement, mask: Mask) -> Need | Achievement:
    """The posting as those see it who may read its summary only.

    Everything that could name the firm or its secret is gone; chains, times and the ways
    of cooperating stay.
    """
    shared: dict[str, Any] = {
        "id": posting.id,
        "title": mask.title,
        "text": mask.summary,
        "chains": posting.chains,
        "cooperation_modes": posting.cooperation_modes,
        "visibility": posting.visibility,
        "status": posting.status,
        "created_at": posting.created_at,
        "updated_at": posting.updated_at,
    }
    if isinstance(posting, Need):
        return Need(**shared, deadline=posting.deadline, min_trl=posting.min_trl)
    return Achievement(**shared, trl=posting.trl)


def _to_mask(row: PostingMaskRow) -> Mask:
    return Mask(
        title=row.title,
        summary=row.summary,
        terms=tuple(row.terms),
        approved_by=row.approved_by,
        approved_at=row.approved_at,
    )
