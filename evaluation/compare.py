"""Systems side by side: the same queries, the same judgements, one report."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from statistics import median
from time import perf_counter

from evaluation.bootstrap import Estimate, estimate, paired_difference
from evaluation.dataset import Dataset
from evaluation.errors import ScoreNotANumber
from evaluation.figures import as_json, decimals, in_words, number
from evaluation.measures import findable, ndcg, rankable, recall
from evaluation.systems import System
from matcher.errors import EmptyQuery
from matcher.run import Run
from matcher.types import Query

NDCG_CUTOFF = 10
RECALL_CUTOFFS = (50, 100)
MEASURES = (f"ndcg@{NDCG_CUTOFF}", *(f"recall@{k}" for k in RECALL_CUTOFFS))
"""Names of the measures, in the order in which every report gives them."""

Progress = Callable[[int, int], None]
"""Called with the steps done and the steps in all; a step is one query of one system."""


@dataclass(frozen=True, slots=True)
class SystemReport:
    """What one system reached.

    Attributes:
        per_query: Measure to query id to value, for whoever wants to look closer.
        estimates: Measure to mean and interval, keys in the order of ``MEASURES``.
        ms_per_query: Median wall-clock milliseconds of a retrieval from the whole
            corpus; NaN when no query was asked.
    """

    name: str
    per_query: Mapping[str, Mapping[str, float]]
    estimates: Mapping[str, Estimate]
    ms_per_query: float


@dataclass(frozen=True, slots=True)
class Report:
    """Every system's figures on one data set, in the order the systems were given."""

    dataset: str
    split: str
    systems: tuple[SystemReport, ...]
    groups: Mapping[str, str]

    def as_json(self) -> dict[str, object]:
        """The published shape; keys in a fixed order, null where nothing was measured."""
        return {
            "dataset": self.dataset,
            "split": self.split,
            "systems": {
                system.name: {
                    **{measure: as_json(system.estimates[measure]) for measure in MEASURES},
                    "ms_per_query": number(system.ms_per_query, digits=3),
                }
                for system in self.systems
            },
        }

    def columns(self) -> tuple[str, ...]:
        """Headings of ``rows``."""
        return ("system", *MEASURES, "ms / query")

    def rows(self) -> list[tuple[str, ...]]:
        """One row of words per system, as wide as ``columns``, ready for a table."""
        return [
            (
                system.name,
                *(in_words(system.estimates[measure]) for measure in MEASURES),
                decimals(system.ms_per_query, digits=1),
            )
            for system in self.systems
        ]

    def difference(self, first: str, second: str, *, measure: str = MEASURES[0]) -> Estimate:
        """How far one system lies above another, paired by query.

        Raises:
            KeyError: the report has no such system or measure.
        """
        return paired_difference(
            self.values(first, measure), self.values(second, measure), self.groups
        )

    def values(self, system: str, measure: str = MEASURES[0]) -> Mapping[str, float]:
        """Query id to what one system reached on it.

        Raises:
            KeyError: the report has no such system or measure.
        """
        return {reported.name: reported.per_query for reported in self.systems}[system][measure]


def evaluate(
    dataset: Dataset,
    systems: Sequence[System],
    *,
    depth: int = max(RECALL_CUTOFFS),
    progress: Progress = lambda done, total: None,
) -> Report:
    """Every system measured on the judged queries of a data set.

    For recall and time a system searches the whole corpus; for nDCG it searches again with
    the judged pool as its filter, so that both figures come from the very pipeline that
    users get. A query that a system finds no words in counts as nothing found.

    Args:
        dataset: What to measure on.
        systems: In the order in which the report shall list them; already built.
        depth: Documents asked for from the whole corpus.
        progress: Told after each query.

    Raises:
        ValueError: two systems share a name, or ``depth`` is too small for recall.
    """
    if len({system.name for system in systems}) < len(systems):
        raise ValueError("systems need different names; wrap one in evaluation.systems.Named")
    if depth < max(RECALL_CUTOFFS):
        raise ValueError(f"depth must be at least {max(RECALL_CUTOFFS)}, not {depth}")
    pools = {**rankable(dataset.qrels), **findable(dataset.qrels)}
    queries = [query for query in dataset.queries if query.id in pools]
    total = len(systems) * len(queries)
    done = count(1)

    def advance() -> None:
        progress(next(done), total)

    reports = tuple(_measure(system, dataset, queries, depth, advance) for system in systems)
    return Report(dataset.name, dataset.split, reports, dataset.groups)


def _measure(
    system: System,
    dataset: Dataset,
    queries: Sequence[Query],
    depth: int,
    advance: Callable[[], None],
) -> SystemReport:
    whole: dict[str, dict[str, float]] = {}
    pooled: dict[str, dict[str, float]] = {}
    milliseconds = []
    for query in queries[:1]:
        # Lazy loading and cold caches belong to the start of a process, not to a query.
        ask(system, query, k=depth)
    for query in queries:
        # Timed before the pool is asked for: a cached query vector would flatter it.
        start = perf_counter()
        whole[query.id] = ask(system, query, k=depth)
        milliseconds.append((perf_counter() - start) * 1000)
        pool = dataset.qrels[query.id].keys()
        pooled[query.id] = ask(system, query, k=len(pool), allowed=pool)
        advance()

    per_query = {f"ndcg@{NDCG_CUTOFF}": ndcg(Run(system.name, pooled), dataset.qrels)}
    for k in RECALL_CUTOFFS:
        per_query[f"recall@{k}"] = recall(Run(system.name, whole), dataset.qrels, k=k)
    return SystemReport(
        name=system.name,
        per_query=per_query,
        estimates={m: estimate(values, dataset.groups) for m, values in per_query.items()},
        ms_per_query=median(milliseconds) if milliseconds else math.nan,
    )


def ask(
    system: System, query: Query, *, k: int, allowed: Collection[str] | None = None
) -> dict[str, float]:
    """What a system retrieves; nothing for a query without words.

    Raises:
        ScoreNotANumber: the system gave a document NaN, which has no place in an order.
    """
    try:
        scores = system.retrieve(query, k=k, allowed=allowed)
    except EmptyQuery:
        return {}
    for document_id, score in scores.items():
        if math.isnan(score):
            raise ScoreNotANumber(system.name, query.id, document_id)
    return scores


def pool_ndcg(
    system: System, dataset: Dataset, query_ids: Collection[str] | None = None
) -> dict[str, float]:
    """nDCG@10 over the judged pools alone, without searching the corpus.

    Args:
        system: What is measured.
        dataset: Where the judgements come from.
        query_ids: Queries to measure on; all when None.

    Returns:
        Rankable query id to a value in [0, 1], in the order of the judgements.
    """
    wanted = dataset.qrels.keys() if query_ids is None else set(query_ids)
    qrels = {query_id: pool for query_id, pool in dataset.qrels.items() if query_id in wanted}
    pools = rankable(qrels)
    scores = {
        query.id: ask(system, query, k=len(pools[query.id]), allowed=pools[query.id].keys())
        for query in dataset.queries
        if query.id in pools
    }
    return ndcg(Run(system.name, scores), qrels, k=NDCG_CUTOFF)
