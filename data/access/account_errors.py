"""What the repositories of accounts complain about."""

from data.access.errors import AccessError


class EmailTaken(AccessError):
    """Another account has this e-mail, perhaps in other capitals."""

    def __init__(self, email: str) -> None:
        super().__init__(
            f"邮箱 {email} 已有账号，请在用户列表中查找，必要时重新启用。"
            f" / {email} has an account already; find it among the users, and enable it again"
            " if need be"
        )
        self.email = email
        self.field = "email"


class OneselfNotAllowed(AccessError):
    """Nobody shuts himself out."""

    def __init__(self) -> None:
        super().__init__(
            "不能停用自己的账号或更改自己的角色，请由另一位管理员操作。"
            " / you cannot disable yourself or change your own role; ask another administrator"
        )


class LastAdministrator(AccessError):
    """Without an enabled administrator nobody could let anybody in."""

    def __init__(self) -> None:
        super().__init__(
            "这是最后一个可用的管理员账号，请先任命另一位管理员。"
            " / this is the last enabled administrator; appoint another one first"
        )
