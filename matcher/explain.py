"""Reasons for a match, as data: shared phrases with their places in both postings."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from matcher.passages import MAX_PASSAGE_CHARS, Passage, shared_passages
from matcher.retrieve import FloatArray
from matcher.span import Span, span_of
from matcher.text import Folded
from matcher.types import Document, Part, Query
from matcher.words import Boundaries

MAX_READ_CHARS = 10_000
"""Characters of each text in which phrases are looked for; ranking reads all of it."""

WEIGHED: Final = 8
"""Phrases weighed for each one that may be quoted: some are parts of others."""

EDGE_WORDS = frozenset(
    "的了和与及等在对为是将或并其以由从被把让使到于中上下可能有无不该此这那个种一"
)
"""Function characters that a quoted phrase neither begins nor ends with."""

Rarity = Callable[[Sequence[str]], FloatArray]
"""How much sharing each phrase says, at least 0; no more than a phrase that holds it."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that query and document share.

    Attributes:
        text: The phrase as the query writes it.
        weight: Share of this phrase in the rarity of all quoted phrases, in [0, 1].
    """

    text: str
    query_span: Span
    document_span: Span
    weight: float


def shared_phrases(
    query: Query, documents: Sequence[Document], *, rarity: Rarity, limit: int
) -> list[tuple[Phrase, ...]]:
    """For each document the rarest phrases that both texts contain, in the order of the query.

    Phrases begin and end with a word of either text and not with a function word, have
    2 to 40 characters, and are quoted once. Only the first 10,000 characters of a title or
    text are looked at, and of many shared passages only the rarest.

    Args:
        query: Where the phrases are looked up first.
        documents: Where they must also stand; cheapest all at once.
        rarity: How much sharing each phrase says.
        limit: Most phrases to return for one document.
    """
    if not limit:
        return [() for _ in documents]
    told = [text for document in documents for text in _texts(document)]
    shared: list[list[_Shared]] = [[] for _ in documents]
    for asked in _texts(query):
        found = shared_passages(asked.folded.text, [text.folded.text for text in told])
        for row, (text, passages) in enumerate(zip(told, found, strict=True)):
            # what stands in the document's title is quoted from there
            walked = _walked(passages, asked.words)
            shared[row // 2] += [_Shared(asked, text, *passage) for passage in walked]
    phrases = [_whole_words(one) for one in _rarest(shared, rarity, limit * WEIGHED)]
    rarities = _weighed((text for one in phrases for text in one), rarity)
    return [_quoted(one, rarities, limit) for one in phrases]


@dataclass(frozen=True, slots=True)
class _Text:
    """A title or text, folded and cut into words."""

    original: str
    parts: tuple[Part, ...]
    folded: Folded
    words: Boundaries

    @classmethod
    def of(cls, original: str, parts: tuple[Part, ...]) -> Self:
        folded = Folded.of(original[:MAX_READ_CHARS])
        return cls(original, parts, folded, Boundaries(folded.text))


class _Shared(NamedTuple):
    """A passage of ``length`` folded characters, with the texts that share it."""

    asked: _Text
    told: _Text
    at: int
    place: int
    length: int

    @property
    def text(self) -> str:
        return self.asked.folded.text[self.at : self.at + self.length]

    def phrase(self, weight: float) -> Phrase:
        start, end = self.asked.folded.span(self.at, self.at + self.length)
        told = self.told.folded.span(self.place, self.place + self.length)
        # a phrase holds no white space: it never runs into the next part
        return Phrase(
            self.asked.original[start:end],
            span_of(self.asked.parts, start, end),
            span_of(self.told.parts, *told),
            weight,
        )


_TITLE = (Part("title", 0),)
_TEXT = (Part("text", 0),)


def _texts(posting: Query | Document) -> tuple[_Text, _Text]:
    return _Text.of(posting.title, _TITLE), _Text.of(posting.text, posting.parts or _TEXT)


def _walked(passages: Iterable[Passage], words: Boundaries) -> Iterator[Passage]:
    """The passages from the left, and those that begin with a word within another."""
    covered_to = quoted_to = 0
    for passage in passages:
        at, length = passage.at, passage.length
        if at < quoted_to or (at < covered_to and at not in words):
            continue
        covered_to = max(covered_to, at + length)
        if length == MAX_PASSAGE_CHARS:
            quoted_to = at + length
        yield passage


def _rarest(
    shared: Sequence[Sequence[_Shared]], rarity: Rarity, limit: int
) -> list[Sequence[_Shared]]:
    """What can still be quoted, so that no long text is cut into words from end to end."""
    texts = [{passage.text for passage in one} for one in shared]
    long = [one for one in texts if len(one) > limit]
    rarities = _weighed((text for one in long for text in one), rarity)
    kept: list[Sequence[_Shared]] = []
    for one, distinct in zip(shared, texts, strict=True):
        if len(distinct) > limit:
            few = set(sorted(distinct, key=lambda text: (-rarities[text], text))[:limit])
            one = [passage for passage in one if passage.text in few]
        kept.append(one)
    return kept


def _whole_words(shared: Iterable[_Shared]) -> dict[str, _Shared]:
    """Phrase to where it first stands in both."""
    phrases: dict[str, _Shared] = {}
    for passage in shared:
        trimmed = _trimmed(passage)
        if trimmed.length >= 2:
            phrases.setdefault(trimmed.text, trimmed)
    return phrases


def _trimmed(passage: _Shared) -> _Shared:
    """The part that begins and ends with a word of either text, and not with a function word.

    Of either: 电池 is a fair reason between 锂电池 and 电池, but what 碳化硅 and 氮化硅 have
    in common is a word of neither.
    """
    asked, told, at, place, length = passage
    query, document = asked.folded.text, told.folded.text

    def cuts_a_word(offset: int) -> bool:
        neither = at + offset not in asked.words and place + offset not in told.words
        return (
            neither or _within_latin(query, at + offset) or _within_latin(document, place + offset)
        )

    start, end = 0, length
    while start < end and (_is_edge(query[at + start]) or cuts_a_word(start)):
        start += 1
    while end > start and (_is_edge(query[at + end - 1]) or cuts_a_word(end)):
        end -= 1
    return _Shared(asked, told, at + start, place + start, end - start)


def _within_latin(text: str, at: int) -> bool:
    """Whether a cut before ``text[at]`` would part Latin letters or digits from each other."""
    around = text[max(at - 1, 0) : at + 1]
    return len(around) == 2 and around.isascii() and around.isalnum()


def _is_edge(character: str) -> bool:
    return character in EDGE_WORDS or not (character.isalnum() or character == "%")


def _weighed(texts: Iterable[str], rarity: Rarity) -> dict[str, float]:
    distinct = list(dict.fromkeys(texts))
    return dict(zip(distinct, rarity(distinct).tolist(), strict=True)) if distinct else {}


def _quoted(
    shared: Mapping[str, _Shared], rarities: Mapping[str, float], limit: int
) -> tuple[Phrase, ...]:
    rarest = sorted(shared, key=lambda text: (-rarities[text], text))[: limit * WEIGHED]
    kept = _without_contained(rarest)[:limit]
    total = sum(rarities[text] for text in kept) or 1.0
    return tuple(one.phrase(rarities[text] / total) for text, one in shared.items() if text in kept)


def _without_contained(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if not any(text in other and text != other for other in texts)]
