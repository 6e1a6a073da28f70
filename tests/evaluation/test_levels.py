from pathlib import Path

import numpy as np
import pytest

from evaluation.errors import UnknownIds, UnusableFolds
from evaluation.grader import Judged
from evaluation.level_files import LevelPair
from evaluation.levels import cross_validate_levels, evaluate_levels, predict_levels
from tests.evaluation.toys import ToyFit, ToyGrader, make_dataset

FILE = Path("levels.csv")


def pair(id_: str, need: str, document: str, level: int) -> LevelPair:
    return LevelPair(id_, Judged(need, document, level))


def all_pairs(dataset) -> list[LevelPair]:
    return [
        pair(f"{need}-{document}", need, document, score + 1)
        for need, pool in dataset.qrels.items()
        for document, score in pool.items()
    ]


class Says(ToyGrader):
    """Answers each document with fixed probabilities."""

    def grade(self, query, document_ids):
        assert len(set(document_ids)) == len(document_ids)
        rows = {
            "d0": [0.4, 0.3, 0.2],
            "d1": [0.5, 0.3, 0.2],
            "d2": [0.9, 0.6, 0.49],
            "d3": [1.0, 0.9, 0.8],
        }
        return np.array([rows[document_id] for document_id in document_ids])


def test_the_median_of_the_levels_is_predicted():
    dataset = make_dataset(2)
    pairs = [pair(f"p{d}", "n01", f"d{d}", 1) for d in range(4)]

    assert predict_levels(Says(dataset), dataset, pairs) == {"p0": 1, "p1": 2, "p2": 3, "p3": 4}


def test_the_median_errs_least_of_all_levels_on_average():
    rng = np.random.default_rng(1)
    for _ in range(50):
        grades = np.sort(rng.random(3))[::-1]
        share = -np.diff(np.concatenate([[1.0], grades, [0.0]]))
        expected = [float(np.abs(np.arange(4) - guess) @ share) for guess in range(4)]

        median = int((grades >= 0.5).sum())

        assert expected[median] == pytest.approx(min(expected))


def test_score_error_and_accuracy_agree_with_a_hand_count():
    dataset = make_dataset(2)
    test = [pair(f"p{d}", "n00", f"d{d}", level) for d, level in enumerate((1, 4, 3, 3))]

    report = evaluate_levels(lambda judged: Says(dataset), dataset, [], test, test_path=FILE)

    # predicted 1, 2, 3, 4: errors 0, 2, 0, 1
    assert report.as_json() == {"score": round(1 / 1.75, 6), "mae": 0.75, "accuracy": 0.5}
    assert list(report.as_json()) == ["score", "mae", "accuracy"]
    assert [row[1] for row in report.rows()] == ["0.571", "0.750", "0.500"]


def test_repeated_judgements_of_a_pair_are_learnt_and_predicted_one_by_one():
    dataset = make_dataset(3)
    fit = ToyFit(dataset)
    train = [pair("p1", "n00", "d0", 1), pair("p2", "n00", "d0", 4)]
    test = [pair("p3", "n01", "d1", 2), pair("p4", "n01", "d1", 4), pair("p5", "n00", "d0", 1)]

    report = evaluate_levels(fit, dataset, train, test, test_path=FILE)

    assert fit.given == [(Judged("n00", "d0", 1), Judged("n00", "d0", 4))]
    assert report.predictions["p3"] == report.predictions["p4"]
    assert (report.trained_on, report.left_out, report.judged_before) == (2, 0, 1)


def test_a_row_of_both_files_is_not_learnt_from():
    dataset = make_dataset(3)
    fit = ToyFit(dataset)
    both = pair("p1", "n00", "d0", 1)
    other = pair("p2", "n00", "d1", 2)
    # the same id for another pair is a coincidence of numbering
    renumbered = pair("p1", "n02", "d5", 2)

    report = evaluate_levels(fit, dataset, [both, other], [both], test_path=FILE)
    evaluate_levels(fit, dataset, [renumbered], [both], test_path=FILE)

    assert fit.given == [(other.judged,), (renumbered.judged,)]
    assert (report.trained_on, report.left_out) == (1, 1)


