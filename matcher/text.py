"""From postings to the words that are searched, and how words are folded for comparison."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matcher.types import Achievement, Document, Need, Part, Posting, Query

MAX_TITLE_CHARS = 60
"""A free-text query longer than this has its first sentence as title."""

_SENTENCE_END = re.compile(r"[。！？!?；;\n]|\.(?=\s)")


def query_of(posting: Need | Achievement) -> Query:
    """What to search with when this posting looks for its counterparts."""
    text, parts = _body(posting)
    return Query(id=posting.id, title=posting.title, text=text, parts=parts, posting=posting)


def document_of(posting: Need | Achievement) -> Document:
    """What is searched when others look for this posting."""
    text, parts = _body(posting)
    return Document(id=posting.id, title=posting.title, text=text, parts=parts, posting=posting)


def query_from_text(text: str) -> Query:
    """A query typed by a person; its first sentence, if there are several, is the title."""
    text = text.strip()
    head = text if len(text) <= MAX_TITLE_CHARS else _first_sentence(text)
    return Query(id="text", title=head, text=text[len(head) :].strip())


def clean(text: str) -> str:
    """The text on one line: control characters and runs of white space become one space.

    What encoders read: they were trained on case and width, and normalise for themselves.
    """
    words = " ".join(text.split())
    if words.isprintable():
        return words
    return " ".join("".join(_visible(c) for c in words).split())


def whole(document: Document) -> str:
    """Title and text as an encoder reads them together; empty for a document of neither."""
    return clean(f"{document.title}\n{document.text}")


def fold(text: str) -> str:
    """The form in which characters are compared: clean, and of one case and width.

    Compatibility forms are folded (full-width letters and digits become half-width).
    """
    return " ".join(unicodedata.normalize("NFKC", clean(text)).lower().split())


@dataclass(frozen=True, slots=True)
class Folded:
    """A text folded character by character, with the way back to the original.

    Unlike ``fold`` it collapses no white space and composes no characters.

    Attributes:
        text: The folded characters.
        origins: For each of them, its index in the original text.
    """

    text: str
    origins: Sequence[int]

    @classmethod
    def of(cls, original: str) -> "Folded":
        """Fold a text."""
        folded = original.translate(_FOLDS)
        if _FOLDS.uneven.isdisjoint(original):
            return cls(folded, range(len(original)))
        origins = (i for i, c in enumerate(original) for _ in _FOLDS[ord(c)])
        return cls(folded, tuple(origins))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original half-open range behind ``text[start:end]``, which is not empty."""
        return self.origins[start], self.origins[end - 1] + 1


def has_words(text: str) -> bool:
    """Whether there is at least one letter, digit or ideograph to match on."""
    return any(c.isalnum() for c in text)


def _body(posting: Posting) -> tuple[str, tuple[Part, ...]]:
    """Everything searchable but the title, and which field each stretch comes from."""
    lines: list[str] = []
    parts: list[Part] = []
    length = 0
    for field, text in _fields(posting):
        if text:
            parts.append(Part(field, length))
            lines.append(text)
            length += len(text) + 1
    return "\n".join(lines), tuple(parts)


def _fields(posting: Posting) -> Iterator[tuple[str, str]]:
    yield "text", posting.text
    if isinstance(posting, Need):
        for name in ("must_have", "nice_to_have", "indicators"):
            yield from _items(name, getattr(posting, name))
    yield from _items("keywords", posting.keywords)


def _items(name: str, items: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for place, item in enumerate(items):
        yield f"{name}[{place}]", item


def _first_sentence(text: str) -> str:
    end = _SENTENCE_END.search(text, 0, MAX_TITLE_CHARS)
    if end:
        return text[: end.end()]
    head = text[:MAX_TITLE_CHARS]
    # a cut in the middle of a Latin word would make two words that nobody wrote
    before_word, space, rest = head.rpartition(" ")
    return before_word if space and rest.isascii() else head


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":
        return ""  # zero-width marks stand inside words
    return " " if category.startswith("C") else character


def _fold_character(character: str) -> str:
    return unicodedata.normalize("NFKC", _visible(character)).lower()


class _Folds(dict[int, str]):
    """Folded characters by code point, filled as they are met."""

    def __init__(self) -> None:
        super().__init__()
        self.uneven: set[str] = set()

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        if len(folded) != 1:
            self.uneven.add(chr(code))
        return folded


_FOLDS = _Folds()
