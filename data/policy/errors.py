"""What the policy refuses."""

from collections.abc import Sequence

from data.errors import DataError
from data.policy.operation import Operation
from matcher.types import Status


class PolicyError(DataError):
    """Base of the family."""


class Forbidden(PolicyError):
    """The actor may see the thing, but not do this to it."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(
            f"当前账号无权执行此操作（{operation}）；如确有需要，请联系管理员调整权限。"
            f" / this account may not do that ({operation}); ask an administrator if it should"
        )
        self.operation = operation


class Partial(Forbidden):
    """Nobody judges or pursues the matches of the organisation that he belongs to."""

    def __init__(self, operation: Operation) -> None:
        PolicyError.__init__(
            self,
            "为保证公正，成果所属单位的人员不能评价或跟进本单位的匹配，请由其他经纪人或需求方处理。"
            " / nobody judges or takes up the matches of his own organisation;"
            " leave it to another broker or to the enterprise",
        )
        self.operation = operation


class Unseen(PolicyError):
    """Nothing with this id is stored that the actor may see; which of the two is not told."""

    def __init__(self, item_id: str) -> None:
        super().__init__(
            f"没有编号为 {item_id!r} 的记录，或当前账号不可查看。"
            f" / nothing is stored under {item_id!r} that this account may see"
        )
        self.item_id = item_id


class IllegalStep(PolicyError):
    """A posting cannot take this step from where it stands.

    Attributes:
        possible: Steps that somebody may take from there.
    """

    def __init__(
        self, item_id: str, step: Operation, status: Status, possible: Sequence[Operation]
    ) -> None:
        verb, verbs = step.removeprefix("step."), [s.removeprefix("step.") for s in possible]
        super().__init__(
            f"{item_id} 当前状态为 {status}，不能执行 {verb}；可执行：{'、'.join(verbs) or '无'}。"
            f" / {item_id} is {status} and cannot take the step {verb};"
            f" from here: {', '.join(verbs) or 'none'}"
        )
        self.item_id = item_id
        self.status = status
        self.possible = tuple(possible)
