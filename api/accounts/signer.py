"""Signed statements of ours: short-lived, and read without the database."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

ALGORITHM = "HS256"
"""The only one accepted: a token does not choose how it is checked (RFC 8725, 3.1)."""

ISSUER = "yilian"
LEEWAY_S = 5
LONGEST = 4000
"""Characters of a token that is looked at."""


class Signer:
    """Signs and reads statements under one secret, as JSON Web Tokens."""

    def __init__(
        self, secret: str, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Keep the secret.

        Args:
            secret: At least 32 characters.
            clock: When a statement is signed; for tests.
        """
        self._secret = secret.encode()
        self._clock = clock

    def sign(self, said: Mapping[str, Any], *, audience: str, lifetime: timedelta) -> str:
        """A statement for one audience; another one does not accept it."""
        now = self._clock()
        frame = {"iss": ISSUER, "aud": audience, "iat": now, "exp": now + lifetime}
        return jwt.encode({**said, **frame}, self._secret, algorithm=ALGORITHM)

    def read(self, token: str, *, audience: str) -> dict[str, Any] | None:
        """What was stated; None where it is forged, expired or for somebody else."""
        if len(token) > LONGEST:
            return None
        try:
            return jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                audience=audience,
                issuer=ISSUER,
                leeway=LEEWAY_S,
                options={"require": ["iss", "aud", "iat", "exp"]},
            )
        except (jwt.InvalidTokenError, ValueError):
            return None

    def stamp(self, purpose: str, value: str) -> str:
        """What only the holder of the secret can say of a value: 64 hexadecimal digits."""
        return hmac.new(self._secret, f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()
