"""Grading: the best candidates are measured, and the ranker says which level each reaches."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.candidates import Candidates
from matcher.config import MatchConfig
from matcher.coverage import Coverage, coverage
from matcher.ranker import Ranker, expected_gain
from matcher.relations import Relations
from matcher.requirements import Requirement, requirements_of
from matcher.retrieve import FloatArray
from matcher.signals import Pool, Values, measured
from matcher.types import Document, Query

Lookup = Callable[[Sequence[str]], Mapping[str, Document]]
"""Document ids to documents; ids may be left out when they are gone."""


@dataclass(frozen=True, slots=True)
class Graded:
    """Candidates that were measured, best first by expected gain when there is a ranker.

    Attributes:
        rows: (n,) place of each in the candidates.
        documents: n documents.
        covered: n coverages of the query's requirements.
        values: (n, n_signals) signals.
        grades: (n, 3) P(level ≥ 2), P(≥ 3), P(≥ 4); None without a ranker.
    """

    requirements: tuple[Requirement, ...]
    rows: NDArray[np.intp]
    documents: Sequence[Document]
    covered: Sequence[Coverage]
    values: Values
    grades: NDArray[np.float64] | None

    def gains(self) -> NDArray[np.float64]:
        """(n,) expected gains, rounded so that equal documents tie on every machine."""
        assert self.grades is not None
        return np.round(expected_gain(self.grades), 9)


def grade_candidates(
    query: Query,
    candidates: Candidates,
    rows: Sequence[int],
    *,
    lookup: Lookup,
    idf: FloatArray,
    config: MatchConfig,
    ranker: Ranker | None,
    relations: Relations | None = None,
) -> Graded:
    """Measures the candidates in these rows, leaving out documents that are gone.

    Args:
        query: What was asked.
        candidates: What was found.
        rows: Places in ``candidates`` that are looked at.
        lookup: Where to read the documents.
        idf: Rarity of n-grams; see ``LexicalRetriever.idf``.
        config: Which signals are switched off.
        ranker: Estimates the levels; None for none.
        relations: Tells what the chain graph knows; None leaves it unknown.
    """
    found = lookup([candidates.ids[row] for row in rows])
    kept = np.array([row for row in rows if candidates.ids[row] in found], dtype=np.intp)
    documents = [found[candidates.ids[row]] for row in kept]
    requirements = requirements_of(query)
    covered = coverage(requirements, documents, idf=idf)
    pool = Pool(
        query,
        documents,
        candidates.fused[kept],
        {name: scores[kept] for name, scores in candidates.values.items()},
        covered,
        idf,
        {} if relations is None else relations.of(query, documents),
    )
    values = measured(pool, without=config.without)
    grades = None if ranker is None else ranker.grade(values)
    return Graded(requirements, kept, documents, covered, values, grades)
