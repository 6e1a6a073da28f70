"""Access tokens, and what a page repeats beside its cookie."""

import hmac
from dataclasses import dataclass
from datetime import timedelta

from api.accounts.signer import Signer

AUDIENCE = "yilian-api"
PAGE_LIFETIME = timedelta(hours=12)
"""Of a page's cookie, which lasts a working day; ending its session ends it at once."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says.

    Attributes:
        user: The account.
        session: The sign-in that it follows from.
        epoch: Of the account when it was issued.
    """

    user: str
    session: str
    epoch: int


class AccessTokens:
    """Issues and reads access tokens."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def issue(self, claims: Claims, *, lifetime: timedelta) -> str:
        """A token for this session."""
        said = {"sub": claims.user, "sid": claims.session, "epoch": claims.epoch}
        return self._signer.sign(said, audience=AUDIENCE, lifetime=lifetime)

    def read(self, token: str) -> Claims | None:
        """What a token says; None where it is forged, expired or none of ours."""
        said = self._signer.read(token, audience=AUDIENCE) or {}
        user, session, epoch = said.get("sub"), said.get("sid"), said.get("epoch")
        if isinstance(user, str) and isinstance(session, str) and type(epoch) is int:
            return Claims(user, session, epoch)
        return None

    def csrf_token(self, session: str) -> str:
        """What a page's requests repeat in ``X-CSRF-Token``; bound to the session.

        A signed double submit, as OWASP describes it: a neighbouring site can plant a
        cookie, but none that fits.
        """
        return self._signer.stamp("csrf", session)

    def csrf_fits(self, token: str, session: str) -> bool:
        """Whether a request repeated the token of its session."""
        sent = token.encode("utf-8", "surrogatepass")
        return hmac.compare_digest(sent, self.csrf_token(session).encode())
