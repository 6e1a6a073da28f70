"""Reasons for a match, as data: shared phrases with their places in both postings."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from matcher.retrieve import FloatArray
from matcher.span import Span, span_of
from matcher.text import Folded
from matcher.types import Document, Part, Query
from matcher.words import boundaries

MAX_READ_CHARS = 10_000
"""Characters of each text in which phrases are looked for; ranking reads all of it."""

MAX_PLACES = 16
"""Places tried for the first three characters of a phrase."""

MAX_PHRASE_CHARS = 40
"""A longer common passage is quoted in pieces; keeps degenerate texts linear."""

EDGE_WORDS = frozenset(
    "的了和与及等在对为是将或并其以由从被把让使到于中上下可能有无不该此这那个种一"
)
"""Function characters that a quoted phrase neither begins nor ends with."""


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
    query: Query,
    document: Document,
    *,
    rarity: Callable[[Sequence[str]], FloatArray],
    limit: int,
) -> tuple[Phrase, ...]:
    """The rarest phrases that both texts contain, in the order of the query.

    Phrases begin and end with a word of either text and not with a function word, have
    2 to 40 characters, and are quoted once. Only the first 10,000 characters of a title or
    text are looked at.

    Args:
        query: Where the phrases are looked up first.
        document: Where they must also stand.
        rarity: How much sharing each phrase says, at least 0.
        limit: Most phrases to return.
    """
    shared = _shared(query, document)
    if not shared or not limit:
        return ()
    rarities = dict(zip(shared, rarity(list(shared)).tolist(), strict=True))
    rarest = sorted(shared, key=lambda text: (-rarities[text], text))[: limit * 8]
    kept = _without_contained(rarest)[:limit]
    total = sum(rarities[text] for text in kept) or 1.0
    in_query_order = [text for text in shared if text in kept]
    return tuple(replace(shared[text], weight=rarities[text] / total) for text in in_query_order)


def _shared(query: Query, document: Document) -> dict[str, Phrase]:
    """Folded phrase to where it first stands in both; weights are not known yet."""
    # what stands in the document's title is quoted from there
    looked_in = [
        (folded, parts, _places(folded.text))
        for folded, parts in (
            (Folded.of(document.title[:MAX_READ_CHARS]), _TITLE),
            (Folded.of(document.text[:MAX_READ_CHARS]), document.parts or _TEXT),
        )
    ]
    phrases: dict[str, Phrase] = {}
    for original, query_parts in ((query.title, _TITLE), (query.text, query.parts or _TEXT)):
        asked = Folded.of(original[:MAX_READ_CHARS])
        for folded, parts, places in looked_in:
            for text, at, place in _common_phrases(asked.text, folded.text, places):
                if text not in phrases:
                    start, end = asked.span(at, at + len(text))
                    phrases[text] = Phrase(
                        original[start:end],
                        # a phrase holds no white space: it never runs into the next part
                        span_of(query_parts, start, end),
                        span_of(parts, *folded.span(place, place + len(text))),
                        weight=0.0,
                    )
    return phrases


_TITLE = (Part("title", 0),)
_TEXT = (Part("text", 0),)


def _without_contained(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if not any(text in other and text != other for other in texts)]


def _places(document: str) -> dict[str, list[int]]:
    """Where each pair and triple of characters stands; the first few places are enough."""
    places: dict[str, list[int]] = defaultdict(list)
    for at in range(len(document) - 1):
        for size in (2, 3):
            start = places[document[at : at + size]]
            if len(start) < MAX_PLACES:
                start.append(at)
    return places


def _common_phrases(
    query: str, document: str, places: dict[str, list[int]]
) -> Iterator[tuple[str, int, int]]:
    """The longest phrases that the document has, from the left and from each word within."""
    words = boundaries(query)
    covered_to = quoted_to = 0
    for at in range(len(query) - 1):
        if at < quoted_to or (at < covered_to and at not in words):
            continue
        candidates = places.get(query[at : at + 3]) or places.get(query[at : at + 2]) or []
        length, place = max(
            ((_common_length(query, at, document, place), -place) for place in candidates),
            default=(0, 0),
        )
        covered_to = max(covered_to, at + length)
        if length == MAX_PHRASE_CHARS:
            quoted_to = at + length
        yield from _trimmed(query, at, document, -place, length)


def _common_length(query: str, at: int, document: str, place: int) -> int:
    longest = min(len(query) - at, len(document) - place, MAX_PHRASE_CHARS)
    for length in range(longest):
        a = query[at + length]
        if a != document[place + length] or not (a.isalnum() or a in "-+/.%·"):
            return length
    return longest


def _trimmed(
    query: str, at: int, document: str, place: int, length: int
) -> Iterator[tuple[str, int, int]]:
    """The part that begins and ends with a word of either text, and not with a function word.

    Of either: 电池 is a fair reason between 锂电池 and 电池, but what 碳化硅 and 氮化硅 have
    in common is a word of neither.
    """
    in_query, in_document = boundaries(query), boundaries(document)

    def cuts_a_word(offset: int) -> bool:
        neither = at + offset not in in_query and place + offset not in in_document
        return (
            neither or _within_latin(query, at + offset) or _within_latin(document, place + offset)
        )

    start, end = 0, length
    while start < end and (cuts_a_word(start) or _is_edge(query[at + start])):
        start += 1
    while end > start and (cuts_a_word(end) or _is_edge(query[at + end - 1])):
        end -= 1
    if end - start >= 2:
        yield query[at + start : at + end], at + start, place + start


def _within_latin(text: str, at: int) -> bool:
    """Whether a cut before ``text[at]`` would part Latin letters or digits from each other."""
    around = text[max(at - 1, 0) : at + 1]
    return len(around) == 2 and around.isascii() and around.isalnum()


def _is_edge(character: str) -> bool:
    return character in EDGE_WORDS or not (character.isalnum() or character == "%")
