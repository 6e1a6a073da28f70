"""Requests that were answered, by the key that their caller gave them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_wait
from sqlalchemy.orm import Session

from data.access.counting import changed_rows
from data.tables import IdempotencyRow

KEPT = timedelta(days=2)
"""How long a repetition is recognised."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and a digest of what was asked."""

    request: str
    status: int
    headers: dict[str, Any]
    body: str


class Repeats:
    """The keys of one account in one transaction."""

    def __init__(self, session: Session, account: str) -> None:
        self._session = session
        self._account = account

    def claim(self, key: str, request: str) -> Answered | None:
        """The answer given under this key; without one the key now belongs to this request.

        A request with the same key at the same time waits here until the first has ended.
        """
        now = datetime.now(UTC)
        row = IdempotencyRow
        own = row.account == self._account, row.key == key
        self._session.execute(delete(row).where(*own, row.made_at < now - KEPT))
        if self._session.get_bind().dialect.name == "postgresql":
            values = self._values(key, request, now)
            claimed = self._session.execute(
                insert_or_wait(row).values(values).on_conflict_do_nothing().returning(row.key)
            ).one_or_none()
            if claimed is not None:
                return None
        found = self._session.scalars(select(row).where(*own)).one_or_none()
        if found is not None:
            return Answered(found.request, found.status, found.headers, found.body)
        self._session.execute(insert(row), [self._values(key, request, now)])
        return None

    def keep(self, key: str, answer: Answered) -> None:
        """Stores the answer of a claimed key."""
        row = IdempotencyRow
        self._session.execute(
            update(row)
            .where(row.account == self._account, row.key == key)
            .values(status=answer.status, headers=answer.headers, body=answer.body)
        )

    def _values(self, key: str, request: str, now: datetime) -> dict[str, Any]:
        return {
            "account": self._account,
            "key": key,
            "request": request,
            "made_at": now,
            "status": 0,
            "headers": {},
            "body": "",
        }


def forget_repeats(session: Session, now: datetime) -> int:
    """Deletes keys that are recognised no more; how many there were."""
    row = IdempotencyRow
    return changed_rows(session, delete(row).where(row.made_at < now - KEPT))
