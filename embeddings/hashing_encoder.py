"""An encoder without a model: the test double that ships with the library."""

import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from embeddings.chunk import EmptyText
from embeddings.encoder import FloatArray, Role

_MAX_CHARS = 2_000


class HashingEncoder:
    """Signed hashing of single characters and pairs of neighbours, for tests and demos.

    Texts that share characters come out near each other; nothing is understood. Letter
    case and white space do not count. The same text gives the same vector on every
    machine and in every process. Source of the method: Weinberger et al., Feature
    Hashing for Large Scale Multitask Learning, ICML 2009.

    Args:
        dim: Width of a vector, at least 1.
    """

    def __init__(self, dim: int = 256) -> None:
        if dim < 1:
            raise ValueError(f"向量宽度至少为 1，得到 {dim}。 / dim must be at least 1, not {dim}")
        self._dim = dim

    @property
    def fingerprint(self) -> str:
        """Names the method and its width."""
        return f"hashing-1-2-crc32-v1-{self._dim}"

    @property
    def dim(self) -> int:
        """Width of a vector."""
        return self._dim

    @property
    def max_chars(self) -> int:
        """2,000, so that long texts are split as they are for a model."""
        return _MAX_CHARS

    def encode(self, texts: Sequence[str], *, role: Role) -> FloatArray:
        """One row per text; both roles are encoded alike.

        Args:
            texts: Any number of texts, none blank.
            role: Makes no difference.

        Returns:
            (len(texts), dim) float32, rows of unit length.

        Raises:
            EmptyText: a text is blank.
        """
        vectors = np.zeros((len(texts), self._dim), np.float64)
        for row, text in enumerate(texts):
            squeezed = "".join(text.casefold().split())
            if not squeezed:
                raise EmptyText(row)
            # n characters have 2 n - 1 grams: an odd number of +1 and -1 never cancels out.
            for gram in _grams(squeezed):
                place, sign = _hashed(gram)
                vectors[row, place % self._dim] += sign
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / lengths, np.float32)


def _grams(text: str) -> list[str]:
    return [*text, *(text[place : place + 2] for place in range(len(text) - 1))]


@lru_cache(maxsize=1 << 16)
def _hashed(gram: str) -> tuple[int, int]:
    number = zlib.crc32(gram.encode("utf-8", "surrogatepass"))
    return number >> 1, 1 if number & 1 else -1
