"""Background jobs as rows: who ordered what, how far it is, and how it ended.

The table is the truth that people see and that a restart goes by; what runs the jobs is
``api.jobs``. Every method works inside the caller's transaction and asks no policy:
people reach jobs through ``data.access.jobs``.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from data.tables import JobRow


class JobKind(StrEnum):
    """What there is to do in the background."""

    IMPORT = "import"
    REINDEX = "reindex"
    REMATCH = "rematch"
    TRAIN = "train"
    EXPORT = "export"
    EXPIRE = "expire"
    BACKUP = "backup"
    PAIR = "pair"


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (JobState.QUEUED, JobState.RUNNING)
RETRIED = (JobState.FAILED, JobState.CANCELLED)
"""Where a job may be ordered again."""

SCOPES = "scopes"
"""Parameter of every job that an API key ordered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job; see ``JobRow`` for the fields."""

    id: str
    kind: JobKind
    asked_by: str
    state: JobState
    parameters: Mapping[str, Any]
    attempt: int
    cancelling: bool
    done: int
    total: int | None
    message_zh: str
    message_en: str
    error_zh: str
    error_en: str
    result: Mapping[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def run(self) -> str:
        """Names this attempt, so that no attempt is made twice."""
        return f"{self.id}.{self.attempt}"

    @property
    def scopes(self) -> frozenset[str] | None:
        """Operations that the API key which ordered it is limited to; None for no limit."""
        scopes = self.parameters.get(SCOPES)
        return None if scopes is None else frozenset(scopes)


_TABLE = cast(Table, JobRow.__table__)
_FIELDS = tuple(Job.__dataclass_fields__)


class JobStore:
    """Jobs in one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        kind: JobKind,
        parameters: Mapping[str, Any],
        asked_by: str,
        *,
        mark: str | None = None,
        state: JobState = JobState.QUEUED,
    ) -> Job:
        """Orders a job.

        Args:
            kind: What to do.
            parameters: JSON values that its handler reads.
            asked_by: Account in whose name it runs.
            mark: Names what must not be ordered twice; see ``has_mark``.
            state: ``DONE`` for a record of what need not be done.
        """
        now = datetime.now(UTC)
        job_id = f"j-{uuid.uuid4().hex}"
        row = {
            "id": job_id,
            "kind": kind.value,
            "asked_by": asked_by,
            "state": state.value,
            "mark": mark,
            "attempt": 1,
            "cancelling": False,
            "done": 0,
            "created_at": now,
            "finished_at": None if state in UNFINISHED else now,
            **dict.fromkeys(("message_zh", "message_en", "error_zh", "error_en"), ""),
            "parameters": dict(parameters),
        }
        self._session.execute(insert(_TABLE), [row])
        job = self.get(job_id)
        assert job is not None  # stored just now
        return job

    def get(self, job_id: str, *, lock: bool = False) -> Job | None:
        """The job, or None.

        Args:
            job_id: Which one.
            lock: Hold it until the transaction ends, where the database locks rows.
        """
        statement = select(_TABLE).where(_TABLE.c.id == job_id)
        found = self._read(statement.with_for_update() if lock else statement)
        return found[0] if found else None

    def has_mark(self, mark: str) -> bool:
        """Whether a job bears this mark."""
        return self._session.scalar(select(_TABLE.c.id).where(_TABLE.c.mark == mark)) is not None

    def has_mark_like(self, prefix: str) -> bool:
        """Whether a job bears a mark that begins so."""
        like = _TABLE.c.mark.startswith(prefix, autoescape=True)
        return self._session.scalar(select(_TABLE.c.id).where(like).limit(1)) is not None

    def unfinished(self) -> list[Job]:
        """Jobs that are queued or running, oldest first."""
        states = [state.value for state in UNFINISHED]
        statement = select(_TABLE).where(_TABLE.c.state.in_(states))
        return self._read(statement.order_by(_TABLE.c.created_at, _TABLE.c.id))

    def begin(self, run: str) -> Job | None:
        """Marks an attempt as running; None where there is nothing to do for it any more."""
        job = self.of_run(run)
        if job is None:
            return None
        started = job.started_at or datetime.now(UTC)
        self._set(job.id, state=JobState.RUNNING.value, started_at=started)
        return job

    def of_run(self, run: str) -> Job | None:
        """The job whose latest attempt is this one, while it is not finished."""
        job = self.get(run.rpartition(".")[0], lock=True)
        return job if job is not None and job.run == run and job.state in UNFINISHED else None

    def tell(self, run: str, *, done: int, total: int | None, zh: str, en: str) -> bool:
        """Notes how far an attempt is; False where it should end."""
        job = self.of_run(run)
        if job is None or job.cancelling:
            return False
        self._set(job.id, done=done, total=total, message_zh=zh, message_en=en)
        return True

    def finish(
        self,
        run: str,
        state: JobState,
        *,
        result: Mapping[str, Any] | None = None,
        error: tuple[str, str] = ("", ""),
    ) -> bool:
        """Ends an attempt; False where it had ended already."""
        job = self.of_run(run)
        if job is None:
            return False
        values: dict[str, Any] = {"state": state.value, "finished_at": datetime.now(UTC)}
        values |= {"error_zh": error[0], "error_en": error[1], "cancelling": False}
        if result is not None:
            values["result"] = dict(result)
        self._set(job.id, **values)
        return True

    def ask_to_end(self, job: Job) -> None:
        """Cancels a job: a queued one at once, a running one between two steps."""
        if job.state is JobState.QUEUED:
            self.finish(job.run, JobState.CANCELLED)
        else:
            self._set(job.id, cancelling=True)

    def again(self, job: Job) -> None:
        """Queues a job anew as its next attempt."""
        self._set(
            job.id,
            state=JobState.QUEUED.value,
            attempt=job.attempt + 1,
            cancelling=False,
            done=0,
            total=None,
            result=None,
            started_at=None,
            finished_at=None,
            **dict.fromkeys(("message_zh", "message_en", "error_zh", "error_en"), ""),
        )

    def _set(self, job_id: str, **values: Any) -> None:
        self._session.execute(update(_TABLE).where(_TABLE.c.id == job_id).values(values))

    def _read(self, statement: Any) -> list[Job]:
        return [to_job(row) for row in self._session.execute(statement).mappings()]


def to_job(row: Mapping[Any, Any]) -> Job:
    """The job that a row stands for."""
    values = {name: row[name] for name in _FIELDS}
    return Job(**values | {"kind": JobKind(row["kind"]), "state": JobState(row["state"])})
