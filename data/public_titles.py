"""Titles that may leave the house: what anybody with an account may read."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from data.access.posting_reader import PostingReader
from data.access.trail import Trail
from data.policy.actor import Actor, Role
from matcher.types import Achievement, Need

_ANYBODY = Actor(id="anybody", role=Role.ENTERPRISE)


def public_titles(
    session: Session, kind: type[Need] | type[Achievement], ids: Collection[str]
) -> dict[str, str]:
    """Titles by id; of a masked posting the approved one, of a confidential one none."""
    reader: PostingReader[Need | Achievement] = PostingReader(
        kind, session, _ANYBODY, Trail(_ANYBODY)
    )
    seen = reader.get_many(sorted(ids))
    return {posting_id: face.posting.title for posting_id, face in seen.items()}
