"""Candidates: what the retrievers found for one query, with every score of each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.config import MatchConfig
from matcher.errors import EmptyQuery
from matcher.fuse import standardized_sum
from matcher.retrieve import FloatArray, Retriever
from matcher.text import has_words
from matcher.types import Query


@dataclass(frozen=True, slots=True)
class Candidates:
    """Documents, by id, with what each retriever says of them.

    Attributes:
        values: Retriever to (len(ids),) raw scores.
        contributions: Retriever to (len(ids),) parts of the fused score.
        fused: (len(ids),) fused scores.
    """

    ids: Sequence[str]
    values: Mapping[str, FloatArray]
    contributions: Mapping[str, NDArray[np.float64]]
    fused: NDArray[np.float64]


class Gatherer:
    """Asks every retriever, and fuses what they say."""

    def __init__(self, retrievers: Sequence[Retriever], config: MatchConfig) -> None:
        self._retrievers = retrievers
        self._config = config

    def best(self, query: Query, *, k: int, allowed: Collection[str] | None) -> Candidates:
        """The union of the retrievers' best, at least ``k`` and ``config.depth`` of each.

        Raises:
            EmptyQuery: the query has no letter, digit or ideograph.
        """
        ids = reference = self._reference(query)
        if allowed is not None or k > self._config.depth:
            ids = self._union(query, k=max(k, self._config.depth), allowed=allowed)
        return self._scored(query, ids, reference)

    def of(self, query: Query, ids: Sequence[str]) -> Candidates:
        """Exactly the documents named, scored as they would be among all.

        Raises:
            EmptyQuery: the query has no letter, digit or ideograph.
            UnknownDocument: an id is not indexed.
        """
        return self._scored(query, ids, self._reference(query))

    def _reference(self, query: Query) -> list[str]:
        if not has_words(query.title + query.text):
            raise EmptyQuery(query.id)
        return self._union(query, k=self._config.depth, allowed=None)

    def _scored(self, query: Query, ids: Sequence[str], reference: Sequence[str]) -> Candidates:
        values = self._values(query, ids)
        scale = values if ids is reference else self._values(query, reference)
        weights = {r.name: self._config.weight_of(r.name) for r in self._retrievers}
        parts = standardized_sum(values, scale, weights)
        fused = np.asarray(np.round(np.sum(list(parts.values()), axis=0), 9))
        return Candidates(ids, values, parts, fused)

    def _union(self, query: Query, *, k: int, allowed: Collection[str] | None) -> list[str]:
        found: set[str] = set()
        for retriever in self._retrievers:
            found.update(retriever.retrieve(query, k=k, allowed=allowed))
        return sorted(found)

    def _values(self, query: Query, ids: Sequence[str]) -> dict[str, FloatArray]:
        return {retriever.name: retriever.score(query, ids) for retriever in self._retrievers}
