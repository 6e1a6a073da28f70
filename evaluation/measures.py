"""nDCG and recall of a run, query by query, computed with ir-measures.

The library breaks equal scores by document id descending, the project ascending, and
it stores scores in single precision. So it is never shown a system's scores: it gets the
ranks of ``matcher.run`` turned into whole numbers that strictly decrease.
"""

from collections.abc import Mapping, Sequence

import ir_measures
from ir_measures import R, nDCG

from evaluation.dataset import Qrels
from matcher.run import Run

FAIR = 2
"""Lowest score that counts as relevant in recall: fairly or strongly related."""

SMALLEST_POOL = 5
"""Ranking fewer documents says too little about a system."""


def rankable(qrels: Qrels) -> dict[str, Mapping[str, int]]:
    """The judged pools on which nDCG tells systems apart.

    Left out are pools of fewer than ``SMALLEST_POOL`` documents and those judged to be
    all of one level, which any order ranks equally well.
    """
    return {
        query_id: pool
        for query_id, pool in qrels.items()
        if len(pool) >= SMALLEST_POOL and len(set(pool.values())) > 1
    }


def findable(qrels: Qrels) -> dict[str, Mapping[str, int]]:
    """The judged pools in which at least one document is relevant (``FAIR`` or better)."""
    return {
        query_id: pool for query_id, pool in qrels.items() if max(pool.values(), default=0) >= FAIR
    }


def ndcg(run: Run, qrels: Qrels, *, k: int = 10) -> dict[str, float]:
    """nDCG@k of each rankable query over its judged pool.

    The gain of a document is 2^score − 1 and its discount log2(1 + rank); the sum over
    the first ``k`` ranks is divided by that of the best order (Järvelin and Kekäläinen
    2002, with the gain of Burges and others 2005). Documents of the run that were not
    judged are passed over; judged ones missing from the run rank last, by id.

    Returns:
        Query id to a value in [0, 1], in the order of ``qrels``.
    """
    pools = rankable(qrels)
    levels = {score for pool in pools.values() for score in pool.values()}
    rankings = {
        query_id: whole_pool(run.ranking(query_id), pool) for query_id, pool in pools.items()
    }
    return _per_query(nDCG(gains={s: 2**s - 1 for s in levels}) @ k, pools, rankings)


def recall(run: Run, qrels: Qrels, *, k: int) -> dict[str, float]:
    """Share of the relevant documents among the first ``k`` of each findable query.

    The run is taken as it is, over the whole corpus: unjudged documents keep their ranks.

    Returns:
        Query id to a value in [0, 1], in the order of ``qrels``; 0 for a query that
        the run lacks.
    """
    pools = findable(qrels)
    rankings = {query_id: run.ranking(query_id) for query_id in pools}
    return _per_query(R(rel=FAIR) @ k, pools, rankings)


def whole_pool(ranking: Sequence[str], pool: Mapping[str, int]) -> list[str]:
    """The judged documents of a ranking, then those that it lacks, by id."""
    judged = [document_id for document_id in ranking if document_id in pool]
    return judged + sorted(pool.keys() - set(judged))


def _per_query(
    measure: ir_measures.Measure, pools: Qrels, rankings: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    scores = {
        query_id: {document_id: float(-rank) for rank, document_id in enumerate(ranking)}
        for query_id, ranking in rankings.items()
    }
    plain = {query_id: dict(pool) for query_id, pool in pools.items()}
    values = {
        metric.query_id: float(metric.value)
        for metric in ir_measures.iter_calc([measure], plain, scores)
    }
    return {query_id: values[query_id] for query_id in pools}
