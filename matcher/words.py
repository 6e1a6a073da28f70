"""Where words begin and end, so that a quoted phrase is made of whole ones."""

import re
import warnings
from bisect import bisect_left
from functools import cache
from typing import Final

with warnings.catch_warnings():
    # its source holds invalid escapes and asks for pkg_resources; both warn on import
    warnings.simplefilter("ignore")
    import jieba

# jieba cuts each such stretch by itself, and whatever stands between them into characters
_STRETCH: Final = re.compile(r"[\u4E00-\u9FD5a-zA-Z0-9+#&._%\-]+")


def words(text: str) -> list[str]:
    """The text cut into words and whatever stands between them; joined they give the text."""
    return list(_tokenizer().lcut(text))


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


@cache
def _tokenizer() -> jieba.Tokenizer:
    """The tokenizer of jieba with its dictionary read directly, in about half a second.

    The way jieba loads it logs to stderr and trusts a cache file under a well-known name
    in the shared temporary folder, which anyone on the machine may have put there.
    """
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer
