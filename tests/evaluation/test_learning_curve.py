import json

import pytest

from evaluation.errors import UnusableFolds
from evaluation.grader import judgements_of
from evaluation.learning_curve import learning_curve
from tests.evaluation.toys import ToyFit, make_dataset


def test_more_judged_needs_bring_more_and_none_bring_nothing():
    dataset = make_dataset(24)

    curve = learning_curve(ToyFit(dataset), dataset, sizes=[0, 2, 6, 10], folds=3, draws=2)

    assert [point.size for point in curve.points] == [0, 2, 6, 10]
    means = [point.gain.mean for point in curve.points]
    assert means[0] == 0.0
    assert means == sorted(means)
    assert curve.points[-1].ndcg.mean == pytest.approx(1.0)
    assert curve.points[-1].gain.low > 0.02
    assert curve.points[-1].gain.mean == pytest.approx(1 - curve.points[0].ndcg.mean)


def test_gains_are_over_the_ranking_compared_with():
    dataset = make_dataset(24)
    fit = ToyFit(dataset)
    best = fit(judgements_of(dataset.qrels))

    curve = learning_curve(fit, dataset, untrained=best, sizes=[2], folds=3, draws=2)

    alone, trained = curve.points
    assert alone.gain.mean == pytest.approx(alone.ndcg.mean - 1)
    assert alone.gain.mean < trained.gain.mean <= 0


def test_smaller_training_sets_lie_within_larger_ones_and_never_touch_the_held_out():
    dataset = make_dataset(20, {"n00": "g", "n01": "g"})
    fit = ToyFit(dataset)
    held_out = []

    class Watched(ToyFit):
        def __call__(self, judgements):
            grader = fit(judgements)
            retrieve = grader.retrieve
            asked = set()
            held_out.append(asked)
            grader.retrieve = lambda q, **rest: asked.add(q.id) or retrieve(q, **rest)
            return grader

    learning_curve(Watched(dataset), dataset, sizes=[3, 7], folds=2, draws=2)

    seen = [{judged.query_id for judged in given} for given in fit.given]
    assert [len(ids) for ids in seen] == [0, *[3, 7] * 4]
    assert held_out[0] == dataset.qrels.keys()
    for small, large in zip(seen[1::2], seen[2::2], strict=True):
        assert small < large
    for ids, asked in zip(seen[1:], held_out[1:], strict=True):
        assert len(asked) == 10
        assert not ids & asked
        assert not ({"n00", "n01"} & ids and {"n00", "n01"} & asked)


def test_draws_differ_and_the_worst_and_best_enclose_the_mean():
    dataset = make_dataset(20)

    point = learning_curve(ToyFit(dataset), dataset, sizes=[3], folds=4, draws=5).points[1]

    assert point.worst_draw <= point.gain.mean <= point.best_draw
    assert point.worst_draw < point.best_draw


def test_the_same_seed_gives_the_same_curve():
    dataset = make_dataset(12)
    curves = [
        learning_curve(ToyFit(dataset), dataset, sizes=[3], folds=3, draws=2, seed=seed)
        for seed in (1, 1, 2)
    ]

    assert curves[0] == curves[1] != curves[2]


def test_sizes_beyond_the_training_folds_are_skipped_and_named():
    dataset = make_dataset(10)

    curve = learning_curve(ToyFit(dataset), dataset, sizes=[0, 5, 6, 100], folds=2, draws=1)

    assert [point.size for point in curve.points] == [0, 5]
    assert curve.skipped == (6, 100)


def test_progress_ends_at_the_number_of_fits():
    dataset = make_dataset(8)
    steps = []

    learning_curve(
        ToyFit(dataset),
        dataset,
        sizes=[1, 2],
        folds=2,
        draws=3,
        progress=lambda *step: steps.append(step),
    )

    assert steps == [(done, 13) for done in range(1, 14)]


def test_figures_are_plain_values_and_words():
    dataset = make_dataset(12)
    curve = learning_curve(ToyFit(dataset), dataset, sizes=[4], folds=3, draws=2)

    published = json.loads(json.dumps(curve.as_json(), allow_nan=False))

    assert [point["size"] for point in published["points"]] == [0, 4]
    assert published["points"][0]["gain"] == {"mean": 0.0, "low": 0.0, "high": 0.0, "n": 12}
    assert {len(row) for row in curve.rows()} == {len(curve.columns())}
    assert curve.rows()[1][2].startswith("+")


def test_needs_that_nothing_can_be_ranked_for_give_no_figures():
    dataset = make_dataset(4)
    for pool in dataset.qrels.values():
        pool.update(dict.fromkeys(pool, 2))

    curve = learning_curve(ToyFit(dataset), dataset, sizes=[1], folds=2, draws=2)

    assert [point.gain.n for point in curve.points] == [0, 0]
    assert (
        json.loads(json.dumps(curve.as_json(), allow_nan=False))["points"][1]["worst_draw"] is None
    )
    assert curve.rows()[1][1:] == ("–", "–", "– … –")


def test_one_need_has_no_curve():
    with pytest.raises(UnusableFolds):
        learning_curve(ToyFit(make_dataset(1)), make_dataset(1))


@pytest.mark.parametrize("wrong", [{"draws": 0}, {"sizes": [-1]}])
def test_nonsense_settings_are_refused(wrong):
    with pytest.raises(ValueError, match="draws must be at least 1 and sizes at least 0"):
        learning_curve(ToyFit(make_dataset(4)), make_dataset(4), **wrong)