def test_training_pairs_that_the_data_set_lacks_are_left_out_and_counted():
    dataset = make_dataset(3)
    fit = ToyFit(dataset)
    train = [
        pair("p1", "gone", "d0", 1),
        pair("p2", "n00", "gone", 1),
        pair("p3", "n00", "d1", 2),
    ]

    report = evaluate_levels(fit, dataset, train, [pair("p4", "n01", "d0", 2)], test_path=FILE)

    assert fit.given == [(train[2].judged,)]
    assert (report.trained_on, report.left_out) == (1, 2)


@pytest.mark.parametrize(
    ("asked", "kind"), [(("gone", "d0"), "query"), (("n00", "gone"), "document")]
)
def test_test_pairs_that_the_data_set_lacks_are_refused(asked, kind):
    dataset = make_dataset(3)
    fit = ToyFit(dataset)

    with pytest.raises(UnknownIds, match=r"levels\.csv") as caught:
        evaluate_levels(fit, dataset, [], [pair("p1", *asked, 1)], test_path=FILE)

    assert (caught.value.kind, caught.value.ids) == (kind, ("gone",))
    assert fit.given == []


def test_every_pair_is_predicted_once_by_a_grader_that_did_not_see_its_row():
    dataset = make_dataset(6)
    pairs = all_pairs(dataset)
    fit = ToyFit(dataset, full_skill_at=6)
    steps = []

    report = cross_validate_levels(
        fit, dataset, pairs, path=FILE, progress=lambda *step: steps.append(step)
    )

    assert sorted(report.predictions) == sorted(one.id for one in pairs)
    assert report.as_json() == {"score": 1.0, "mae": 0.0, "accuracy": 1.0}
    assert sum(len(pairs) - len(given) for given in fit.given) == len(pairs)
    assert {len(given) for given in fit.given} == {38, 39}
    assert report.trained_on == 39
    assert steps == [(n, 5) for n in range(1, 6)]


def test_folds_of_pairs_depend_on_the_seed_and_not_on_the_order():
    dataset = make_dataset(5)
    pairs = all_pairs(dataset)
    fits = [ToyFit(dataset) for _ in range(3)]

    for fit, some, seed in zip(fits, (pairs, pairs[::-1], pairs), (0, 0, 1), strict=True):
        cross_validate_levels(fit, dataset, some, path=FILE, folds=2, seed=seed)

    assert fits[0].given == fits[1].given
    assert fits[0].given != fits[2].given


def test_the_interval_draws_a_need_and_its_copies_with_all_their_pairs():
    dataset = make_dataset(12)
    copies = make_dataset(12, {f"n{n:02}": f"g{n % 3}" for n in range(12)})
    test = [
        pair(f"p{n:02}{d}", f"n{n:02}", f"d{d}", 1 + n % 3) for n in range(12) for d in range(4)
    ]

    loose, grouped = (
        evaluate_levels(lambda judged: Says(dataset), data, [], test, test_path=FILE)
        for data in (dataset, copies)
    )

    assert loose.absolute_error.mean == grouped.absolute_error.mean
    assert loose.absolute_error.n == 48
    assert (
        grouped.absolute_error.high - grouped.absolute_error.low
        > loose.absolute_error.high - loose.absolute_error.low
    )


@pytest.mark.parametrize("seed", range(4))
def test_unknown_ids_are_refused_before_the_first_fit_in_whatever_fold_they_are(seed):
    dataset = make_dataset(3)
    fit = ToyFit(dataset)

    with pytest.raises(UnknownIds):
        cross_validate_levels(
            fit, dataset, [*all_pairs(dataset), pair("zz", "gone", "d0", 1)], path=FILE, seed=seed
        )

    assert fit.given == []


@pytest.mark.parametrize("folds", [1, 9])
def test_folds_that_pairs_cannot_fill_are_refused(folds):
    dataset = make_dataset(1)

    with pytest.raises(UnusableFolds, match="between 2 and 8, the number of judged pairs"):
        cross_validate_levels(ToyFit(dataset), dataset, all_pairs(dataset), path=FILE, folds=folds)
