"""Judged pairs as a pipeline sees them: where they lie, and their signals.

Measuring a need costs some 20 ms, so what was measured is kept and only added to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from matcher.precedents import Space
from matcher.retrieve import FloatArray
from matcher.signals import Values
from matcher.types import Query

PairId = tuple[str, str]
"""Ids of a query and a document."""


class Measuring(Protocol):
    """What is asked of a pipeline here; ``matcher.pipeline.Pipeline`` is the one there is."""

    @property
    def space(self) -> Space | None: ...

    def measure(self, query: Query, document_ids: Sequence[str]) -> Values: ...


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredPairs:
    """What a pipeline says of n pairs; the ranker has no part in it.

    Attributes:
        ids: n pairs, none twice.
        queries: (n, dim) float32 places of their queries.
        documents: (n, dim) float32 places of their documents.
        values: (n, n_signals) float64 signals; NaN is unknown.
    """

    ids: tuple[PairId, ...]
    queries: FloatArray
    documents: FloatArray
    values: Values

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, ids: Sequence[PairId]) -> "MeasuredPairs":
        """These pairs, in the order given.

        Raises:
            KeyError: one is not among them.
        """
        place = {pair: row for row, pair in enumerate(self.ids)}
        rows = [place[pair] for pair in ids]
        return MeasuredPairs(
            tuple(ids), self.queries[rows], self.documents[rows], self.values[rows]
        )

    def joined(self, others: "MeasuredPairs") -> "MeasuredPairs":
        """These, then others that are not among them."""
        return MeasuredPairs(
            self.ids + others.ids,
            np.concatenate([self.queries, others.queries]),
            np.concatenate([self.documents, others.documents]),
            np.concatenate([self.values, others.values]),
        )


def measure_pairs(
    pipeline: Measuring,
    space: Space,
    ids: Sequence[PairId],
    queries: Mapping[str, Query],
    *,
    known: MeasuredPairs | None = None,
) -> MeasuredPairs:
    """Measures pairs, each query once, and only those that are not known already.

    Args:
        pipeline: Over the documents.
        space: Its space.
        ids: At least one pair, none twice.
        queries: By id; all of the pairs' queries, each with words.
        known: What this very pipeline, or one over the same data, measured before.

    Raises:
        UnknownDocument: a document is not indexed.
    """
    before = set(known.ids) if known else set()
    by_query: dict[str, list[str]] = {}
    for query_id, document_id in ids:
        if (query_id, document_id) not in before:
            by_query.setdefault(query_id, []).append(document_id)
    if not by_query:
        assert known is not None
        return known.of(ids)
    new = [(query_id, one) for query_id, ones in by_query.items() for one in ones]
    places = {query_id: space.place(queries[query_id]) for query_id in by_query}
    measured = MeasuredPairs(
        tuple(new),
        np.stack([places[query_id] for query_id, _ in new]),
        space.places([document_id for _, document_id in new]),
        np.concatenate([pipeline.measure(queries[q], ones) for q, ones in by_query.items()]),
    )
    return (known.joined(measured) if known else measured).of(ids)
