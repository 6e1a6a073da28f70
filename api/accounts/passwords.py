"""Passwords: good enough, hashed with Argon2id, and compared in even time."""

import unicodedata
from threading import BoundedSemaphore
from typing import Protocol

from api.accounts.errors import WeakPassword

SHORTEST, LONGEST = 10, 200
"""Characters; NIST SP 800-63B asks for at least 8, and that long ones be allowed."""

AT_ONCE = 4
"""Hashes computed together; each takes 19 MiB, and a flood of sign-ins must not take all."""

_COMMON = frozenset(
    """
    0123456789 1234567890 0987654321 1234567891 12345678910 123456789a 1111111111 0000000000
    8888888888 6666666666 1122334455 5201314520 5201314000 1qaz2wsx3edc 1q2w3e4r5t 1q2w3e4r5t6y
    qwertyuiop qwerty12345 qwerty123456 asdfghjkl1 zaq12wsxcde3 password12 password123
    password1234 passw0rd123 p@ssw0rd123 iloveyou123 woaini1314 woaini520520 woaini1314520
    abcd123456 abc1234567 abc123456789 a123456789 aa123456789 admin12345 admin123456
    administrator letmein123 welcome123 changeme123 qq123456789 yilian123456 yilian2024
    """.split()  # fmt: skip
)


class Hasher(Protocol):
    """What ``pwdlib.PasswordHash`` does, so that tests can pass a cheap one."""

    def hash(self, password: str) -> str: ...

    def verify_and_update(self, password: str, hash: str) -> tuple[bool, str | None]: ...


def recommended_hasher() -> Hasher:
    """Argon2id with 19 MiB, two passes and one lane, as OWASP recommends."""
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    return PasswordHash((Argon2Hasher(memory_cost=19_456, time_cost=2, parallelism=1),))


class Passwords:
    """Hashes and checks passwords."""

    def __init__(self, hasher: Hasher | None = None) -> None:
        """Prepare the hash that stands in where an account has none.

        Args:
            hasher: Another one than recommended; for tests.
        """
        self._hasher = hasher or recommended_hasher()
        self._slots = BoundedSemaphore(AT_ONCE)
        self._nobodys = self._hasher.hash("nobody has this password")

    def hash(self, password: str, *, email: str) -> str:
        """What to store of a new password.

        Raises:
            WeakPassword: it is too short, too long, common, or the e-mail.
        """
        check_quality(password, email=email)
        with self._slots:
            return self._hasher.hash(_normal(password))

    def verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        """Whether the password fits, and a better hash to store if ours became stronger.

        Takes the same time whether or not there is an account, so the clock does not tell.

        Args:
            password: As it was typed; one longer than ``LONGEST`` never fits.
            stored: The account's hash; None where there is no account or no password.
        """
        # Argon2 reads the whole password; what could never be set is not worth hashing
        typed = _normal(password) if len(password) <= LONGEST else ""
        with self._slots:
            fits, better = self._hasher.verify_and_update(typed, stored or self._nobodys)
        good = fits and stored is not None and bool(typed)
        return good, better if good else None


def check_quality(password: str, *, email: str) -> None:
    """Refuses what a guesser tries first; length counts, not kinds of characters.

    Raises:
        WeakPassword: the message says what is wrong.
    """
    if len(password) > LONGEST:
        raise WeakPassword(
            f"密码过长，最多 {LONGEST} 个字符。", f"the password has more than {LONGEST} characters"
        )
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in password):
        raise WeakPassword(
            "密码含有控制字符或残缺字符，请删去。",
            "the password holds control characters or broken ones; leave them out",
        )
    plain = _normal(password).casefold()
    if len(plain) < SHORTEST:
        raise WeakPassword(
            f"密码过短，至少 {SHORTEST} 个字符；几个词连成的短语最好记。",
            f"the password needs at least {SHORTEST} characters; a phrase is easiest to keep",
        )
    address = email.casefold()
    if plain in (address, address.split("@")[0]):
        raise WeakPassword("密码不能与邮箱相同。", "the password must not be the e-mail")
    if plain in _COMMON or len(set(plain)) < 4:
        raise WeakPassword(
            "这个密码太常见，容易被猜到，请换一个。",
            "this password is among the first that are tried; choose another",
        )


def _normal(password: str) -> str:
    """One spelling for what looks the same; keyboards differ in how they compose."""
    return unicodedata.normalize("NFKC", password)
