"""Background jobs: ordered, watched, cancelled and tried again."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import ConfigDict

from api.rest.call import Call, for_operation
from api.rest.fields import Body, Id, Shown
from api.rest.paging import Cursor, Limit
from api.rest.problems import RESPONSES
from data.jobs import Job, JobKind, JobState
from data.policy.operation import Operation

router = APIRouter(prefix="/jobs", tags=["jobs"], responses=RESPONSES)

Reading = Annotated[Call, for_operation(Operation.JOB_READ)]
Ordering = Annotated[Call, for_operation(Operation.JOB_UPDATE)]


class JobOrder(Body):
    """Work of the whole service, for the office to start by hand."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"kind": "rematch"}]})

    kind: Literal["reindex", "rematch", "train", "backup"]


class Words(Shown):
    """A sentence in both languages; empty where there is nothing to say."""

    zh: str
    en: str


class JobShown(Shown):
    """A job, how far it is, and how it ended."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "j-5a21",
                    "kind": "rematch",
                    "asked_by": "u-office-1",
                    "state": "running",
                    "cancelling": False,
                    "attempt": 1,
                    "done": 120,
                    "total": 400,
                    "message": {"zh": "正在匹配", "en": "matching"},
                    "error": {"zh": "", "en": ""},
                    "result": None,
                    "created_at": "2027-02-01T08:00:00Z",
                    "started_at": "2027-02-01T08:00:01Z",
                    "finished_at": None,
                }
            ]
        }
    )

    id: str
    kind: JobKind
    asked_by: str
    state: JobState
    cancelling: bool
    attempt: int
    done: int
    total: int | None
    message: Words
    error: Words
    result: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobPage(Shown):
    """One page of jobs, the newest first."""

    items: list[JobShown]
    next_cursor: str | None


def job_shown(job: Job) -> JobShown:
    """A job on the wire."""
    names = set(JobShown.model_fields) - {"message", "error", "result"}
    return JobShown(
        **{name: getattr(job, name) for name in names},
        message=Words(zh=job.message_zh, en=job.message_en),
        error=Words(zh=job.error_zh, en=job.error_en),
        result=None if job.result is None else dict(job.result),
    )


def wake(call: Call) -> None:
    """Has the runner of this process, if there is one, look for new jobs now."""
    runner = getattr(call.state, "jobs", None)
    if runner is not None:
        runner.wake()


@router.get(
    "", operation_id="list_jobs", summary="列出后台任务 / list jobs", response_model=JobPage
)
def list_(
    call: Reading,
    kind: JobKind | None = None,
    state: JobState | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """新的在前；办公室可见全部。 / The newest first; the office sees all, others their own."""
    with call.read() as desk:
        page = desk.jobs.page(kind=kind, state=state, limit=limit, cursor=cursor)
    items = [job_shown(job) for job in page.items]
    return call.shown(JobPage(items=items, next_cursor=page.next_cursor))


@router.post(
    "",
    status_code=201,
    operation_id="create_job",
    summary="启动后台任务 / start a job",
    response_model=JobShown,
)
def create(body: JobOrder, call: Ordering) -> Any:
    """同类任务尚未结束时不会重复启动。 / One that is under way is not started twice."""
    with call.write() as desk:
        job = desk.jobs.order(JobKind(body.kind))
        answer = call.created(desk, job_shown(job), location=f"/v1/jobs/{job.id}")
    wake(call)
    return answer


@router.get(
    "/{job_id}",
    operation_id="read_job",
    summary="查看后台任务 / read a job",
    response_model=JobShown,
)
def read(job_id: Id, call: Reading) -> Any:
    """进度与结果。 / How far it is, and what came of it."""
    with call.read() as desk:
        job = desk.jobs.get(job_id)
    return call.shown(job_shown(job))


@router.post(
    "/{job_id}/cancel",
    operation_id="cancel_job",
    summary="取消后台任务 / cancel a job",
    response_model=JobShown,
)
def cancel(job_id: Id, call: Ordering) -> Any:
    """正在执行的任务在两步之间停下。 / A running job ends between two of its steps."""
    with call.write() as desk:
        return call.done(desk, job_shown(desk.jobs.cancel(job_id)))


@router.post(
    "/{job_id}/retry",
    operation_id="retry_job",
    summary="重试失败或已取消的任务 / try a failed or cancelled job again",
    response_model=JobShown,
)
def retry(job_id: Id, call: Ordering) -> Any:
    """已完成的步骤可安全重做。 / Steps that were done are safe to repeat."""
    with call.write() as desk:
        answer = call.done(desk, job_shown(desk.jobs.retry(job_id)))
    wake(call)
    return answer
