"""Where words begin and end, so that a quoted phrase is made of whole ones."""

import re
import warnings
from bisect import bisect_left
from functools import cache
from itertools import chain, groupby
from operator import itemgetter
from typing import Final

with warnings.catch_warnings():
    # its source holds invalid escapes and asks for pkg_resources; both warn on import
    warnings.simplefilter("ignore")
    import jieba

# jieba cuts each such stretch by itself, and whatever stands between them into characters
_STRETCH: Final = re.compile(r"[\u4E00-\u9FD5a-zA-Z0-9+#&._%\-]+")


def words(text: str) -> list[str]:
    """The text cut into words and whatever stands between them; joined they give the text."""
    return _dictionary().cut(text)


class Boundaries:
    """The places of a folded text at which a word begins or ends; its two ends are such places.

    A stretch between punctuation marks is cut into words when somebody first asks about it:
    of a long text few are asked about.
    """

    def __init__(self, text: str) -> None:
        """Remember the text; see ``text.Folded``."""
        self._text = text
        self._stretches = [found.span() for found in _STRETCH.finditer(text)]
        self._within: dict[int, frozenset[int]] = {}

    def __contains__(self, place: int) -> bool:
        """Whether a word begins or ends before the character at this place."""
        # the last stretch that begins before the place
        at = bisect_left(self._stretches, (place, 0)) - 1
        if at < 0 or place >= self._stretches[at][1]:
            return True
        inside = self._within.get(at)
        if inside is None:
            inside = self._within[at] = self._cut(*self._stretches[at])
        return place in inside

    def _cut(self, start: int, end: int) -> frozenset[int]:
        places = []
        for word in words(self._text[start:end]):
            start += len(word)
            places.append(start)
        return frozenset(places)


class _Dictionary:
    """The tokenizer of jieba, its dictionary read as far as texts need it.

    Read in full it takes over half a second, for hundreds of thousands of words of which a
    text can hold few: none that begins with a character that is not in it. The way jieba
    loads its dictionary also logs to stderr and trusts a cache file under a well-known name
    in the shared temporary folder, which anyone on the machine may have put there.
    """

    def __init__(self) -> None:
        self._tokenizer = jieba.Tokenizer()
        with self._tokenizer.get_dict_file() as file:
            # word, count and part of speech, again and again
            entries = file.read().decode("utf-8").split()
        self._words, self._counts = entries[::3], [int(count) for count in entries[1::3]]
        self._starting: dict[str, list[range]] = {}
        end = 0
        for first, alike in groupby(map(itemgetter(0), self._words)):
            start, end = end, end + sum(1 for _ in alike)
            self._starting.setdefault(first, []).append(range(start, end))
        self._frequencies: dict[str, int] = {}
        self._tokenizer.FREQ, self._tokenizer.total = self._frequencies, sum(self._counts)
        self._tokenizer.initialized = True

    def cut(self, text: str) -> list[str]:
        # a character is crossed off once all its words are known
        for first in set(text) & self._starting.keys():
            self._learn(first)
        return list(self._tokenizer.lcut(text))

    def _learn(self, first: str) -> None:
        """Read the words that begin with a character; that two threads do so does no harm."""
        for place in chain.from_iterable(self._starting.get(first, ())):
            word = self._words[place]
            self._frequencies[word] = self._counts[place]
            # jieba looks for longer words only where it knows the beginning
            for length in range(1, len(word)):
                self._frequencies.setdefault(word[:length], 0)
        self._starting.pop(first, None)


_dictionary = cache(_Dictionary)
