"""From postings to the words that are searched, and the one way words are normalised."""

import unicodedata
from dataclasses import dataclass

from matcher.types import Achievement, Document, Need, Posting, Query

MAX_TITLE_CHARS = 60
"""A free-text query longer than this has its first sentence as title."""


def query_of(posting: Need | Achievement) -> Query:
    """What to search with when this posting looks for its counterparts."""
    return Query(id=posting.id, title=posting.title, text=_body(posting))


def document_of(posting: Need | Achievement) -> Document:
    """What is searched when others look for this posting."""
    return Document(id=posting.id, title=posting.title, text=_body(posting))


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
    return " ".join("".join(" " if _is_control(c) else c for c in words).split())


def fold(text: str) -> str:
    """The form in which characters are compared: clean, and of one case and width.

    Compatibility forms are folded (full-width letters and digits become half-width).
    """
    return " ".join(unicodedata.normalize("NFKC", clean(text)).lower().split())


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text that remembers where each character came from.

    Attributes:
        text: The folded characters; unlike ``fold`` white space is not collapsed.
        origins: For each folded character, its index in the original text.
    """

    text: str
    origins: tuple[int, ...]

    @classmethod
    def of(cls, original: str) -> "Folded":
        """Fold character by character, keeping the way back."""
        pieces = [_fold_character(c) for c in original]
        origins = [i for i, piece in enumerate(pieces) for _ in piece]
        return cls("".join(pieces), tuple(origins))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original half-open range behind ``text[start:end]``, which is not empty."""
        return self.origins[start], self.origins[end - 1] + 1


def has_words(text: str) -> bool:
    """Whether there is at least one letter, digit or ideograph to match on."""
    return any(c.isalnum() for c in text)


def _body(posting: Posting) -> str:
    parts = [posting.text]
    if isinstance(posting, Need):
        parts += [*posting.must_have, *posting.nice_to_have, *posting.indicators]
    parts.append(" ".join(posting.keywords))
    return "\n".join(part for part in parts if part)


def _first_sentence(text: str) -> str:
    for end, character in enumerate(text[:MAX_TITLE_CHARS], start=1):
        if character in "。！？!?\n；;":
            return text[:end]
    return text[:MAX_TITLE_CHARS]


def _is_control(character: str) -> bool:
    return unicodedata.category(character).startswith("C")


def _fold_character(character: str) -> str:
    if _is_control(character):
        return " "
    return unicodedata.normalize("NFKC", character).lower()
