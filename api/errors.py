"""What the faces complain about, and every error family that is ours to word."""

from data.errors import DataError
from embeddings.errors import EmbeddingError
from evaluation.errors import EvaluationError
from matcher.errors import MatcherError


class ApiError(Exception):
    """Base of the family."""


class UnknownRecord(ApiError):
    """An id under which nothing of the wanted kind is stored."""

    def __init__(self, record_id: str) -> None:
        super().__init__(
            f"没有编号为 {record_id!r} 的记录，可用 yilian list needs 等查看已有编号；"
            f"尚无数据时请先运行 yilian load。"
            f" / nothing is stored under {record_id!r}; see the ids with yilian list,"
            f" or load a file first"
        )
        self.record_id = record_id


class PairingBusy(ApiError):
    """One plan is solved at a time: two would take each other's time limit away."""

    retry_after_s = 30

    def __init__(self) -> None:
        super().__init__(
            "正在求解另一个结对方案，请稍后再试。"
            " / another pairing is being solved; try again in a moment"
        )


class PairingTooLarge(ApiError):
    """So many needs take longer than a request should: a job solves them."""

    def __init__(self, needs: int, most: int) -> None:
        super().__init__(
            f"共有 {needs} 条需求，超过 {most} 条请用 POST /v1/pairing-orders 在后台求解。"
            f" / there are {needs} needs; above {most} have them solved in the background"
            f" with POST /v1/pairing-orders"
        )
        self.needs = needs
        self.most = most


class PairingRefused(ApiError):
    """The rules contradict each other, or name what does not exist; it says which."""


OURS = (ApiError, DataError, EmbeddingError, EvaluationError, MatcherError)
"""Errors whose message is meant for people; anything else is a defect."""
