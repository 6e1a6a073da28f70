"""How a job ends when it does not end well."""

from api.errors import OURS, ApiError
from data.errors import CannotConnect, DatabaseBusy, StoreFailure

PASSING = (DatabaseBusy, CannotConnect, StoreFailure, ConnectionError, TimeoutError)
"""Troubles that may be over when the step is tried again."""


class JobError(ApiError):
    """Base of the family.

    Attributes:
        zh: What to tell people, in Chinese.
        en: The same in English.
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en


class JobFailed(JobError):
    """The job cannot be done; trying again would not help."""


class JobCancelled(JobError):
    """Somebody cancelled the job."""


class Interrupted(BaseException):
    """The service stops; the job goes on where it is when the service is back.

    No ``Exception``: nothing on the way may take it for a failure and write it down.
    """


class RunnerTaken(ApiError):
    """A process runs the jobs of one store only."""

    def __init__(self) -> None:
        super().__init__(
            "本进程已在为另一数据库执行后台任务；请另起进程。"
            " / this process runs the jobs of another store already; start another process"
        )


def worded(error: BaseException) -> tuple[str, str]:
    """What to tell people of an error, in Chinese and English."""
    if isinstance(error, JobError):
        return error.zh, error.en
    if isinstance(error, (*OURS, *PASSING)):
        zh, _, en = str(error).partition(" / ")
        return zh, en or zh
    return (
        "程序内部错误，详见服务日志；可重试，如仍失败请联系管理员",
        "an internal error; the service's log has the details. Retry, and tell an administrator"
        " if it fails again",
    )
