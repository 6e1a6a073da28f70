import math

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from evaluation.measures import findable, ndcg, rankable, recall
from matcher.run import Run

POOL = {"a": 3, "b": 2, "c": 1, "d": 0, "e": 0}


def run_of(**rankings: str) -> Run:
    return Run("test", {q: {d: float(-i) for i, d in enumerate(r)} for q, r in rankings.items()})


def test_ndcg_agrees_with_a_case_worked_by_hand():
    # Gains 7, 3, 1, 0, 0; discounts log2 of 2, 3, 4, 5, 6.
    # c a d b e: 1/1 + 7/1.58496 + 0 + 3/2.32193 = 6.70854; best: 7 + 3/1.58496 + 1/2 = 9.39279.
    values = ndcg(run_of(q="cadbe"), {"q": POOL})

    assert values == {"q": pytest.approx(6.70854 / 9.39279, abs=1e-5)}


def test_the_best_order_reaches_one_and_a_worse_one_does_not():
    qrels = {"q": POOL}

    assert ndcg(run_of(q="abcde"), qrels)["q"] == pytest.approx(1)
    assert ndcg(run_of(q="abced"), qrels)["q"] == pytest.approx(1)
    assert ndcg(run_of(q="edcba"), qrels)["q"] < 0.6


def test_ndcg_looks_at_ten_ranks_only():
    pool = {letter: 0 for letter in "abcdefghij"} | {"z": 2}

    assert ndcg(run_of(q="abcdefghijz"), {"q": pool}) == {"q": 0.0}
    assert ndcg(run_of(q="abcdefghizj"), {"q": pool})["q"] == pytest.approx(1 / math.log2(11))


def test_ndcg_agrees_with_scikit_learn():
    rng = np.random.default_rng(5)
    qrels, scores, expected = {}, {}, {}
    for number in range(50):
        size = int(rng.integers(5, 40))
        levels = rng.integers(0, 4, size)
        levels[:2] = 0, 3
        drawn = rng.permutation(size) / 7
        ids = [f"d{position}" for position in range(size)]
        qrels[f"q{number}"] = dict(zip(ids, levels.tolist(), strict=True))
        scores[f"q{number}"] = dict(zip(ids, drawn.tolist(), strict=True))
        expected[f"q{number}"] = pytest.approx(ndcg_score([2.0**levels - 1], [drawn], k=10))

    assert ndcg(Run("test", scores), qrels) == expected


def test_equal_scores_are_ranked_by_id_ascending():
    tied = Run("test", {"q": dict.fromkeys("edcba", 0.5)})

    assert ndcg(tied, {"q": POOL})["q"] == pytest.approx(1)
    assert recall(tied, {"q": {"a": 2, "e": 0}}, k=1) == {"q": 1.0}
    assert recall(tied, {"q": {"a": 0, "e": 2}}, k=4) == {"q": 0.0}


def test_scores_that_single_precision_cannot_tell_apart_still_order():
    close = Run("test", {"q": {"a": 1.0, "b": 1.0 + 1e-12}})

    assert recall(close, {"q": {"b": 3}}, k=1) == {"q": 1.0}


def test_judged_documents_missing_from_the_run_rank_last_by_id():
    qrels = {"q": POOL}

    assert ndcg(run_of(q="d"), qrels) == ndcg(run_of(q="dabce"), qrels)
    assert ndcg(Run("test"), qrels) == ndcg(run_of(q="abcde"), qrels)


def test_documents_that_nobody_judged_do_not_count_against_a_pool():
    qrels = {"q": POOL}

    assert ndcg(run_of(q="xcyadzbe"), qrels) == ndcg(run_of(q="cadbe"), qrels)


def test_small_and_single_level_pools_are_left_out_of_ndcg():
    qrels = {
        "four": {"a": 3, "b": 0, "c": 0, "d": 0},
        "five": {"a": 3, "b": 0, "c": 0, "d": 0, "e": 0},
        "level": dict.fromkeys("abcdef", 2),
        "empty": {},
    }

    assert list(rankable(qrels)) == ["five"]
    assert list(ndcg(run_of(four="abcd", five="abcde", level="abcdef"), qrels)) == ["five"]


def test_recall_agrees_with_a_case_worked_by_hand():
    qrels = {"q": {"a": 3, "b": 2, "c": 2, "d": 1, "e": 0}}
    run = run_of(q="xadyezbc")

    assert recall(run, qrels, k=1) == {"q": 0.0}
    assert recall(run, qrels, k=2) == {"q": pytest.approx(1 / 3)}
    assert recall(run, qrels, k=7) == {"q": pytest.approx(2 / 3)}
    assert recall(run, qrels, k=100) == {"q": 1.0}


def test_queries_without_a_relevant_document_are_left_out_of_recall():
    qrels = {"weak": {"a": 1, "b": 0}, "fair": {"a": 2}, "empty": {}}

    assert list(findable(qrels)) == ["fair"]
    assert recall(run_of(weak="a", fair="a"), qrels, k=5) == {"fair": 1.0}


def test_a_query_that_the_run_lacks_has_found_nothing():
    assert recall(Run("test"), {"q": {"a": 2}}, k=5) == {"q": 0.0}


def test_nothing_to_measure_gives_nothing():
    assert ndcg(Run("test"), {}) == {}
    assert recall(Run("test"), {}, k=5) == {}
