"""How often signing in failed, and how long to wait before the next attempt.

Stored, so that it survives a restart and holds for several processes. An attempt counts
as failed from its beginning until it has succeeded, so that a hundred at once gain nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from data.access.trail import Trail
from data.policy.actor import Actor
from data.policy.decide import require
from data.policy.operation import Operation
from data.tables import SignInAttemptRow

FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Patience:
    """How many failures are free, and how the wait grows after them.

    Attributes:
        free: Failures without any wait.
        longest_s: Where the wait stops doubling from 1 second, in seconds.
    """

    free: int
    longest_s: int

    def wait_after(self, failures: int) -> timedelta:
        """How long nothing counts after that many failures in a row."""
        over = failures - self.free
        if over < 0:
            return timedelta(0)
        # a shift beyond the limit would only make large numbers
        return timedelta(seconds=min(1 << min(over, 30), self.longest_s))


class Attempts:
    """The failures by key, for the program itself in one transaction."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor

    def wait(self, key: str, patience: Patience, *, now: datetime) -> timedelta:
        """How much too early an attempt would come; zero where it may be made.

        Holds the key until the transaction ends. After the clock was set back the wait
        begins anew; it neither ends at once nor lasts until the clock has caught up.

        Args:
            key: Digest of what is being tried.
            patience: How the wait grows.
            now: The time.
        """
        require(self._actor, Operation.SESSION_CREATE)
        row = self._row(key, now)
        row.last_at = min(row.last_at, now)
        return max(row.last_at + patience.wait_after(row.failures) - now, timedelta(0))

    def count(self, key: str, *, now: datetime) -> None:
        """Counts an attempt as failed until it is forgiven or taken back."""
        require(self._actor, Operation.SESSION_CREATE)
        row = self._row(key, now)
        row.failures += 1
        row.last_at = now

    def forgive(self, key: str) -> None:
        """Forgets the failures of a key whose owner has proven himself."""
        require(self._actor, Operation.SESSION_CREATE)
        self._session.execute(delete(SignInAttemptRow).where(SignInAttemptRow.key == key))

    def take_back(self, key: str) -> None:
        """Uncounts one attempt that turned out to be none, or a success."""
        require(self._actor, Operation.SESSION_CREATE)
        failures = SignInAttemptRow.failures
        fewer = case((failures > 0, failures - 1), else_=0)
        statement = update(SignInAttemptRow).where(SignInAttemptRow.key == key)
        self._session.execute(
            statement.values(failures=fewer).execution_options(synchronize_session=False)
        )

    def _row(self, key: str, now: datetime) -> SignInAttemptRow:
        rows = SignInAttemptRow
        self._session.execute(delete(rows).where(rows.last_at < now - FORGOTTEN_AFTER))
        postgres = self._session.get_bind().dialect.name == "postgresql"
        statement = (postgresql if postgres else sqlite).insert(rows).on_conflict_do_nothing()
        self._session.execute(statement.values(key=key, failures=0, last_at=now))
        # locked, so that attempts at once count one after the other
        return self._session.scalars(select(rows).where(rows.key == key).with_for_update()).one()
