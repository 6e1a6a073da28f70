"""What a query and documents are to each other beyond their words: a protocol.

The chain graph is the one there is; without it such signals are unknown, not 0.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.types import Document, Query


class Relations(Protocol):
    """Tells signals that texts alone do not."""

    def of(self, query: Query, documents: Sequence[Document]) -> Mapping[str, NDArray[np.float64]]:
        """Signal name to (len(documents),) float64 values, NaN where unknown."""
        ...
