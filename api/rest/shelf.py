"""Answers that were rendered before, kept until what they show has changed."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

MOST_BYTES = 64 * 2**20


class Shelf:
    """Rendered answers by reader and question, least recently asked for given up first.

    Args:
        most_bytes: How much is kept.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[Hashable, tuple[str, bytes]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def find(self, key: Hashable, stamp: str) -> bytes | None:
        """The answer, if it was rendered from the state that the stamp names."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept[0] != stamp:
                return None
            self._kept.move_to_end(key)
            return kept[1]

    def keep(self, key: Hashable, stamp: str, body: bytes) -> None:
        """Keeps an answer in place of the one before."""
        with self._lock:
            before = self._kept.pop(key, None)
            self._bytes += len(body) - (len(before[1]) if before else 0)
            self._kept[key] = (stamp, body)
            while self._bytes > self._most:
                _, (_, given_up) = self._kept.popitem(last=False)
                self._bytes -= len(given_up)
