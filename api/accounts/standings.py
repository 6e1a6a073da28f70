"""Whether sessions and keys still count, asked of the database every few seconds at most."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")

FRESH_S = 3.0
"""How long another process may go on with an account that was shut here."""

MOST = 10_000
"""Entries kept; beyond that all are dropped, which costs one look each."""


class Standings(Generic[Value]):
    """A small cache in front of one question.

    A change made in this process is followed at once: ``forget`` drops every answer, also
    those that are being looked up at that moment.
    """

    def __init__(
        self,
        look_up: Callable[[str], Value | None],
        *,
        fresh_s: float = FRESH_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep the question.

        Args:
            look_up: Answers for one key; None is never kept.
            fresh_s: How long an answer counts, in seconds.
            clock: Seconds from anywhere; for tests.
        """
        self._look_up = look_up
        self._fresh_s = fresh_s
        self._clock = clock
        self._lock = Lock()
        self._looking = Lock()
        self._generation = 0
        self._known: dict[str, tuple[float, Value]] = {}

    def of(self, key: str) -> Value | None:
        """The answer for a key, at most ``fresh_s`` old."""
        known = self.known(key)
        if known is not None:
            return known
        # of many who come with the same key the first one looks, and the others know
        with self._looking:
            return self.known(key) or self._looked_up(key)

    def _looked_up(self, key: str) -> Value | None:
        now, generation = self._clock(), self._generation
        value = self._look_up(key)
        if value is not None:
            with self._lock:
                if generation == self._generation:
                    if len(self._known) >= MOST:
                        self._known.clear()
                    self._known[key] = (now, value)
        return value

    def known(self, key: str) -> Value | None:
        """The same, if no look is needed for it."""
        found = self._known.get(key)
        fresh = found is not None and self._clock() - found[0] < self._fresh_s
        return found[1] if found is not None and fresh else None

    def forget(self) -> None:
        """Drops every answer, since accounts were changed."""
        with self._lock:
            self._generation += 1
            self._known.clear()
