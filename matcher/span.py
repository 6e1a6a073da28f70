"""Places in a posting: which field, and which characters of it."""

from bisect import bisect_right
from dataclasses import dataclass

from matcher.types import Part


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters in one field of a posting.

    Attributes:
        field: ``title``, ``text``, or an item such as ``must_have[1]``.
    """

    field: str
    start: int
    end: int


def span_of(parts: tuple[Part, ...], start: int, end: int) -> Span:
    """Where ``start`` to ``end`` of a searchable text stands in the posting.

    Args:
        parts: The fields that make up the text; not empty, the first one begins at 0.
        start: First character.
        end: One past the last character, within the same part.
    """
    part = parts[bisect_right(parts, start, key=lambda p: p.start) - 1]
    return Span(part.field, start - part.start, end - part.start)
