"""Brokers' limits and subscriptions follow a chain that gets another id, or joins another one.

A limit to a chain that is gone without a successor stays as it is: it includes no posting,
and to leave it out might include them all.
"""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.access.trail import Trail
from data.definitions import Definitions
from data.policy.actor import SYSTEM
from data.policy.operation import Operation
from data.tables import SubscriptionRow, UserRow


def move_limits(session: Session, definitions: Definitions, *, who: str) -> int:
    """Gives limits and subscriptions the ids that their chains have now; the audit notes each.

    Args:
        session: The transaction that changes the definitions.
        definitions: The new ones.
        who: Who decided it.

    Returns:
        How many accounts and subscriptions were changed.
    """
    trail, now, moved = Trail(SYSTEM), datetime.now(UTC), 0
    for user in session.scalars(select(UserRow).order_by(UserRow.id).with_for_update()):
        if (today := _today(user.chains, definitions)) != user.chains:
            user.chains, user.revision = today, user.revision + 1
            trail.note(Operation.USER_UPDATE, "user", user.id, chains=today, who=who)
            moved += 1
    subscriptions = select(SubscriptionRow).order_by(SubscriptionRow.account)
    for asked in session.scalars(subscriptions.with_for_update()):
        if (today := _today(asked.chains, definitions)) != asked.chains:
            asked.chains, asked.revision, asked.updated_at = today, asked.revision + 1, now
            note = {"chains": today, "who": who}
            trail.note(Operation.SUBSCRIPTION_UPDATE, "subscription", asked.account, **note)
            moved += 1
    session.flush()
    trail.write(session)
    return moved


def _today(chains: list[str], definitions: Definitions) -> list[str]:
    return list(dict.fromkeys(map(definitions.today, chains)))
