"""How the pipeline learns from judgements: every pair measured once, a ranker fitted, and graded.

A cross-validation, a learning curve and an ablation fit many rankers to the same pairs.
Measuring a pair costs a thousand times what fitting does, and no ranker changes it, so
values are kept.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from evaluation.grader import Grader, Judged
from matcher.errors import TooLittleToLearn
from matcher.learn import fit_ranker
from matcher.precedent_learning import fit_precedents
from matcher.precedents import Precedent, Precedents, Space
from matcher.ranker import Ranker, expected_gain
from matcher.retrieve import FloatArray
from matcher.run import top
from matcher.signals import SIGNALS
from matcher.text import has_words
from matcher.types import Query

Values = NDArray[np.float64]
Pair = tuple[str, str]
"""Query id and document id."""


class Rankable(Grader, Protocol):
    """What is asked of a pipeline here; ``matcher.pipeline.Pipeline`` is the one there is."""

    def measure(self, query: Query, ids: Sequence[str]) -> Values:
        """(len(ids), n_signals) values, each of its own document alone; NaN for unknown."""
        ...

    @property
    def space(self) -> Space | None:
        """Where pairs are compared with precedents; None where there are no vectors."""
        ...

    def with_ranker(self, ranker: Ranker | None, precedents: Precedents | None = None) -> Self:
        """The same pipeline, graded by these; without a ranker the untrained ranking."""
        ...


@dataclass(frozen=True, slots=True)
class Shade:
    """What a whole-number level leaves out.

    Attributes:
        level: From 1 to 4, such as 2.5 where brokers differ.
        weight: How much the pair counts, above 0.
    """

    level: float
    weight: float


class Measured:
    """Signal values of pairs, each measured when it is first asked for."""

    def __init__(self, pipeline: Rankable, queries: Sequence[Query]) -> None:
        self._pipeline = pipeline
        self._queries = {query.id: query for query in queries}
        self._rows: dict[str, dict[str, Values]] = {}
        self._places: dict[str, FloatArray] = {}

    def has_words(self, query_id: str) -> bool:
        """Whether a query says anything that could be measured."""
        query = self._queries[query_id]
        return has_words(query.title + query.text)

    def values(self, query_id: str, ids: Sequence[str]) -> Values:
        """(len(ids), n_signals) values of one query's documents.

        Raises:
            EmptyQuery: the query has no words.
            KeyError: no query has this id.
        """
        known = self._rows.setdefault(query_id, {})
        if missing := [i for i in dict.fromkeys(ids) if i not in known]:
            fresh = self._pipeline.measure(self._queries[query_id], missing)
            known.update(zip(missing, fresh, strict=True))
        return np.stack([known[i] for i in ids]) if ids else np.empty((0, len(SIGNALS)))

    def of_pairs(self, pairs: Sequence[Pair]) -> Values:
        """(len(pairs), n_signals) values, in the order of the pairs."""
        by_query: dict[str, list[str]] = {}
        for query_id, document_id in pairs:
            by_query.setdefault(query_id, []).append(document_id)
        for query_id, ids in by_query.items():
            self.values(query_id, ids)
        return np.stack([self._rows[query_id][document_id] for query_id, document_id in pairs])

    def place(self, space: Space, query_id: str) -> FloatArray:
        """(dim,) where a query lies; encoding it costs more than all else here."""
        if query_id not in self._places:
            self._places[query_id] = space.place(self._queries[query_id])
        return self._places[query_id]


@dataclass(frozen=True)
class PipelineFit:
    """A ``Fit`` that teaches a pipeline; use ``of`` to make one.

    Attributes:
        base: The ranker to stay near, and to fall back to; None for the untrained ranking.
        without: Groups of signals that are not learnt from.
        shades: Finer levels and weights of pairs, where they are known.
        precedents: Whether judged pairs also move the levels of pairs like them.
    """

    pipeline: Rankable
    measured: Measured
    base: Ranker | None = None
    without: tuple[str, ...] = ()
    shades: Mapping[Pair, Shade] = field(default_factory=dict)
    precedents: bool = False

    @classmethod
    def of(
        cls,
        pipeline: Rankable,
        queries: Sequence[Query],
        *,
        base: Ranker | None = None,
        shades: Mapping[Pair, Shade] | None = None,
        precedents: bool = False,
    ) -> Self:
        """A fit over these queries, with nothing measured yet."""
        measured = Measured(pipeline, queries)
        return cls(pipeline, measured, base, shades=shades or {}, precedents=precedents)

    def leaving_out(self, groups: Collection[str]) -> Self:
        """The same fit without some groups of signals; what is measured is shared."""
        return replace(self, without=tuple(groups))

    def __call__(self, judgements: Sequence[Judged]) -> Grader:
        """The pipeline with a ranker, and precedents if asked for, from the judgements.

        Too few of them, or all of one level, leave the base as it is. A query without words
        teaches nothing.
        """
        try:
            return self.learnt(judgements)
        except TooLittleToLearn:
            return self.graded_by(self.base)

    def learnt(self, judgements: Sequence[Judged]) -> Grader:
        """The same where grades are owed: without a base, nothing but a fit can grade.

        Raises:
            TooLittleToLearn: there are too few judgements, or all are of one level.
        """
        taught = self._lesson(judgements)
        ranker = self._ranker(taught)
        space = self.pipeline.space
        if not self.precedents or space is None:
            return self.graded_by(ranker)
        precedents = fit_precedents(
            [
                Precedent(query_id, document_id, level)
                for (query_id, document_id), level in zip(taught.pairs, taught.levels, strict=True)
            ],
            ranker.grade(taught.values),
            queries=np.stack(
                [self.measured.place(space, query_id) for query_id, _ in taught.pairs]
            ),
            documents=space.places([document_id for _, document_id in taught.pairs]),
            values=taught.values,
            weights=taught.weights,
        )
        return _Trained(self.pipeline, self.measured, ranker, precedents)

    def ranker(self, judgements: Sequence[Judged]) -> Ranker:
        """The ranker alone.

        Raises:
            TooLittleToLearn: there are too few judgements, or all are of one level.
        """
        return self._ranker(self._lesson(judgements))

    def graded_by(self, ranker: Ranker | None) -> Grader:
        """The pipeline with any ranker, on the values that are measured already."""
        if ranker is None:
            return self.pipeline.with_ranker(None)
        return _Trained(self.pipeline, self.measured, ranker, None)

    @property
    def _unseen(self) -> set[str]:
        return {signal.name for signal in SIGNALS if signal.group in self.without}

    def _lesson(self, judgements: Sequence[Judged]) -> "_Lesson":
        usable = [judged for judged in judgements if self.measured.has_words(judged.query_id)]
        if not usable:
            raise TooLittleToLearn(0, 0)
        pairs = [(judged.query_id, judged.document_id) for judged in usable]
        shades = [
            self.shades.get(pair, Shade(judged.level, 1.0))
            for pair, judged in zip(pairs, usable, strict=True)
        ]
        values = self.measured.of_pairs(pairs)
        values[:, [signal.name in self._unseen for signal in SIGNALS]] = np.nan
        return _Lesson(
            pairs,
            values,
            np.array([shade.level for shade in shades], dtype=np.float64),
            np.array([shade.weight for shade in shades], dtype=np.float64),
        )

    def _ranker(self, taught: "_Lesson") -> Ranker:
        ranker = fit_ranker(taught.values, taught.levels, weights=taught.weights, base=self.base)
        # what the base says of a signal outlasts a fit that never saw it
        slopes = {name: 0.0 if name in self._unseen else s for name, s in ranker.slopes.items()}
        return replace(ranker, slopes=slopes)


@dataclass(frozen=True, slots=True)
class _Lesson:
    """Judged pairs with their (n, n_signals) values, (n,) levels and (n,) weights."""

    pairs: Sequence[Pair]
    values: Values
    levels: Values
    weights: Values


class _Trained:
    """A pipeline that learnt, which need not measure a pair that was measured before."""

    def __init__(
        self, pipeline: Rankable, measured: Measured, ranker: Ranker, precedents: Precedents | None
    ) -> None:
        self.name = pipeline.name
        self._pipeline = pipeline.with_ranker(ranker, precedents)
        self._measured = measured
        self._ranker = ranker
        self._precedents = precedents

    def retrieve(
        self, query: Query, *, k: int, allowed: Collection[str] | None = None
    ) -> dict[str, float]:
        if allowed is None or k < len(allowed):
            return self._pipeline.retrieve(query, k=k, allowed=allowed)
        # nothing is to be found, only to be ordered: by the ranker alone, whoever owns what
        ids = sorted(allowed)
        gains = np.round(expected_gain(self.grade(query, ids)), 9)
        return top(dict(zip(ids, gains.tolist(), strict=True)), k=k)

    def grade(self, query: Query, document_ids: Sequence[str]) -> NDArray[np.float64]:
        values = self._measured.values(query.id, document_ids)
        grades = self._ranker.grade(values)
        space = self._pipeline.space
        if self._precedents is None or space is None:
            return grades
        query_at = self._measured.place(space, query.id)
        return self._precedents.moved(grades, query_at, space.places(document_ids), values)
