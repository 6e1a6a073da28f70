"""What one request or job did, gathered until its transaction ends."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from data.audit import Event, append
from data.policy.actor import Actor
from data.policy.operation import Operation

Fact = str | int | float | bool | None | Sequence[str]

LONGEST = 200
"""Characters kept of any one text; facts are names and numbers, never whole texts."""

_SECRETS = ("password", "secret", "token", "hash", "cookie")


class Trail:
    """Notes what an actor does, and writes it to the audit with the deed itself."""

    def __init__(self, actor: Actor, *, address: str = "", request: str = "") -> None:
        """Name who acts.

        Args:
            actor: Who.
            address: Network address of the request; empty for the program's own work.
            request: The request's id, as it stands in the log.
        """
        self._actor = actor
        self._address = _clean(address)
        self._request = _clean(request)
        self._events: list[Event] = []

    @property
    def pending(self) -> bool:
        """Whether anything was noted and is not written yet."""
        return bool(self._events)

    def note(self, operation: Operation, kind: str, item: str, /, **facts: Fact) -> None:
        """Remembers a deed; ``write`` records it.

        Args:
            operation: What was done.
            kind: Kind of the thing, such as ``need``.
            item: Its id; empty where there is no single thing.
            facts: Scalars or lists of text that a later reader needs, such as the names of
                the fields that changed. No secrets and no text of postings.

        Raises:
            ValueError: a fact bears the name of a secret; that is a defect of the caller.
        """
        for name in facts:
            if name in _SECRETS or name.endswith(tuple(f"_{word}" for word in _SECRETS)):
                raise ValueError(f"the audit keeps no secrets, and {name!r} is named like one")
        self._events.append(
            Event(
                at=datetime.now(UTC),
                actor=self._actor.id,
                role=self._actor.role.value,
                organization=self._actor.organization,
                operation=operation.value,
                kind=kind,
                item=_clean(item),
                address=self._address,
                request=self._request,
                facts={name: _plain(fact) for name, fact in facts.items()},
            )
        )

    def write(self, session: Session) -> None:
        """Appends everything noted so far to the chain, as the last act of a transaction."""
        events, self._events = self._events, []
        if events:
            append(session, events)


def _plain(fact: Fact) -> object:
    if isinstance(fact, str):
        return _clean(fact)
    if isinstance(fact, Sequence):
        return [_clean(text) for text in fact]
    return fact


def _clean(text: str) -> str:
    """The text as either database can hold it: no NUL, no lone surrogate, not too long."""
    sound = str(text).encode("utf-8", "replace").decode("utf-8").replace("\0", "?")
    return sound if len(sound) <= LONGEST else f"{sound[: LONGEST - 1]}…"
