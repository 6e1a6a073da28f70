"""Long texts in pieces that an encoder reads whole, and one vector per text of any length."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embeddings.encoder import Encoder, FloatArray, Role
from embeddings.errors import EmbeddingError

# A run of marks is tried from its first mark only; from every mark, a line of ten
# thousand dots would take quadratic time. "3.5" is no end of sentence, "3.5\n" is.
_SENTENCE_END = re.compile(
    r"""[。！？；…]++[”’」』）】]*+ | (?<![.!?;])[.!?;]++["')\]]*+(?=\s) | \n++""", re.VERBOSE
)
_CLAUSE_END = re.compile(r"[，、：,:\s]++")

_OVERLAP_SHARE = 8
_VANISHING = 1e-6


class EmptyText(EmbeddingError, ValueError):
    """A text without a single visible character.

    Attributes:
        position: Place of the text among those given, from 0.
    """

    def __init__(self, position: int) -> None:
        super().__init__(
            f"第 {position + 1} 段文本为空，请先去掉空文本。"
            f" / text {position} is empty; leave empty texts out before encoding"
        )
        self.position = position


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a text: ``text`` is what stands from ``start`` up to ``end``."""

    start: int
    end: int
    text: str


def split(text: str, *, max_chars: int, overlap: int) -> list[Chunk]:
    """Pieces of a text that leave nothing out, cut between sentences where possible.

    Where no sentence ends in the later half of a piece it is cut after a comma or
    space, and failing that after ``max_chars`` characters. Takes time in proportion to
    the text as long as ``overlap`` is well below ``max_chars``.

    Args:
        text: Not empty.
        max_chars: Longest piece, in characters, at least 1.
        overlap: Most characters that a piece repeats of the one before, below
            ``max_chars``; after a cut between sentences it repeats whole ones or none.

    Returns:
        Pieces in order; each begins and ends after the one before.

    Raises:
        EmptyText: there is nothing to split.
        ValueError: the two lengths do not fit each other.
    """
    if not text:
        raise EmptyText(0)
    if not 0 <= overlap < max_chars:
        raise ValueError(
            f"overlap 须在 0 与 max_chars 之间，得到 {overlap} 和 {max_chars}。"
            f" / overlap must be at least 0 and below max_chars, not {overlap} and {max_chars}"
        )
    sentence_ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    clause_ends = [match.end() for match in _CLAUSE_END.finditer(text)]
    chunks = []
    start = 0
    while len(text) - start > max_chars:
        # A cut before this point would make little headway past the overlap.
        low = start + overlap + (max_chars - overlap + 1) // 2
        high = start + max_chars
        end = _last_in(sentence_ends, low, high) or _last_in(clause_ends, low, high) or high
        chunks.append(Chunk(start, end, text[start:end]))
        # After a cut between sentences, part of a sentence would be noise: none is repeated.
        start = _first_in(sentence_ends, end - overlap, end) or end - overlap
    chunks.append(Chunk(start, len(text), text[start:]))
    return chunks


def encode_long(encoder: Encoder, texts: Sequence[str], *, role: Role) -> FloatArray:
    """One vector per text of any length.

    A text that the encoder reads whole is encoded as it is. A longer one gets the mean
    of its pieces' vectors, weighted by their lengths.

    Args:
        encoder: Encodes the pieces, all in one call.
        texts: Any number of texts, none blank.
        role: Whether the texts are queries or documents.

    Returns:
        (len(texts), encoder.dim) float32, rows of unit length.

    Raises:
        EmptyText: a text is blank.
    """
    pieces = [_pieces(text, encoder.max_chars, place) for place, text in enumerate(texts)]
    vectors = encoder.encode([piece for of_one in pieces for piece in of_one], role=role)
    joined = np.empty((len(texts), encoder.dim), np.float32)
    first = 0
    for row, of_one in enumerate(pieces):
        joined[row] = _mean(vectors[first : first + len(of_one)], [len(piece) for piece in of_one])
        first += len(of_one)
    return joined


def _pieces(text: str, max_chars: int, position: int) -> list[str]:
    if not text.strip():
        raise EmptyText(position)
    if len(text) <= max_chars:
        return [text]
    chunks = split(text, max_chars=max_chars, overlap=max_chars // _OVERLAP_SHARE)
    return [chunk.text for chunk in chunks if chunk.text.strip()]


def _mean(vectors: FloatArray, lengths: Sequence[int]) -> FloatArray:
    opening: FloatArray = vectors[0]
    if len(vectors) == 1:
        return opening
    mean = np.average(vectors.astype(np.float64), axis=0, weights=lengths)
    length = np.linalg.norm(mean)
    # Opposite pieces cancel out; then the opening speaks for the text.
    return opening if length < _VANISHING else np.asarray(mean / length, np.float32)


def _last_in(places: Sequence[int], low: int, high: int) -> int | None:
    found = bisect_right(places, high) - 1
    return places[found] if found >= 0 and places[found] >= low else None


def _first_in(places: Sequence[int], low: int, high: int) -> int | None:
    found = bisect_left(places, low)
    return places[found] if found < len(places) and places[found] <= high else None
