"""A repeated request gets the answer of the first one (``Idempotency-Key``).

The answer is stored in the transaction of the deed itself, so that there is never the one
without the other.
"""

from dataclasses import dataclass
from hashlib import sha256

from fastapi.responses import Response

from api.errors import ApiError
from data.access.repeats import Answered, Repeats

_KEPT = ("location", "etag", "content-type")


class Replay(Exception):  # noqa: N818 - not an error: it carries the answer out of the block
    """Ends a request early with the answer that the same request got before."""

    def __init__(self, response: Response) -> None:
        super().__init__("answered before")
        self.response = response


class KeyReused(ApiError):
    """One Idempotency-Key was sent with two different requests."""

    def __init__(self) -> None:
        super().__init__(
            "同一个 Idempotency-Key 已用于另一个请求，请换一个新的。"
            " / this Idempotency-Key was used for another request; use a new one"
        )


@dataclass(frozen=True, slots=True)
class RepeatGuard:
    """One request with a key.

    Attributes:
        key: The caller's key.
        request: Digest of what was asked.
    """

    key: str
    request: str

    @classmethod
    def of(cls, key: str, method: str, path: str, body: bytes) -> "RepeatGuard":
        """The guard of a request with this key."""
        asked = sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()
        return cls(key, asked)

    def begin(self, repeats: Repeats) -> None:
        """Holds the key for this transaction.

        Raises:
            Replay: the same request was answered before.
            KeyReused: another request was answered under this key.
        """
        before = repeats.claim(self.key, self.request)
        if before is None:
            return
        if before.request != self.request:
            raise KeyReused
        raise Replay(
            Response(
                before.body,
                before.status,
                headers={**before.headers, "Idempotent-Replayed": "true"},
            )
        )

    def finish(self, repeats: Repeats, response: Response) -> None:
        """Keeps the answer beside the deed."""
        headers = {k: v for k, v in response.headers.items() if k in _KEPT}
        body = bytes(response.body).decode()
        repeats.keep(self.key, Answered(self.request, response.status_code, headers, body))
