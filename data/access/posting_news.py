"""Who hears of a step in the life of a posting."""

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.access.remit import chains_in_force
from data.announce import News, announce
from data.policy.operation import Operation
from data.tables import UserRow
from matcher.types import Achievement, Need


def tell(session: Session, rows: Any, posting: Need | Achievement, step: str) -> None:
    """Tells the owner's people of a return, and subscribers of what was published."""
    is_need = isinstance(posting, Need)
    need, achievement = (posting.id, None) if is_need else (None, posting.id)
    # a posting may be returned, and published, more than once
    dedupe = f"{step}:{posting.id}:{uuid.uuid4().hex}"
    if step == Operation.STEP_RETURN and posting.organization is not None:
        own = select(UserRow.id).where(
            UserRow.organization == posting.organization, UserRow.disabled_at.is_(None)
        )
        recipients = frozenset(session.scalars(own))
        if recipients:
            news = News(
                kind="posting_returned",
                dedupe=dedupe,
                need=need,
                achievement=achievement,
                recipients=recipients,
            )
            announce(session, [news])
    elif step == Operation.STEP_PUBLISH:
        news = News(
            kind="posting_published",
            dedupe=dedupe,
            need=need,
            achievement=achievement,
            chains=chains_in_force(session, rows, posting.id),
            county=posting.county,
        )
        announce(session, [news])
