"""What cases and their files complain about."""

from data.access.errors import AccessError
from data.policy.stages import Stage
from matcher.types import Status


class PairTaken(AccessError):
    """Somebody is at work on this match already.

    Attributes:
        case_id: The case, where the actor may know it; None otherwise.
    """

    def __init__(self, need: str, achievement: str, case_id: str | None) -> None:
        zh = f"（跟进编号 {case_id}）" if case_id else ""
        en = f" (case {case_id})" if case_id else ""
        super().__init__(
            f"{need} 与 {achievement} 已有人跟进{zh}；如需接手，请联系办公室改派。"
            f" / {need} and {achievement} are being followed up already{en};"
            " ask the office if the case should be yours"
        )
        self.case_id = case_id


class NotOpen(AccessError):
    """A posting that looks for no partner cannot be taken up.

    Attributes:
        status: Where it stands.
    """

    def __init__(self, posting_id: str, status: Status) -> None:
        super().__init__(
            f"{posting_id} 当前状态为 {status}，不能跟进；请选择已发布的需求和成果。"
            f" / {posting_id} is {status} and cannot be taken up;"
            " choose a need and an achievement that are published"
        )
        self.posting_id = posting_id
        self.status = status


class CaseEnded(AccessError):
    """A closed or dropped case stays as it is."""

    def __init__(self, case_id: str, stage: Stage) -> None:
        super().__init__(
            f"跟进 {case_id} 已结束（{stage}），不能再改动；如需继续，请重新跟进这一匹配。"
            f" / case {case_id} is {stage} and stays as it is;"
            " to go on, take the match up again"
        )
        self.case_id = case_id
        self.stage = stage


class FileTooLarge(AccessError):
    """A file of a case has a largest size.

    Attributes:
        limit: In bytes.
    """

    def __init__(self, limit: int) -> None:
        mib = limit // 2**20
        super().__init__(
            f"文件超过 {mib} MiB；请压缩或拆分后再上传。"
            f" / the file is larger than {mib} MiB; make it smaller, or split it"
        )
        self.limit = limit


class TooManyFiles(AccessError):
    """A case holds so many files and no more.

    Attributes:
        limit: How many.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"每个跟进最多 {limit} 个文件；请合并后再上传。"
            f" / a case holds {limit} files at most; put several into one"
        )
        self.limit = limit


class UnsupportedFile(AccessError):
    """The file is of no kind that may be filed, or not of the kind that its name says."""

    def __init__(self, name: str, known: str) -> None:
        super().__init__(
            f"{name} 不是可接收的文件，或内容与扩展名不符；可接收：{known}。"
            f" / {name} is no file that can be filed, or is not what its name says;"
            f" these can: {known}"
        )
        self.name = name
