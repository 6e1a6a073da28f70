"""The longest passages that one text shares with each of many, all found together.

Every pair and triple of characters that both sides have is a seed; all seeds grow at once,
one character a step, so that two hundred candidates cost little more than one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_PASSAGE_CHARS: Final = 40
"""A longer passage is found in pieces; keeps degenerate texts linear."""

MAX_PLACES: Final = 16
"""Places in each text at which a pair or triple of characters is taken up."""

_SEEDS: Final = 1 << 21
"""Seeds that grow together at most: 16 MB for each of the arrays at work."""

_JOINING: Final = frozenset("-+/.%·")
_BITS: Final = np.uint64(21)
# ends of texts; folded texts hold neither, so nothing grows across them
_ASKED_END: Final = "\x00"
_TEXT_END: Final = "\x01"

_Ints = NDArray[np.int64]


class Passage(NamedTuple):
    """A stretch that both texts have.

    Attributes:
        at: Where it begins in the asking text.
        place: Where it begins in the other one.
        length: Characters, 2 to 40.
    """

    at: int
    place: int
    length: int


def shared_passages(asked: str, texts: Sequence[str]) -> list[list[Passage]]:
    """For each place of a text the longest passage that begins there and stands in another.

    A passage is made of letters, digits, ideographs and ``-+/.%·``. Of several places of one
    length it is the first. Beyond their 16th place in a text, three characters begin nothing.

    Args:
        asked: Folded; see ``text.Folded``.
        texts: Folded, any number.

    Returns:
        For each text its passages by where they begin in ``asked``; they overlap.
    """
    query = _Asked.of(asked)
    block = max(1, _SEEDS // (MAX_PLACES * len(query.codes)))
    return [
        passages
        for first in range(0, len(texts), block)
        for passages in query.passages(texts[first : first + block])
    ]


class _Keys(NamedTuple):
    """Groups of neighbouring characters of the asking text.

    Attributes:
        distinct: (n,) uint64, ascending.
        starts: (n + 1,) where the places of each begin in ``places``.
        places: Where they stand.
    """

    distinct: NDArray[np.uint64]
    starts: _Ints
    places: _Ints

    @classmethod
    def of(cls, keys: NDArray[np.uint64], places: _Ints) -> "_Keys":
        early = _ordinals(keys) < MAX_PLACES
        keys, places = keys[early], places[early]
        distinct, counts = np.unique(keys, return_counts=True)
        order = np.argsort(keys, kind="stable")
        return cls(distinct, np.concatenate([[0], np.cumsum(counts)]), places[order])

    def find(self, keys: NDArray[np.uint64]) -> tuple[_Ints, _Ints]:
        """Which of the keys are held, and as which of ``distinct``."""
        if not len(self.distinct):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        which = np.searchsorted(self.distinct, keys)
        which[which == len(self.distinct)] = 0
        held = np.flatnonzero(self.distinct[which] == keys)
        return held, which[held]

    def joined(self, which: _Ints) -> tuple[_Ints, _Ints]:
        """Each of ``which`` once for every place of it: its row, and the place."""
        counts = np.diff(self.starts)[which]
        rows = np.repeat(np.arange(len(which)), counts)
        offsets = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        return rows, self.places[self.starts[which][rows] + offsets]


@dataclass(frozen=True, slots=True)
class _Asked:
    """The asking text, looked up by every pair and triple of its characters."""

    codes: NDArray[np.uint64]
    quotable: NDArray[np.bool_]
    pairs: _Keys
    triples: _Keys

    @classmethod
    def of(cls, text: str) -> "_Asked":
        codes = _codes(text + _ASKED_END * 2)
        quotable = np.array([c.isalnum() or c in _JOINING for c in text] + [False] * 2)
        at = np.flatnonzero(quotable[:-1] & quotable[1:])
        pairs = _paired(codes[at], codes[at + 1])
        triples = _paired(pairs, codes[at + 2])
        return cls(codes, quotable, _Keys.of(pairs, at), _Keys.of(triples, at))

    def passages(self, texts: Sequence[str]) -> Iterator[list[Passage]]:
        codes = _codes("".join(text + _TEXT_END * 2 for text in texts))
        ends = np.cumsum([len(text) + 2 for text in texts])
        place, pair = self.pairs.find(_paired(codes[:-1], codes[1:]))
        text = np.searchsorted(ends, place, side="right")
        of_triples = self._of_triples(codes, text, place)
        found = _merged(of_triples, self._of_pairs(pair, text, place), len(self.codes))
        starts = np.concatenate([[0], ends])[found.text]
        columns = (found.at, found.place - starts, found.length)
        rows = list(map(Passage, *(column.tolist() for column in columns)))
        cuts = np.searchsorted(found.text, np.arange(len(texts) + 1)).tolist()
        for first, last in zip(cuts, cuts[1:], strict=False):
            yield rows[first:last]

    def _of_pairs(self, pair: _Ints, text: _Ints, place: _Ints) -> "_Found":
        """Passages of two characters, at the first place of each text."""
        first = np.unique(text * len(self.pairs.distinct) + pair, return_index=True)[1]
        rows, at = self.pairs.joined(pair[first])
        rows = first[rows]
        return _Found(text[rows], at, place[rows], np.full(len(at), 2))

    def _of_triples(self, codes: NDArray[np.uint64], text: _Ints, place: _Ints) -> "_Found":
        """Passages that begin like a triple, as long as they are."""
        keys = _paired(_paired(codes[place], codes[place + 1]), codes[place + 2])
        held, triple = self.triples.find(keys)
        text, place = text[held], place[held]
        early = np.flatnonzero(_ordinals(text * len(self.triples.distinct) + triple) < MAX_PLACES)
        rows, at = self.triples.joined(triple[early])
        rows = early[rows]
        text, place = text[rows], place[rows]
        length = np.full(len(at), 2)
        growing = np.arange(len(at))
        for size in range(2, MAX_PASSAGE_CHARS):
            asked = at[growing] + size
            same = self.codes[asked] == codes[place[growing] + size]
            growing = growing[same & self.quotable[asked]]
            if not len(growing):
                break
            length[growing] = size + 1
        return _Found(text, at, place, length)


class _Found(NamedTuple):
    """Passages as columns: which text, where in both, how long."""

    text: _Ints
    at: _Ints
    place: _Ints
    length: _Ints


def _merged(triples: _Found, pairs: _Found, size: int) -> _Found:
    """For each text and place the longest and first passage; pairs where there is no triple."""
    lone = ~np.isin(pairs.text * size + pairs.at, triples.text * size + triples.at)
    found = _Found(*(np.concatenate([a, b[lone]]) for a, b in zip(triples, pairs, strict=True)))
    order = np.lexsort((found.place, -found.length, found.at, found.text))
    text, at = found.text[order], found.at[order]
    best = np.ones(len(order), dtype=bool)
    best[1:] = (text[1:] != text[:-1]) | (at[1:] != at[:-1])
    return _Found(*(column[order[best]] for column in found))


def _ordinals(keys: NDArray[np.int64] | NDArray[np.uint64]) -> _Ints:
    """(n,) how many equal keys stand before each."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    new = np.ones(len(keys), dtype=bool)
    new[1:] = ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(new)
    ordinals = np.empty(len(keys), dtype=np.int64)
    ordinals[order] = np.arange(len(keys)) - np.repeat(starts, np.diff([*starts, len(keys)]))
    return ordinals


def _codes(text: str) -> NDArray[np.uint64]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)


def _paired(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One key for two: 21 bits hold a code point, 42 a pair, 63 a triple."""
    return (left << _BITS) | right
