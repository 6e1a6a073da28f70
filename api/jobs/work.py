"""One attempt at a job, as its handler sees it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any

from sqlalchemy import Engine

from api.jobs.errors import Interrupted, JobCancelled
from data.access.desk import Desk
from data.access.trail import Trail
from data.jobs import Job, JobStore
from data.policy.actor import Actor
from data.session import session_scope


@dataclass(frozen=True, slots=True)
class Work:
    """One attempt at a job.

    Attributes:
        job: What was ordered, and how.
        actor: Who ordered it, with the rights of today.
        engine: The database.
        stopping: Set when the service stops.
        run_step: Makes a step, or gives what it returned before a restart.
    """

    job: Job
    actor: Actor
    engine: Engine
    stopping: Event
    run_step: Callable[[str, Callable[[], Any]], Any]

    def step(self, name: str, function: Callable[[], Any]) -> Any:
        """Makes one step of the job; a step that was finished before a restart is not repeated.

        Steps come in the same order in every attempt.

        Args:
            name: What it does, for the log.
            function: Safe to repeat, since the service may stop in the middle of it;
                returns JSON values.

        Raises:
            JobCancelled: somebody cancelled the job.
            JobFailed: the step cannot be done.
        """
        self.check()
        return self.run_step(name, function)

    def tell(self, done: int, total: int | None, zh: str, en: str) -> None:
        """Shows people how far the job is.

        Args:
            done: How much is done.
            total: Of how much; None while that is unknown.
            zh: What is being done, in Chinese.
            en: The same in English.

        Raises:
            JobCancelled: somebody cancelled the job.
        """
        if self.stopping.is_set():
            raise Interrupted
        with session_scope(self.engine) as session:
            wanted = JobStore(session).tell(self.job.run, done=done, total=total, zh=zh, en=en)
        if not wanted:
            raise JobCancelled("已取消", "cancelled")

    def check(self) -> None:
        """Ends the attempt where it should end.

        Raises:
            JobCancelled: somebody cancelled the job.
        """
        if self.stopping.is_set():
            raise Interrupted
        with session_scope(self.engine, write=False) as session:
            job = JobStore(session).of_run(self.job.run)
        if job is None or job.cancelling:
            raise JobCancelled("已取消", "cancelled")

    @contextmanager
    def desk(self, *, write: bool = True) -> Iterator[Desk]:
        """One transaction in the name of whoever ordered the job, with its trail."""
        trail = Trail(self.actor, request=self.job.id)
        with session_scope(self.engine, write=write) as session:
            yield Desk(session, self.actor, trail)
            if write:
                trail.write(session)
        if trail.pending:
            # what was seen of confidential things is recorded too
            with session_scope(self.engine) as session:
                trail.write(session)


Handler = Callable[[Work], Mapping[str, Any]]
"""Does the job of one kind and tells the result as JSON values."""
