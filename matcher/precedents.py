"""Precedents: judged pairs move the levels of the pairs that resemble them.

A ranker knows no need by name, and treats every one alike; but brokers set a higher bar for
some needs than for others, and what they said of one achievement they will say of one like
it. Two pairs are alike as far as their needs are, times how alike their achievements and
their signals are. What every precedent adds to the log-odds of the four levels is learnt in
``precedent_learning``; here it is applied. Where no precedent is near, the ranker's levels
stand to the last digit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from matcher.ranker import level_chances
from matcher.retrieve import FloatArray
from matcher.signals import Values
from matcher.types import Query

QUERY_SCALE: Final = 0.15
"""Cosine between two needs, below 1, at which they are e times less alike."""

DOCUMENT_SCALE: Final = 0.5
"""The same between two achievements."""

SHARED, SIGNALS_ALIKE, DOCUMENTS_ALIKE = 0.05, 0.15, 5.0
"""What pairs of like needs have in common: always, by signals, by achievements.

Chosen by cross-validation on needs2019, where every figure within half or double does about
as well; weaker ones move a list less after its first judgements."""

LEAST_ALIKE: Final = 0.01
"""Needs that are less alike than this, of a cosine below 0.31, do not move each other."""

_FARTHEST = 3.0
"""Standard deviations beyond which a signal is not followed."""

_LEAST_CHANCE = 1e-6
_DECIMALS = 4


@runtime_checkable
class Space(Protocol):
    """Where queries and documents lie; like ones lie near each other."""

    def place(self, query: Query) -> FloatArray:
        """(dim,) unit vector of a query."""
        ...

    def places(self, document_ids: Sequence[str]) -> FloatArray:
        """(len(document_ids), dim) unit vectors.

        Raises:
            UnknownDocument: an id is not indexed.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of a need and an achievement, as they are compared.

    Attributes:
        queries: (n, dim) float32 unit rows.
        documents: (n, dim) float32 unit rows.
        signals: (n, n_signals) float32, each over its spread; 0 is average, or unknown.
    """

    queries: FloatArray
    documents: FloatArray
    signals: FloatArray

    def __len__(self) -> int:
        return len(self.queries)

    def take(self, rows: NDArray[np.bool_]) -> "Pairs":
        """The pairs of these rows."""
        return Pairs(self.queries[rows], self.documents[rows], self.signals[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """What is average of each signal, and how far it spreads.

    Attributes:
        centre: (n_signals,) means of what is known.
        spread: (n_signals,) standard deviations; infinite where nothing varies.
    """

    centre: Values
    spread: Values

    @classmethod
    def of(cls, values: Values) -> Self:
        """The scale of (n, n_signals) values; NaN is unknown."""
        known = np.isfinite(values)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, values, 0.0).sum(axis=0) / count
        deviation = np.sqrt(np.where(known, (values - mean) ** 2, 0.0).sum(axis=0) / count)
        return cls(mean, np.where(deviation > 1e-9, deviation, np.inf))

    def signals(self, values: Values) -> FloatArray:
        """(n, n_signals) float32 for ``Pairs`` from raw values.

        Rows are divided by the root of how many signals vary, so that their products stay
        near 1 however long the registry is.
        """
        varying = max(int(np.isfinite(self.spread).sum()), 1)
        scaled = np.clip((values - self.centre) / self.spread, -_FARTHEST, _FARTHEST)
        return np.asarray(np.nan_to_num(scaled) / np.sqrt(varying), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Precedent:
    """One judged pair, named for people.

    Attributes:
        level: From 1 to 4, as judged; 2.5 where brokers differ.
    """

    query_id: str
    document_id: str
    level: float


@dataclass(frozen=True, slots=True)
class Cited:
    """The precedent that is most like a pair.

    Attributes:
        likeness: In (0, 1]; 1 for the very pair.
    """

    precedent: Precedent
    likeness: float


@dataclass(frozen=True, slots=True, eq=False)
class Precedents:
    """Judged pairs with what each of them says; see ``fit_precedents``.

    Attributes:
        judged: What was judged.
        pairs: The same, to be compared with.
        scale: Of the signals.
        pull: (n, 4) what each adds to the log-odds of levels 1 to 4, per unit of likeness.
    """

    judged: tuple[Precedent, ...]
    pairs: Pairs
    scale: Scale
    pull: FloatArray

    @classmethod
    def of(
        cls,
        judged: Sequence[Precedent],
        pull: FloatArray,
        *,
        queries: FloatArray,
        documents: FloatArray,
        values: Values,
    ) -> Self:
        """Precedents whose pull is known, such as saved ones.

        Args:
            judged: n judged pairs.
            pull: (n, 4) what ``fit_precedents`` found.
            queries: (n, dim) float32 places of their queries.
            documents: (n, dim) float32 places of their documents.
            values: (n, n_signals) their signals; NaN is unknown.
        """
        scale = Scale.of(values)
        return cls(tuple(judged), Pairs(queries, documents, scale.signals(values)), scale, pull)

    def moved(
        self, grades: Values, query: FloatArray, documents: FloatArray, values: Values
    ) -> NDArray[np.float64]:
        """(n, 3) P(level ≥ 2), P(≥ 3), P(≥ 4), never rising along a row.

        Args:
            grades: (n, 3) what the ranker says.
            query: (dim,) place of the query.
            documents: (n, dim) places of the documents.
            values: (n, n_signals) their signals; NaN is unknown.
        """
        near = self._near(query)
        if not near.any() or not len(grades):
            return grades
        asked = Pairs(
            np.repeat(query[None], len(documents), axis=0), documents, self.scale.signals(values)
        )
        shift = likeness(asked, self.pairs.take(near)) @ self.pull[near]
        # a matrix product may round equal documents differently, and they have to tie
        odds = log_chances(grades) + np.round(shift.astype(np.float64), _DECIMALS)
        odds -= odds.max(axis=1, keepdims=True)
        chances = np.exp(odds)
        chances /= chances.sum(axis=1, keepdims=True)
        reached = np.cumsum(chances[:, :0:-1], axis=1)[:, ::-1]
        return np.asarray(np.minimum(reached, 1.0))

    def cited(self, query: FloatArray, documents: FloatArray) -> list[Cited | None]:
        """For each of (n, dim) documents the precedent most like it; None where none is near."""
        near = self._near(query)
        if not near.any():
            return [None] * len(documents)
        alike = np.exp((self.pairs.documents[near] @ documents.T - 1) / DOCUMENT_SCALE)
        alike *= _queries_alike(self.pairs.queries[near] @ query)[:, None]
        best = alike.argmax(axis=0)
        rows = np.flatnonzero(near)[best]
        return [
            Cited(self.judged[row], min(float(alike[at, column]), 1.0))
            for column, (at, row) in enumerate(zip(best, rows, strict=True))
        ]

    def _near(self, query: FloatArray) -> NDArray[np.bool_]:
        return np.asarray(_queries_alike(self.pairs.queries @ query) >= LEAST_ALIKE)


def likeness(some: Pairs, others: Pairs) -> FloatArray:
    """(len(some), len(others)) float32: a positive definite kernel."""
    alike = some.documents @ others.documents.T
    alike -= 1
    alike /= DOCUMENT_SCALE
    np.exp(alike, out=alike)
    alike *= DOCUMENTS_ALIKE
    alike += SHARED
    alike += SIGNALS_ALIKE * (some.signals @ others.signals.T)
    alike *= _queries_alike(some.queries @ others.queries.T)
    return np.asarray(alike, dtype=np.float32)


def log_chances(grades: Values) -> NDArray[np.float64]:
    """(n, 4) log P(level = 1) to P(level = 4) from (n, 3) P(level ≥ 2), P(≥ 3), P(≥ 4)."""
    return np.asarray(np.log(np.maximum(level_chances(grades), _LEAST_CHANCE)))


def _queries_alike(cosines: FloatArray) -> FloatArray:
    return np.asarray(np.exp((cosines - 1) / QUERY_SCALE), dtype=np.float32)
