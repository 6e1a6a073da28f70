"""Background jobs as people order, watch and stop them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.access.errors import AccessError
from data.access.keyset import Listed, read_page
from data.access.trail import Trail
from data.jobs import RETRIED, SCOPES, UNFINISHED, Job, JobKind, JobState, JobStore, to_job
from data.policy.actor import Actor
from data.policy.decide import decide, require
from data.policy.errors import Unseen
from data.policy.operation import Operation
from data.policy.subject import ANYTHING, Subject
from data.tables import JobRow

BY_HAND = (JobKind.REINDEX, JobKind.REMATCH, JobKind.TRAIN, JobKind.BACKUP)
"""What the office may start; others follow from imports, exports, orders of plans, the schedule."""


class JobHasEnded(AccessError):
    """Only a job that is queued or running can be cancelled."""

    def __init__(self, job: Job) -> None:
        super().__init__(
            f"任务 {job.id} 已结束（{job.state}），无法取消。"
            f" / job {job.id} has ended ({job.state}) and cannot be cancelled"
        )
        self.job_id = job.id


class JobNotRetried(AccessError):
    """Only a job that failed or was cancelled can be ordered again."""

    def __init__(self, job: Job) -> None:
        super().__init__(
            f"任务 {job.id} 状态为 {job.state}，只有失败或已取消的任务可以重试。"
            f" / job {job.id} is {job.state}; only failed and cancelled jobs can be retried"
        )
        self.job_id = job.id


class GuardedJobs:
    """Jobs for one actor in one transaction."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._store = JobStore(session)
        self._actor = actor
        self._trail = trail

    def order(self, kind: JobKind, parameters: Mapping[str, Any] | None = None) -> Job:
        """Queues work that the office may start by hand; see ``BY_HAND``.

        Work of the same kind that is still queued or running is not ordered twice.

        Raises:
            Forbidden: the actor may not start work of the whole service.
        """
        require(self._actor, Operation.JOB_UPDATE, ANYTHING)
        assert kind in BY_HAND  # the endpoint offers nothing else
        for job in self._store.unfinished():
            if job.kind is kind and not job.cancelling:
                return job
        return self.follow(kind, parameters or {})

    def follow(self, kind: JobKind, parameters: Mapping[str, Any]) -> Job:
        """Queues work that follows from something the policy has just allowed.

        What a key orders may do no more than the key.
        """
        scopes = self._actor.scopes
        limits = {} if scopes is None else {SCOPES: sorted(scopes)}
        job = self._store.add(kind, {**parameters, **limits}, self._actor.id)
        self._trail.note(Operation.JOB_UPDATE, "job", job.id, work=kind.value, did="order")
        return job

    def get(self, job_id: str) -> Job:
        """One job.

        Raises:
            Unseen: there is none, or it is somebody else's.
        """
        return self._known(job_id)

    def page(
        self,
        *,
        kind: JobKind | None = None,
        state: JobState | None = None,
        limit: int,
        cursor: str | None = None,
    ) -> Listed[Job]:
        """Jobs that the actor may see, newest first.

        Raises:
            NotAcceptable: the cursor is of another list, or none at all.
        """
        statement = select(JobRow.__table__)
        if decide(self._actor, Operation.JOB_READ, ANYTHING) is None:
            statement = statement.where(JobRow.asked_by == self._actor.id)
        if kind is not None:
            statement = statement.where(JobRow.kind == kind.value)
        if state is not None:
            statement = statement.where(JobRow.state == state.value)
        keys = (JobRow.created_at, JobRow.id)
        found = read_page(self._session, statement, *keys, limit=limit, cursor=cursor, down=True)
        return Listed([to_job(row) for row in found.items], found.next_cursor)

    def cancel(self, job_id: str) -> Job:
        """Ends a job: a queued one at once, a running one between two of its steps.

        Raises:
            Unseen: there is none, or it is somebody else's.
            JobHasEnded: it is not queued or running any more.
        """
        job = self._mine(job_id)
        if job.state not in UNFINISHED:
            raise JobHasEnded(job)
        self._store.ask_to_end(job)
        return self._noted(job, "cancel")

    def retry(self, job_id: str) -> Job:
        """Queues a failed or cancelled job again.

        Raises:
            Unseen: there is none, or it is somebody else's.
            JobNotRetried: it did not fail.
        """
        job = self._mine(job_id)
        if job.state not in RETRIED:
            raise JobNotRetried(job)
        self._store.again(job)
        return self._noted(job, "retry")

    def _noted(self, job: Job, did: str) -> Job:
        self._trail.note(Operation.JOB_UPDATE, "job", job.id, work=job.kind.value, did=did)
        return self._known(job.id)

    def _mine(self, job_id: str) -> Job:
        job = self._known(job_id, lock=True)
        require(self._actor, Operation.JOB_UPDATE, Subject(account=job.asked_by))
        return job

    def _known(self, job_id: str, *, lock: bool = False) -> Job:
        job = self._store.get(job_id, lock=lock)
        if job is None:
            raise Unseen(job_id)
        if decide(self._actor, Operation.JOB_READ, Subject(account=job.asked_by)) is None:
            raise Unseen(job_id)
        return job
