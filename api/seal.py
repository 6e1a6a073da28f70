"""What the service has to read again, and nobody else may: encrypted under the signing secret.

Passwords, tokens and keys are stored as digests. The secret of an authenticator and that of
a webhook are needed as they are, so they lie in the database, and in its backups, under a
seal whose key is kept apart.
"""

import base64
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from api.errors import ApiError

PREFIX = "sealed:"
"""Begins everything under a seal; what was stored before there were seals has none."""

_KEY_BYTES = 32


class SealBroken(ApiError):
    """Something was sealed under another secret, or changed since."""

    def __init__(self) -> None:
        super().__init__(
            "密文无法解开：数据库里的内容是用另一个签名密钥加密的，或已损坏。请恢复原来的签名密钥。"
            " / what is stored was sealed under another signing secret, or is damaged; bring the"
            " former secret back"
        )


class Seal:
    """Encrypts texts for one purpose (Fernet; its key is derived by HKDF, RFC 5869)."""

    def __init__(self, secret: str, purpose: str) -> None:
        """Derive the key.

        Args:
            secret: The service's signing secret.
            purpose: What is sealed; one purpose cannot open what another sealed.
        """
        info = f"yilian seal: {purpose}".encode()
        key = HKDF(SHA256(), _KEY_BYTES, salt=None, info=info).derive(secret.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, text: str) -> str:
        """The text under the seal, in ASCII; another one each time."""
        return PREFIX + self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, stored: str) -> str:
        """The text again; one that was stored without a seal is given as it is.

        Raises:
            SealBroken: it was sealed under another secret or for another purpose.
        """
        if not stored.startswith(PREFIX):
            return stored
        try:
            return self._fernet.decrypt(stored.removeprefix(PREFIX)).decode()
        except (InvalidToken, ValueError) as error:
            raise SealBroken from error


@dataclass(frozen=True, slots=True)
class Seals:
    """The seals of one service.

    Attributes:
        second_factor: Of authenticators' secrets.
        webhook: Of webhooks' signing secrets.
    """

    second_factor: Seal
    webhook: Seal

    @classmethod
    def of(cls, secret: str) -> "Seals":
        """The seals under a signing secret."""
        return cls(Seal(secret, "second factor"), Seal(secret, "webhook"))
