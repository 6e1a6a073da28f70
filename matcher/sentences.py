"""A document as sentences, read once however many needs it meets."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from scipy import sparse

from matcher.ngrams import count_ngrams
from matcher.span import Span, span_of
from matcher.text import fold
from matcher.types import Document, Part

MAX_SENTENCES: Final = 64
"""Sentences looked at in one document."""

MAX_SENTENCE_CHARS: Final = 200
"""Longer sentences are cut at this length."""

_SENTENCE: Final = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")
_TEXT: Final = (Part("text", 0),)


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of a document; the first one is its title.

    Attributes:
        places: Where each begins and ends, in the title or in the text.
        ngrams: (len(places), 2**20) counts; see ``count_ngrams``.
    """

    document: Document
    places: tuple[tuple[int, int], ...]
    ngrams: sparse.csr_matrix

    @property
    def texts(self) -> list[str]:
        """Each sentence as written."""
        return [self.quote(at, at) for at in range(len(self.places))]

    def quote(self, first: int, last: int) -> str:
        """The words from one sentence to another; the title stands alone."""
        whole = self.document.text if last else self.document.title
        return whole[self.places[first][0] : self.places[last][1]]

    def span(self, first: int, last: int) -> Span:
        """Where those words stand in the posting; both sentences are of one field."""
        start, end = self.places[first][0], self.places[last][1]
        if not last:
            return Span("title", start, end)
        return span_of(self.document.parts or _TEXT, start, end)

    def neighbours(self, at: int) -> bool:
        """Whether there is a next sentence, in the same field."""
        if not 0 < at < len(self.places) - 1:
            return False
        return self.span(at, at).field == self.span(at + 1, at + 1).field


@lru_cache(maxsize=4096)
def sentences_of(document: Document) -> Sentences:
    """The sentences of a document; the last few thousand documents are remembered."""
    places = [(0, len(document.title))]
    for found in _SENTENCE.finditer(document.text):
        text = found[0][:MAX_SENTENCE_CHARS]
        start = found.start() + len(text) - len(text.lstrip())
        text = text.strip()
        if len(text) > 1:
            places.append((start, start + len(text)))
        if len(places) == MAX_SENTENCES:
            break
    told = [document.title, *(document.text[start:end] for start, end in places[1:])]
    return Sentences(document, tuple(places), count_ngrams([fold(text) for text in told]))
