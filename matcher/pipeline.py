"""The pipeline: retrieve, fuse, grade, explain; the same for needs, achievements, free text."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from embeddings.adapter import Adapter
from embeddings.encoder import Encoder
from embeddings.index import VectorSearch
from matcher.adapted import AdaptedRetriever
from matcher.candidates import Candidates, Gatherer
from matcher.config import MatchConfig
from matcher.dense import DenseRetriever
from matcher.diversity import organizations_of, varied
from matcher.errors import UnknownDocument
from matcher.explain import Phrase, shared_phrases
from matcher.grading import Graded, Lookup, grade_candidates
from matcher.lexical import LexicalRetriever
from matcher.match import Match, MatchList, signals
from matcher.precedents import Cited, Precedents, Space
from matcher.ranker import Ranker, level_chances
from matcher.relations import Relations
from matcher.retrieve import FloatArray, Retriever
from matcher.run import ranking
from matcher.signals import Values
from matcher.supply import FAIR, supply
from matcher.types import Query

_NO_GRADES = "a pipeline without a ranker gives no grades"


class Pipeline:
    """Ranks one corpus for any query.

    The corpus is achievements when needs ask, and needs when achievements ask: the same
    class serves both directions. It is itself a ``Retriever``, so what is evaluated is
    what is used.

    Attributes:
        config: Settings of the method.
        ranker: Estimates levels and orders by them; without one the fused score orders.
        precedents: Move the ranker's levels; None for none.
        space: Where queries and documents are compared; None where no retriever has vectors.
    """

    name = "yilian"

    def __init__(
        self,
        lexical: LexicalRetriever,
        others: Sequence[Retriever],
        lookup: Lookup,
        config: MatchConfig | None = None,
        ranker: Ranker | None = None,
        relations: Relations | None = None,
        precedents: Precedents | None = None,
    ) -> None:
        """Put the parts together.

        Args:
            lexical: The lexical retriever, which also knows how rare a phrase is.
            others: Further retrievers over the same documents.
            lookup: Where to read the documents that are graded and explained.
            config: Settings of the method; defaults when None.
            ranker: A fitted ranker; None for the untrained order.
            relations: What the chain graph tells of a query and documents; None without one.
            precedents: Judged pairs, placed in ``space``; None for none.
        """
        self._lexical = lexical
        self._others = tuple(others)
        self._lookup = lookup
        self.config = config or MatchConfig()
        self.ranker = ranker
        self.precedents = precedents
        self.space = next((one for one in others if isinstance(one, Space)), None)
        self._relations = relations
        self._gatherer = Gatherer((lexical, *others), self.config)

    @property
    def size(self) -> int:
        """How many documents can be found."""
        return len(self._lexical)

    def with_ranker(
        self, ranker: Ranker | None, precedents: Precedents | None = None
    ) -> "Pipeline":
        """The same pipeline over the same indexes, graded by another ranker and precedents."""
        return Pipeline(
            self._lexical,
            self._others,
            self._lookup,
            self.config,
            ranker,
            self._relations,
            precedents,
        )

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
        candidates = self._gatherer.best(query, k=k, allowed=allowed)
        rows = {document_id: row for row, document_id in enumerate(candidates.ids)}
        if self.ranker is None:
            # a document withdrawn since the index was read is left out, not shown empty
            scores = self._fused(candidates)
            graded = self._graded(query, candidates, [rows[i] for i in ranking(scores)[:k]])
        else:
            scores, graded = self._reranked(query, candidates, k=k)
        places = {int(row): place for place, row in enumerate(graded.rows)}
        best = [i for i in ranking(scores) if rows[i] in places][:k]
        phrases = shared_phrases(
            query,
            [graded.documents[places[rows[i]]] for i in best],
            rarity=self._lexical.rarity,
            limit=self.config.phrases,
        )
        reasons = zip(best, phrases, self._cited(query, best), strict=True)
        matches = tuple(
            self._match(candidates, graded, rank, places[rows[i]], scores[i], shared, cited)
            for rank, (i, shared, cited) in enumerate(reasons, start=1)
        )
        verdict = None
        if self.ranker is not None:
            verdict = supply(graded, threshold=self.config.good_supply)
        return MatchList(query.id, matches, self.config, graded.requirements, verdict)

    def retrieve(
        self, query: Query, *, k: int, allowed: Collection[str] | None = None
    ) -> dict[str, float]:
        """Ids and scores of the ``k`` best, without reasons; see ``Retriever``."""
        candidates = self._gatherer.best(query, k=k, allowed=allowed)
        scores = (
            self._fused(candidates)
            if self.ranker is None
            else self._reranked(query, candidates, k=k)[0]
        )
        return {document_id: scores[document_id] for document_id in ranking(scores)[:k]}

    def search(self, query: Query, *, k: int) -> list[str]:
        """Ids of the ``k`` documents that share most wording with the query, best first."""
        return list(self._lexical.retrieve(query, k=k))

    def promising(
        self, query: Query, *, allowed: Collection[str] | None = None
    ) -> dict[str, float]:
        """P(level ≥ 3) of the documents that reach ``config.good_supply``, without reasons.

        It looks at what ``match`` looks at, so none is found where that tells of no good
        supply.

        Raises:
            EmptyQuery: the query has no letter, digit or ideograph.
            ValueError: there is no ranker.
        """
        candidates = self._gatherer.best(query, k=1, allowed=allowed)
        rows = {document_id: row for row, document_id in enumerate(candidates.ids)}
        order = ranking(self._fused(candidates))[: self.config.graded]
        graded = self._graded(query, candidates, [rows[i] for i in order])
        if graded.grades is None:
            raise ValueError(_NO_GRADES)
        fair = zip(graded.rows.tolist(), graded.grades[:, FAIR].tolist(), strict=True)
        return {candidates.ids[row]: p for row, p in fair if p >= self.config.good_supply}

    def measure(self, query: Query, document_ids: Sequence[str]) -> Values:
        """(len(document_ids), n_signals) signals of the documents named.

        Raises:
            EmptyQuery: the query has no letter, digit or ideograph.
            UnknownDocument: an id is not indexed, or its document is gone.
        """
        return self._named(query, document_ids).values

    def grade(self, query: Query, document_ids: Sequence[str]) -> NDArray[np.float64]:
        """(len(document_ids), 3) P(level ≥ 2), P(≥ 3), P(≥ 4) of the documents named.

        Raises:
            EmptyQuery: the query has no letter, digit or ideograph.
            UnknownDocument: an id is not indexed, or its document is gone.
            ValueError: there is no ranker.
        """
        graded = self._named(query, document_ids)
        if graded.grades is None:
            raise ValueError(_NO_GRADES)
        return graded.grades

    def _named(self, query: Query, document_ids: Sequence[str]) -> Graded:
        candidates = self._gatherer.of(query, document_ids)
        graded = self._graded(query, candidates, range(len(document_ids)))
        if len(graded.rows) < len(document_ids):
            present = set(graded.rows.tolist())
            gone = next(i for row, i in enumerate(document_ids) if row not in present)
            raise UnknownDocument(gone)
        return graded

    def _fused(self, candidates: Candidates) -> dict[str, float]:
        return dict(zip(candidates.ids, candidates.fused.tolist(), strict=True))

    def _reranked(
        self, query: Query, candidates: Candidates, *, k: int
    ) -> tuple[dict[str, float], Graded]:
        """Scores of all: gains, above 0, of those graded (``varied``); the others below 0."""
        fused = self._fused(candidates)
        order = ranking(fused)
        # whoever is listed is graded, so that a long list has levels to its end
        depth = max(k, self.config.graded)
        rows = {document_id: row for row, document_id in enumerate(candidates.ids)}
        graded = self._graded(query, candidates, [rows[i] for i in order[:depth]])
        rest = order[depth:]
        ceiling = fused[rest[0]] if rest else 0.0
        scores = {i: round(fused[i] - ceiling, 9) - 1.0 for i in rest}
        ids = [candidates.ids[row] for row in graded.rows]
        gains = dict(zip(ids, graded.gains().tolist(), strict=True))
        scores |= varied(gains, organizations_of(graded.documents), repeat=self.config.repeat)
        return scores, graded

    def _graded(self, query: Query, candidates: Candidates, rows: Sequence[int]) -> Graded:
        graded = grade_candidates(
            query,
            candidates,
            rows,
            lookup=self._lookup,
            idf=self._lexical.idf,
            config=self.config,
            ranker=self.ranker,
            relations=self._relations,
        )
        if graded.grades is None or self.precedents is None or self.space is None:
            return graded
        places = self.space.places([document.id for document in graded.documents])
        moved = self.precedents.moved(graded.grades, self.space.place(query), places, graded.values)
        return replace(graded, grades=moved)

    def _cited(self, query: Query, ids: Sequence[str]) -> Sequence[Cited | None]:
        if self.ranker is None or self.precedents is None or self.space is None:
            return [None] * len(ids)
        return self.precedents.cited(self.space.place(query), self.space.places(ids))

    def _match(
        self,
        candidates: Candidates,
        graded: Graded,
        rank: int,
        place: int,
        score: float,
        phrases: tuple[Phrase, ...],
        cited: Cited | None,
    ) -> Match:
        row = int(graded.rows[place])
        return Match(
            rank=rank,
            document_id=candidates.ids[row],
            score=score,
            fused=float(candidates.fused[row]),
            levels=None if graded.grades is None else _levels(graded.grades[place]),
            signals=signals(_row(candidates.values, row), _row(candidates.contributions, row)),
            phrases=phrases,
            answers=graded.covered[place].answers,
            precedent=cited,
        )


def default_pipeline(
    lexical: LexicalRetriever,
    encoder: Encoder,
    vectors: VectorSearch,
    lookup: Lookup,
    config: MatchConfig | None = None,
    ranker: Ranker | None = None,
    relations: Relations | None = None,
    adapter: Adapter | None = None,
) -> Pipeline:
    """The pipeline that users get and that is evaluated: wording, meaning and chains, graded.

    With an adapter, meaning is compared as the corpus itself would have it.
    """
    meaning: Retriever = DenseRetriever(encoder, vectors)
    if adapter is not None and AdaptedRetriever.name not in (config or MatchConfig()).without:
        meaning = AdaptedRetriever(encoder, vectors, adapter)
    return Pipeline(lexical, [meaning], lookup, config, ranker, relations)


def _levels(grades: NDArray[np.float64]) -> tuple[float, float, float, float]:
    one, two, three, four = (round(p, 6) for p in level_chances(grades[None])[0].tolist())
    return one, two, three, four


def _row(columns: Mapping[str, FloatArray | NDArray[np.float64]], row: int) -> dict[str, float]:
    return {name: float(column[row]) for name, column in columns.items()}
