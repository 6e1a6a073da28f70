"""The encoder protocol: texts in, unit vectors out."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


class Role(StrEnum):
    """Which side of a search a text stands on; asymmetric models prefix it accordingly."""

    QUERY = "query"
    DOCUMENT = "document"


class Encoder(Protocol):
    """Anything that turns texts into comparable vectors.

    Attributes:
        fingerprint: Names the weights and settings; vectors of two fingerprints are
            never compared.
        dim: Width of a vector.
        max_chars: Longest text that is read whole; callers split longer ones
            with ``embeddings.chunk``.
    """

    @property
    def fingerprint(self) -> str: ...

    @property
    def dim(self) -> int: ...

    @property
    def max_chars(self) -> int: ...

    def encode(self, texts: Sequence[str], *, role: Role) -> FloatArray:
        """One row per text.

        Args:
            texts: Any number of non-empty texts of at most ``max_chars`` characters.
            role: Whether the texts are queries or documents.

        Returns:
            (len(texts), dim) float32, rows of unit length; (0, dim) for no texts.
        """
        ...
