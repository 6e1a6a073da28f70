"""What is done every night, once a night."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from data.jobs import Job, JobKind, JobState, JobStore
from data.policy.actor import SYSTEM


@dataclass(frozen=True, slots=True)
class Nightly:
    """When, and what.

    Attributes:
        at: Local time of the day.
        kinds: In the order in which they are queued.
    """

    at: time
    kinds: Sequence[JobKind] = (JobKind.EXPIRE, JobKind.REMATCH)

    def night(self, now: datetime) -> date:
        """The day of the latest due moment, at or before a local time."""
        today = now.time() >= self.at
        return now.date() if today else now.date() - timedelta(days=1)

    def order(self, session: Session, now: datetime) -> list[Job]:
        """Queues what is due and was not queued before.

        A night is named by its date, so that neither a clock that jumps nor a second
        process orders it twice, and of nights that were missed the latest is made up for.
        A new store waits for its first night.

        Args:
            session: A transaction that may write.
            now: Local time.
        """
        store = JobStore(session)
        night = self.night(now).isoformat()
        ordered = []
        for kind in self.kinds:
            mark = f"nightly/{kind}/{night}"
            if not store.has_mark_like(f"nightly/{kind}/"):
                store.add(kind, {}, SYSTEM.id, mark=mark, state=JobState.DONE)
            elif not store.has_mark(mark):
                ordered.append(store.add(kind, {}, SYSTEM.id, mark=mark))
        return ordered
