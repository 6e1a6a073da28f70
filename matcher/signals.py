"""The signals a ranker reads: what is measured of a query and each of its candidates.

Every signal is one small function over a ``Pool``; ``SIGNALS`` is the registry. A signal
that cannot be known is NaN, never 0: nothing is held against what nobody wrote down.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matcher.coverage import Coverage
from matcher.ngrams import count_ngrams
from matcher.retrieve import FloatArray
from matcher.text import fold
from matcher.types import Achievement, Document, Need, Query

Values = NDArray[np.float64]

UNREADY_LEVELS = 4
"""Readiness levels below the wanted one at which maturity fits not at all."""


class Group(StrEnum):
    """What kind of thing a signal tells; a whole group can be switched off."""

    RETRIEVAL = "retrieval"
    REQUIREMENTS = "requirements"
    FIT = "fit"
    CHAINS = "chains"


@dataclass(frozen=True, slots=True)
class Pool:
    """One query with its candidates, and what earlier stages found.

    Attributes:
        documents: The candidates.
        fused: (n,) fused scores.
        retrieved: Retriever to (n,) raw scores.
        covered: How far each candidate answers the requirements.
        idf: (2**20,) rarity of n-grams; see ``LexicalRetriever.idf``.
        related: Signal to (n,) values that ``Relations`` tell; none without a chain graph.
    """

    query: Query
    documents: Sequence[Document]
    fused: Values
    retrieved: Mapping[str, FloatArray]
    covered: Sequence[Coverage]
    idf: FloatArray
    related: Mapping[str, Values] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignalKind:
    """One entry of the registry.

    Attributes:
        low: Lowest value.
        high: Highest value.
        measure: A pool of n candidates to (n,) float64 values, NaN where unknown.
    """

    name: str
    group: Group
    low: float
    high: float
    measure: Callable[[Pool], Values]

    @property
    def meaning(self) -> str:
        """What it tells, in one line."""
        return (self.measure.__doc__ or "").strip().splitlines()[0]


def fused(pool: Pool) -> Values:
    """Sum of the retrievers' standardised scores: the untrained ranking."""
    return pool.fused


def lexical(pool: Pool) -> Values:
    """TF-IDF cosine of character 1- and 2-grams, whole texts."""
    return _retrieved(pool, "lexical")


def dense(pool: Pool) -> Values:
    """Cosine of the query's title and the document in the embedding space."""
    return _retrieved(pool, "dense")


def adapted(pool: Pool) -> Values:
    """Cosine of the query and the document as the corpus's adapter sees them."""
    return _retrieved(pool, "adapted")


def title_held(pool: Pool) -> Values:
    """Share of the candidate's title, by rarity of its n-grams, that the query holds."""
    asked = count_ngrams([fold(f"{pool.query.title}\n{pool.query.text}")]).indices
    counted = count_ngrams([fold(d.title or d.text[:60]) for d in pool.documents])
    weights = pool.idf[counted.indices].astype(np.float64)
    rows = np.repeat(np.arange(len(pool.documents)), np.diff(counted.indptr))
    total = np.bincount(rows, weights, minlength=len(pool.documents))
    held = np.bincount(rows, weights * np.isin(counted.indices, asked), len(pool.documents))
    return np.where(total > 0, held / np.maximum(total, 1e-9), np.nan)


def best_answer(pool: Pool) -> Values:
    """How much of any one requirement the candidate's best sentence holds."""
    return _floats(
        max((answer.strength for answer in covered.answers), default=np.nan)
        for covered in pool.covered
    )


def must_haves(pool: Pool) -> Values:
    """Share of the must-haves that are answered."""
    return _floats(covered.must for covered in pool.covered)


def requirements(pool: Pool) -> Values:
    """Share of all requirements that are answered, must-haves counting double."""
    return _floats(covered.all for covered in pool.covered)


def maturity(pool: Pool) -> Values:
    """1 where the readiness level reaches the wanted one, falling to 0 four levels below."""
    return _fit(pool, _maturity)


def mode(pool: Pool) -> Values:
    """1 where both sides accept one way of working together, else 0."""
    return _fit(pool, _mode)


def budget(pool: Pool) -> Values:
    """The budget over the asking price, at most 1."""
    return _fit(pool, _budget)


def place(pool: Pool) -> Values:
    """1 in the same county, else 0."""
    return _fit(pool, _place)


def chain_affinity(pool: Pool) -> Values:
    """How near a walk from the query's chains comes; 0.5 is the city's average."""
    return _related(pool, "chain_affinity")


