"""What the guarded repositories complain about, besides the policy's refusals."""

from data.errors import DataError


class AccessError(DataError):
    """Base of the family."""


class Changed(AccessError):
    """Somebody else changed the thing since it was read; nothing was overwritten."""

    def __init__(self, item_id: str) -> None:
        super().__init__(
            f"{item_id} 在您读取之后已被修改，请重新读取后再保存。"
            f" / {item_id} was changed since you read it; read it again, then save"
        )
        self.item_id = item_id


class NotAcceptable(AccessError):
    """The words cannot be stored as they are.

    Attributes:
        field: The field at fault.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NeedsMask(AccessError):
    """A masked posting cannot be published without a summary that its owner approved."""

    def __init__(self, item_id: str) -> None:
        super().__init__(
            f"{item_id} 为脱敏发布，请先由发布方填写并确认脱敏摘要。"
            f" / {item_id} is masked; its owner has to write and approve a summary first"
        )
        self.item_id = item_id


class ReasonMissing(AccessError):
    """The step asks for a reason."""

    def __init__(self, step: str) -> None:
        super().__init__(
            f"此步骤（{step}）须说明理由，请填写 reason。 / {step} needs a reason; fill in reason"
        )
        self.step = step


class AlreadyThere(AccessError):
    """Something else is stored under this id."""

    def __init__(self, item_id: str) -> None:
        super().__init__(
            f"编号 {item_id!r} 已被占用，请换一个，或留空自动生成。"
            f" / the id {item_id!r} is taken; choose another, or leave it out to get one"
        )
        self.item_id = item_id
