"""Reasons for a match, as data: shared phrases with their places, and signal shares."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from matcher.retrieve import FloatArray
from matcher.text import Folded
from matcher.types import Document, Query
from matcher.words import boundaries

MAX_PLACES = 16
"""Places tried for one bigram; keeps degenerate texts ("aaaa…") linear."""

EDGE_WORDS = frozenset(
    "的了和与及等在对为是将或并其以由从被把让使到于中上下可能有无不该此这那个种一及"
)
"""Function characters that a quoted phrase neither begins nor ends with."""


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters in the ``title`` or ``text`` of a query or document."""

    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that query and document share.

    Attributes:
        text: The phrase as the query writes it.
        weight: Share of this phrase in the rarity of all quoted phrases, in (0, 1].
    """

    text: str
    query_span: Span
    document_span: Span
    weight: float


@dataclass(frozen=True, slots=True)
class Signal:
    """What one retriever said of a candidate.

    Attributes:
        value: The raw score, on the retriever's own scale.
        contribution: Its part of the fused score; contributions add up to the score.
    """

    name: str
    value: float
    contribution: float


def shared_phrases(
    query: Query,
    document: Document,
    *,
    rarity: Callable[[Sequence[str]], FloatArray],
    limit: int,
) -> tuple[Phrase, ...]:
    """The rarest phrases that both texts contain, in the order of the query.

    Phrases begin and end with a word of either text and not with a function word, have at
    least two characters, and are quoted once.

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
    phrases = [replace(shared[text], weight=rarities[text] / total) for text in kept]
    return tuple(sorted(phrases, key=lambda p: (p.query_span.field != "title", p.query_span.start)))


def signals(values: Mapping[str, float], contributions: Mapping[str, float]) -> tuple[Signal, ...]:
    """One signal per retriever, in the order given."""
    return tuple(Signal(name, values[name], contributions[name]) for name in values)


def _shared(query: Query, document: Document) -> dict[str, Phrase]:
    """Folded phrase to where it first stands in both; weights are not known yet."""
    documents = [("title", Folded.of(document.title)), ("text", Folded.of(document.text))]
    phrases: dict[str, Phrase] = {}
    for query_field, original in (("title", query.title), ("text", query.text)):
        folded = Folded.of(original)
        for document_field, folded_document in documents:
            for text, at, place in _common_substrings(folded.text, folded_document.text):
                if text not in phrases:
                    query_span = Span(query_field, *folded.span(at, at + len(text)))
                    document_span = Span(
                        document_field, *folded_document.span(place, place + len(text))
                    )
                    quoted = original[query_span.start : query_span.end]
                    phrases[text] = Phrase(quoted, query_span, document_span, weight=0.0)
    return phrases


def _without_contained(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if not any(text in other and text != other for other in texts)]


def _common_substrings(query: str, document: str) -> Iterator[tuple[str, int, int]]:
    """Longest common substrings with their places, walking the query from left to right."""
    places: dict[str, list[int]] = defaultdict(list)
    for at in range(len(document) - 1):
        bigram = document[at : at + 2]
        if len(places[bigram]) < MAX_PLACES:
            places[bigram].append(at)
    at = 0
    while at < len(query) - 1:
        candidates = places.get(query[at : at + 2], ())
        best = max(
            ((_common_length(query, at, document, place), -place) for place in candidates),
            default=(0, 0),
        )
        length, place = best[0], -best[1]
        if length:
            yield from _trimmed(query, at, document, place, length)
        at += max(length - 1, 1)


def _common_length(query: str, at: int, document: str, place: int) -> int:
    longest = min(len(query) - at, len(document) - place)
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