def segment_proximity(pool: Pool) -> Values:
    """1 on the same segment of a chain, less on a neighbouring one or elsewhere on the chain."""
    return _related(pool, "segment_proximity")


def organization_strength(pool: Pool) -> Values:
    """How strong the supplying organisation is where the need stands; 1 is the strongest."""
    return _related(pool, "organization_strength")


def walk(pool: Pool) -> Values:
    """How near a walk comes to the candidate's organisation; 0.5 is as near as from anywhere."""
    return _related(pool, "walk")


SIGNALS: tuple[SignalKind, ...] = (
    SignalKind("fused", Group.RETRIEVAL, -np.inf, np.inf, fused),
    SignalKind("lexical", Group.RETRIEVAL, 0.0, 1.0, lexical),
    SignalKind("dense", Group.RETRIEVAL, -1.0, 1.0, dense),
    SignalKind("adapted", Group.RETRIEVAL, -1.0, 1.0, adapted),
    SignalKind("title_held", Group.RETRIEVAL, 0.0, 1.0, title_held),
    SignalKind("best_answer", Group.REQUIREMENTS, 0.0, 1.0, best_answer),
    SignalKind("must_haves", Group.REQUIREMENTS, 0.0, 1.0, must_haves),
    SignalKind("requirements", Group.REQUIREMENTS, 0.0, 1.0, requirements),
    SignalKind("maturity", Group.FIT, 0.0, 1.0, maturity),
    SignalKind("mode", Group.FIT, 0.0, 1.0, mode),
    SignalKind("budget", Group.FIT, 0.0, 1.0, budget),
    SignalKind("place", Group.FIT, 0.0, 1.0, place),
    SignalKind("chain_affinity", Group.CHAINS, 0.0, 1.0, chain_affinity),
    SignalKind("segment_proximity", Group.CHAINS, 0.0, 1.0, segment_proximity),
    SignalKind("organization_strength", Group.CHAINS, 0.0, 1.0, organization_strength),
    SignalKind("walk", Group.CHAINS, 0.0, 1.0, walk),
)
"""Every signal, in the order of a ranker's columns."""

NAMES: tuple[str, ...] = tuple(kind.name for kind in SIGNALS)


def measured(pool: Pool, *, without: Sequence[str] = ()) -> Values:
    """(n_candidates, n_signals) float64 in the order of ``SIGNALS``; NaN where unknown.

    Args:
        pool: The query and its candidates.
        without: Names of signals or groups that are switched off, and so unknown.
    """
    columns = [
        np.full(len(pool.documents), np.nan)
        if kind.name in without or kind.group in without
        else kind.measure(pool)
        for kind in SIGNALS
    ]
    return np.stack(columns, axis=1)


def _retrieved(pool: Pool, name: str) -> Values:
    scores = pool.retrieved.get(name)
    return np.full(len(pool.documents), np.nan) if scores is None else scores.astype(np.float64)


def _related(pool: Pool, name: str) -> Values:
    values = pool.related.get(name)
    return np.full(len(pool.documents), np.nan) if values is None else values


def _floats(values: Iterator[float]) -> Values:
    return np.fromiter(values, dtype=np.float64)


def _fit(pool: Pool, of_pair: Callable[[Need, Achievement], float]) -> Values:
    def value(document: Document) -> float:
        match pool.query.posting, document.posting:
            case (Need() as need, Achievement() as achievement):
                return of_pair(need, achievement)
            case (Achievement() as achievement, Need() as need):
                return of_pair(need, achievement)
        return np.nan

    return _floats(value(document) for document in pool.documents)


def _maturity(need: Need, achievement: Achievement) -> float:
    if need.min_trl is None or achievement.trl is None:
        return np.nan
    return max(0.0, 1.0 - max(need.min_trl - achievement.trl, 0) / UNREADY_LEVELS)


def _mode(need: Need, achievement: Achievement) -> float:
    if not need.cooperation_modes or not achievement.cooperation_modes:
        return np.nan
    return float(bool(set(need.cooperation_modes) & set(achievement.cooperation_modes)))


def _budget(need: Need, achievement: Achievement) -> float:
    if need.budget_cny is None or achievement.price_cny is None:
        return np.nan
    return min(1.0, need.budget_cny / achievement.price_cny) if achievement.price_cny else 1.0


def _place(need: Need, achievement: Achievement) -> float:
    if need.county is None or achievement.county is None:
        return np.nan
    return float(need.county == achievement.county)
