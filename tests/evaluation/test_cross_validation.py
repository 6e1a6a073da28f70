import pytest

from evaluation.compare import evaluate
from evaluation.cross_validation import out_of_fold
from evaluation.errors import NotHeldOut, UnknownLevel, UnusableFolds
from evaluation.systems import RandomSystem
from matcher.types import Query
from tests.evaluation.toys import ToyFit, make_dataset

GROUPS = {"n00": "g", "n03": "g", "n05": "g"}


def test_every_need_is_answered_by_a_grader_that_saw_neither_it_nor_a_copy():
    dataset = make_dataset(9, GROUPS)
    fit = ToyFit(dataset)

    system = out_of_fold(fit, dataset, name="ranker", folds=3)

    for query in dataset.queries:
        seen = system._grader_of(query).seen
        assert query.id not in seen
        if query.id in GROUPS:
            assert not seen & GROUPS.keys()
    assert all(5 <= len({j.query_id for j in given}) <= 6 for given in fit.given)


def test_it_retrieves_and_grades_what_the_held_out_grader_would():
    dataset = make_dataset(6)
    system = out_of_fold(ToyFit(dataset), dataset, name="ranker", folds=2)
    query = dataset.queries[4]
    alone = system._grader_of(query)

    assert system.retrieve(query, k=3, allowed={"d1", "d2", "d3", "d4"}) == alone.retrieve(
        query, k=3, allowed={"d1", "d2", "d3", "d4"}
    )
    assert system.grade(query, ["d1", "d2"]).tolist() == alone.grade(query, ["d1", "d2"]).tolist()


def test_it_stands_beside_baselines():
    dataset = make_dataset(20)
    system = out_of_fold(ToyFit(dataset), dataset, name="ranker")

    report = evaluate(dataset, [system, RandomSystem([d.id for d in dataset.documents])])

    assert report.values("ranker") == pytest.approx(dict.fromkeys(dataset.qrels, 1.0))
    assert report.difference("ranker", "random").low > 0.05


def test_the_same_seed_makes_the_same_folds():
    dataset = make_dataset(9, GROUPS)
    first, again, other = ToyFit(dataset), ToyFit(dataset), ToyFit(dataset)

    for fit, seed in ((first, 3), (again, 3), (other, 4)):
        out_of_fold(fit, dataset, name="ranker", folds=3, seed=seed)

    assert first.given == again.given
    assert first.given != other.given


def test_progress_is_told_after_every_fit():
    dataset = make_dataset(4)
    steps = []

    out_of_fold(
        ToyFit(dataset), dataset, name="r", folds=2, progress=lambda *step: steps.append(step)
    )

    assert steps == [(1, 2), (2, 2)]


def test_a_query_of_no_fold_is_refused():
    dataset = make_dataset(4)
    system = out_of_fold(ToyFit(dataset), dataset, name="ranker", folds=2)

    with pytest.raises(NotHeldOut, match="'free'"):
        system.retrieve(Query(id="free", title="电机"), k=1)
    with pytest.raises(NotHeldOut):
        system.grade(Query(id="free", title="电机"), [])


def test_one_need_or_one_group_cannot_be_cross_validated():
    alone = make_dataset(1)
    copies = make_dataset(3, dict.fromkeys(("n00", "n01", "n02"), "g"))

    for dataset in (alone, copies):
        with pytest.raises(UnusableFolds):
            out_of_fold(ToyFit(dataset), dataset, name="ranker")


def test_scores_that_are_no_levels_are_refused():
    dataset = make_dataset(5)
    dataset.qrels["n02"]["d0"] = 7

    with pytest.raises(UnknownLevel):
        out_of_fold(ToyFit(dataset), dataset, name="ranker")
