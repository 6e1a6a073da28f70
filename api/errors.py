"""What the faces complain about, and every error family that is ours to word."""

from data.errors import DataError, FrozenPlan, NothingToRollBack, UnknownPlan, UnknownRanker
from embeddings.errors import EmbeddingError
from evaluation.errors import EvaluationError
from matcher.decision import BadDecision
from matcher.errors import EmptyQuery, MatcherError, TooLittleToLearn


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


OURS = (ApiError, DataError, EmbeddingError, EvaluationError, MatcherError)
"""Errors whose message is meant for people; anything else is a defect."""

STATUS_OF: dict[type[Exception], int] = {
    UnknownRecord: 404,
    UnknownRanker: 404,
    UnknownPlan: 404,
    NothingToRollBack: 409,
    FrozenPlan: 409,
    TooLittleToLearn: 409,
    BadDecision: 422,
    EmptyQuery: 422,
}
"""Errors that the caller can mend; every other one of ours is a 503."""


def status_of(error: Exception) -> int:
    """The HTTP status that says whose turn it is."""
    return next((s for kind, s in STATUS_OF.items() if isinstance(error, kind)), 503)
