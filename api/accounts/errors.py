"""Why somebody could not sign in, or not do that with an account."""

from api.errors import ApiError

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="yilian"'}


class AccountsError(ApiError):
    """Base of the family."""


class NotSignedIn(AccountsError):
    """The request names no account, or in a way that no longer counts.

    Attributes:
        headers: How to identify oneself, as every 401 has to say (RFC 9110, 15.5.2).
    """

    def __init__(self, *, tried: bool = False) -> None:
        super().__init__(
            "未登录，或登录已失效，请重新登录（POST /v1/session）。"
            " / not signed in, or no longer; sign in again with POST /v1/session"
        )
        invalid = ', error="invalid_token"' if tried else ""
        self.headers = {name: value + invalid for name, value in _CHALLENGE.items()}


class BadCredentials(AccountsError):
    """E-mail, password or code do not fit; which of them is not told."""

    def __init__(self) -> None:
        super().__init__(
            "邮箱、密码或验证码不正确，请核对后重试；忘记密码可申请重置。"
            " / the e-mail, the password or the code is wrong; check them and try again,"
            " or ask for a reset"
        )
        self.headers = dict(_CHALLENGE)


class CodeNeeded(AccountsError):
    """The password is right, and the account also asks for a code."""

    def __init__(self) -> None:
        super().__init__(
            "请同时填写身份验证器上的六位验证码（code）。"
            " / add the six-digit code of your authenticator as code"
        )
        self.headers = dict(_CHALLENGE)


class TooManyAttempts(AccountsError):
    """Signing in failed too often lately, for this account or from this address.

    Attributes:
        retry_after_s: Whole seconds until the next attempt counts, at least 1.
    """

    def __init__(self, wait_s: int) -> None:
        super().__init__(
            f"尝试次数过多，请在 {wait_s} 秒后再试。"
            f" / too many attempts; try again in {wait_s} seconds"
        )
        self.retry_after_s = wait_s


class WeakPassword(AccountsError):
    """The password is too easy to guess, or longer than we hash."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.field = "password"


class BadLink(AccountsError):
    """A one-time link that is unknown, used or expired; which of these is not told."""

    def __init__(self) -> None:
        super().__init__(
            "链接无效、已使用或已过期，请向管理员索取新的链接。"
            " / the link is unknown, used or expired; ask the administrator for a new one"
        )


class BadCsrfToken(AccountsError):
    """A page's request that does not repeat the token from its cookie."""

    def __init__(self) -> None:
        super().__init__(
            "请求未带有效的 X-CSRF-Token，请刷新页面后重试。"
            " / the X-CSRF-Token is missing or wrong; reload the page and try again"
        )


class BadCode(AccountsError):
    """A code that does not fit the secret, or was used already."""

    def __init__(self) -> None:
        super().__init__(
            "验证码不正确或已使用，请等待下一个验证码；若一直不对，请校准手机时间。"
            " / the code is wrong or was used; wait for the next one, and check the clock of"
            " your phone if this goes on"
        )
        self.field = "code"


class SecondFactorUnreadable(AccountsError):
    """The secret behind an account's codes was sealed under another signing secret."""

    def __init__(self) -> None:
        super().__init__(
            "第二因素无法核对：它是用另一个签名密钥加密的（数据库可能从别处恢复）。请管理员恢复原来的"
            "签名密钥，或为该账号重置（POST /v1/users/{id}/invite，或 yilian user link）。"
            " / the code cannot be checked: the second factor was sealed under another signing"
            " secret, as in a database from elsewhere; the administrator brings that one back, or"
            " resets the account with POST /v1/users/{id}/invite or yilian user link"
        )


class NothingToConfirm(AccountsError):
    """A code without a secret that it could confirm."""

    def __init__(self) -> None:
        super().__init__(
            "尚未申请绑定身份验证器，请先 POST /v1/me/totp。"
            " / no authenticator is being enrolled; start with POST /v1/me/totp"
        )


class OnlyInPerson(AccountsError):
    """A key of a machine tried what only a signed-in person may do."""

    def __init__(self) -> None:
        super().__init__(
            "此操作须本人登录后进行，不能使用 API 密钥。"
            " / only a signed-in person may do this, not an API key"
        )


class BadScope(AccountsError):
    """A scope that names no operation, or none at all.

    Attributes:
        scope: As it was written.
    """

    def __init__(self, scope: str) -> None:
        super().__init__(
            f"没有名为 {scope!r} 的权限；请用 need.read 这样的操作名，或 need.* 表示该资源的全部。"
            f" / there is no scope {scope!r}; write an operation such as need.read,"
            " or need.* for all of a resource"
        )
        self.scope = scope
        self.field = "scopes"


class SecretUnreadable(AccountsError):
    """The file with the signing secret is there but of no use.

    Attributes:
        path: The file.
    """

    def __init__(self, path: str) -> None:
        super().__init__(
            f"签名密钥文件 {path} 不可用（过短或无法读取）。请从副本恢复；也可删除后重启，"
            "但网页须重新登录，第二因素与 Webhook 密钥须重新设置。"
            f" / the signing secret in {path} is too short or unreadable; restore it from a"
            " copy, or remove it and start again, which signs pages out and loses second factors"
            " and the secrets of webhooks"
        )
        self.path = path


class ProviderUnreachable(AccountsError):
    """The OpenID Connect provider does not answer, or not as the standard says.

    Attributes:
        reason: For the log.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"统一身份认证服务暂不可用（{reason}），请稍后再试，或使用密码登录。"
            f" / the single sign-on service does not answer as it should ({reason});"
            " try again later, or sign in with a password"
        )
        self.reason = reason


class ProviderRefused(AccountsError):
    """The OpenID Connect sign-in did not lead to an account of ours.

    Attributes:
        reason: A word for the log.
    """

    def __init__(self, reason: str, zh: str, en: str) -> None:
        super().__init__(f"统一身份认证未成功：{zh} / single sign-on failed: {en}")
        self.reason = reason
