"""The baselines on real judgements stay where they were first measured."""

import pytest

from evaluation.compare import evaluate
from evaluation.dataset import load_dataset, load_unjudged
from evaluation.folds import grouped_folds
from evaluation.level_files import read_levels
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


def test_its_folds_keep_near_copies_together_and_are_of_one_size(benchmarks):
    dataset = load_dataset(benchmarks / "needs2019", "dev")

    folds = grouped_folds(dataset.qrels, dataset.groups)

    assert [len(fold) for fold in folds] == [32] * 5
    groups = [{dataset.groups[query_id] for query_id in fold} for fold in folds]
    assert sum(map(len, groups)) == len(set().union(*groups)) == 145


def test_its_file_of_levels_fits_its_texts(benchmarks):
    dataset = load_unjudged(benchmarks / "needs2019")

    pairs = read_levels(benchmarks / "needs2019" / "levels_train.csv")

    assert len(pairs) == 4241
    assert {pair.judged.query_id for pair in pairs} <= {query.id for query in dataset.queries}
    assert {pair.judged.document_id for pair in pairs} <= {d.id for d in dataset.documents}
