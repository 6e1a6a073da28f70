"""Codes of an authenticator (TOTP, RFC 6238)."""

import hmac
from datetime import datetime

import pyotp
from pyotp.utils import build_uri

STEP_S = 30
DIGITS = 6
DRIFT = 1
"""Steps that a phone's clock may be off, either way."""


def new_secret() -> str:
    """A secret for an authenticator: 160 bits in base 32."""
    return pyotp.random_base32()


def enrolment_uri(secret: str, *, account: str) -> str:
    """What a QR code shows to an authenticator."""
    return build_uri(secret, account, issuer="Yilian")


def step_of(code: str, secret: str, *, now: datetime, after: int) -> int | None:
    """The time step that a code belongs to; None where it fits none, or an old one.

    Args:
        code: Six digits; spaces do not matter.
        secret: The account's.
        now: The time.
        after: The last step whose code was used; that one and earlier ones are refused.
            One far ahead is from a clock that was wrong, and only that very one is refused.
    """
    written = "".join(code.split())
    if len(written) != DIGITS or not (written.isascii() and written.isdigit()):
        return None
    codes = pyotp.TOTP(secret)
    current = int(now.timestamp()) // STEP_S
    fitting = [
        step
        for step in range(current - DRIFT, current + DRIFT + 1)
        if hmac.compare_digest(codes.at(step * STEP_S), written)
    ]
    wrong_clock = after > current + DRIFT
    return next((step for step in fitting if step > after or wrong_clock), None)
