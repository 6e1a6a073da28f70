"""What every retriever promises to the pipeline."""

from collections.abc import Collection, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.types import Query

FloatArray = NDArray[np.float32]


class Retriever(Protocol):
    """Finds, among all documents, the few that may answer a query.

    Attributes:
        name: The signal's name in reasons and reports, such as ``lexical``.
    """

    @property
    def name(self) -> str: ...

    def retrieve(
        self, query: Query, *, k: int, allowed: Collection[str] | None = None
    ) -> dict[str, float]:
        """Scores of the best documents.

        Args:
            query: What to search with.
            k: Most documents to return.
            allowed: Ids that may be returned; None for all. The filter acts here,
                so ``k`` good documents come back whenever ``allowed`` holds as many.

        Returns:
            At most ``k`` document ids with scores, best first, ties by id.
        """
        ...

    def score(self, query: Query, document_ids: Sequence[str]) -> FloatArray:
        """(len(document_ids),) float32 scores on the same scale as ``retrieve``.

        Raises:
            UnknownDocument: an id is not indexed.
        """
        ...
