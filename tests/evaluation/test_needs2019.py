"""The baselines on real judgements stay where they were first measured."""

import pytest

from evaluation.compare import evaluate
from evaluation.dataset import load_dataset
from evaluation.systems import Bm25System, RandomSystem


@pytest.fixture(scope="module")
def report(benchmarks):
    dataset = load_dataset(benchmarks / "needs2019", "dev")
    return evaluate(
        dataset,
        [
            Bm25System(dataset.documents),
            RandomSystem([document.id for document in dataset.documents]),
        ],
    )


@pytest.fixture(scope="module")
def estimates(report):
    return {system.name: system.estimates for system in report.systems}


def test_needs2019_has_the_queries_that_its_readme_promises(benchmarks):
    dataset = load_dataset(benchmarks / "needs2019", "dev")

    assert (len(dataset.queries), len(dataset.documents)) == (294, 4868)
    assert (len(dataset.qrels), sum(map(len, dataset.qrels.values()))) == (160, 3983)
    assert dataset.groups.keys() == {query.id for query in dataset.queries}


def test_random_reaches_what_chance_gives(estimates):
    assert estimates["random"]["ndcg@10"].mean == pytest.approx(0.444, abs=0.03)
    assert estimates["random"]["recall@100"].mean == pytest.approx(100 / 4868, abs=0.015)


def test_bm25_reaches_what_was_measured_before(estimates):
    assert estimates["bm25"]["ndcg@10"].mean == pytest.approx(0.649, abs=0.005)
    assert estimates["bm25"]["recall@100"].mean == pytest.approx(0.432, abs=0.005)
    assert estimates["bm25"]["ndcg@10"].n == 146
    assert estimates["bm25"]["recall@100"].n == 117


def test_bm25_beats_chance_beyond_doubt(report):
    assert report.difference("bm25", "random").low > 0.1
