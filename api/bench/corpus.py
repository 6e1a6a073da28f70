"""Invented postings in any number: sentences of the samples, put together anew."""

import random
import re
from collections.abc import Iterator

from data.samples import sample_texts
from matcher.types import Achievement, Need

CHARACTERS = 400
"""About how long a text is."""


def invented_achievements(count: int, *, seed: int = 0) -> Iterator[Achievement]:
    """Published achievements ``a-0``, ``a-1`` … of about ``CHARACTERS`` characters each."""
    writer = _Writer(seed)
    for number in range(count):
        yield Achievement(
            id=f"a-{number}", title=writer.title(), text=writer.text(), trl=writer.figure(1, 9)
        )


def invented_needs(count: int, *, seed: int = 1) -> Iterator[Need]:
    """Published needs ``n-0``, ``n-1`` … of about a quarter of that length."""
    writer = _Writer(seed)
    for number in range(count):
        yield Need(id=f"n-{number}", title=writer.title(), text=writer.text(CHARACTERS // 4))


class _Writer:
    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._titles, texts = sample_texts()
        found = (s for text in texts for s in re.split(r"(?<=[。；])", text))
        self._sentences = [s for s in found if len(s) > 5]

    def title(self) -> str:
        # one's beginning with another's end: mostly new words side by side, and no two alike
        one, other = self._chance.sample(self._titles, 2)
        half = len(one) // 2
        return f"{one[:half]}{other[len(other) // 2 :]}{self._chance.randrange(10**6)}型"

    def text(self, length: int = CHARACTERS) -> str:
        told = ""
        while len(told) < length:
            sentence = self._chance.choice(self._sentences)
            told += re.sub(r"\d+", lambda m: str(self.figure(1, 10 ** len(m[0]))), sentence)
        return told

    def figure(self, low: int, high: int) -> int:
        return self._chance.randint(low, high)
