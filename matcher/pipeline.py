"""The pipeline: retrieve, fuse, explain; the same for needs, achievements and free text."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.encoder import Encoder
from embeddings.index import VectorIndex
from matcher.config import MatchConfig
from matcher.dense import DenseRetriever
from matcher.errors import EmptyQuery
from matcher.explain import shared_phrases
from matcher.fuse import standardized_sum
from matcher.lexical import LexicalRetriever
from matcher.match import Match, MatchList, signals
from matcher.retrieve import FloatArray, Retriever
from matcher.run import ranking
from matcher.text import has_words
from matcher.types import Document, Query

Lookup = Callable[[Sequence[str]], Mapping[str, Document]]
"""Document ids to documents; ids may be left out when they are gone."""


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The union of what the retrievers found, with every retriever's score of each."""

    ids: list[str]
    values: Mapping[str, FloatArray]
    contributions: Mapping[str, NDArray[np.float64]]

    def fused(self) -> dict[str, float]:
        total = np.sum(list(self.contributions.values()), axis=0)
        return dict(zip(self.ids, np.round(total, 9).tolist(), strict=True))


class Pipeline:
    """Ranks one corpus for any query.

    The corpus is achievements when needs ask, and needs when achievements ask: the same
    class serves both directions. It is itself a ``Retriever``, so what is evaluated is
    what is used.
    """

    name = "yilian"

    def __init__(
        self,
        lexical: LexicalRetriever,
        others: Sequence[Retriever],
        lookup: Lookup,
        config: MatchConfig | None = None,
    ) -> None:
        """Put the parts together.

        Args:
            lexical: The lexical retriever, which also knows how rare a phrase is.
            others: Further retrievers over the same documents.
            lookup: Where to read the documents that are explained.
            config: Settings of the method; defaults when None.
        """
        self._lexical = lexical
        self._retrievers: tuple[Retriever, ...] = (lexical, *others)
        self._lookup = lookup
        self.config = config or MatchConfig()

    def match(
        self, query: Query, *, k: int = 10, allowed: Collection[str] | None = None
    ) -> MatchList:
        """The ``k`` best matches with their reasons.

        Args:
            query: A need or an achievement as query (``text.query_of``) or free text.
            k: Most matches to return.
            allowed: Ids that pass the filter; None for all.

        Raises:
            EmptyQuery: the query has no letter, digit or ideograph.
        """
        candidates = self._candidates(query, k=k, allowed=allowed)
        scores = candidates.fused()
        rows = {document_id: row for row, document_id in enumerate(candidates.ids)}
        ranked = ranking(scores)[:k]
        documents = self._lookup(ranked)
        # a document withdrawn since the index was read is left out rather than shown empty
        best = [document_id for document_id in ranked if document_id in documents]
        matches = [
            Match(
                rank=rank,
                document_id=document_id,
                score=scores[document_id],
                signals=signals(
                    _row(candidates.values, rows[document_id]),
                    _row(candidates.contributions, rows[document_id]),
                ),
                phrases=shared_phrases(
                    query,
                    documents[document_id],
                    rarity=self._lexical.rarity,
                    limit=self.config.phrases,
                ),
            )
            for rank, document_id in enumerate(best, start=1)
        ]
        return MatchList(query.id, tuple(matches), self.config)

    def retrieve(
        self, query: Query, *, k: int, allowed: Collection[str] | None = None
    ) -> dict[str, float]:
        """Ids and fused scores of the ``k`` best, without reasons; see ``Retriever``."""
        scores = self._candidates(query, k=k, allowed=allowed).fused()
        return {document_id: scores[document_id] for document_id in ranking(scores)[:k]}

    def _candidates(self, query: Query, *, k: int, allowed: Collection[str] | None) -> _Candidates:
        if not has_words(query.title + query.text):
            raise EmptyQuery(query.id)
        reference = self._union(query, k=self.config.depth, allowed=None)
        ids = reference
        if allowed is not None or k > self.config.depth:
            ids = self._union(query, k=max(k, self.config.depth), allowed=allowed)
        values = self._values(query, ids)
        scale = values if ids is reference else self._values(query, reference)
        weights = {r.name: self.config.weight_of(r.name) for r in self._retrievers}
        return _Candidates(ids, values, standardized_sum(values, scale, weights))

    def _union(self, query: Query, *, k: int, allowed: Collection[str] | None) -> list[str]:
        found: set[str] = set()
        for retriever in self._retrievers:
            found.update(retriever.retrieve(query, k=k, allowed=allowed))
        return sorted(found)

    def _values(self, query: Query, ids: Sequence[str]) -> dict[str, FloatArray]:
        return {retriever.name: retriever.score(query, ids) for retriever in self._retrievers}


def default_pipeline(
    lexical: LexicalRetriever,
    encoder: Encoder,
    vectors: VectorIndex,
    lookup: Lookup,
    config: MatchConfig | None = None,
) -> Pipeline:
    """The pipeline that users get and that is evaluated: wording and meaning."""
    return Pipeline(lexical, [DenseRetriever(encoder, vectors)], lookup, config)


def _row(columns: Mapping[str, FloatArray | NDArray[np.float64]], row: int) -> dict[str, float]:
    return {name: float(column[row]) for name, column in columns.items()}
