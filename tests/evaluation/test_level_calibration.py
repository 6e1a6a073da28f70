import json

import numpy as np
import pytest

from evaluation.cross_validation import out_of_fold
from evaluation.errors import UnusableGrades
from evaluation.level_calibration import calibration
from tests.evaluation.toys import ToyFit, ToyGrader, make_dataset


class Constant(ToyGrader):
    def grade(self, query, document_ids):
        return np.tile([0.75, 0.5, 0.25], (len(document_ids), 1))


class Broken(ToyGrader):
    def grade(self, query, document_ids):
        return np.full((len(document_ids), 3), np.nan)


def test_every_cut_and_level_is_held_against_what_was_given():
    # a quarter of the pairs is on each level
    report = calibration(Constant(make_dataset(4)), make_dataset(4))

    assert list(report.cuts) == [2, 3, 4]
    for cut, measured in report.cuts.items():
        assert measured.n == 32
        assert measured.error == pytest.approx(0.0)
        assert measured.bins[0].predicted == pytest.approx((5 - cut) / 4)
    assert [(s.level, s.predicted, s.observed) for s in report.levels] == [
        (level, pytest.approx(0.25), pytest.approx(0.25)) for level in (1, 2, 3, 4)
    ]


def test_judgements_of_one_level_show_how_far_the_grader_is_off():
    dataset = make_dataset(3)
    for pool in dataset.qrels.values():
        pool.update(dict.fromkeys(pool, 1))

    report = calibration(Constant(dataset), dataset)

    assert [report.cuts[cut].error for cut in (2, 3, 4)] == pytest.approx([0.25, 0.5, 0.25])
    assert [share.observed for share in report.levels] == [0, 1, 0, 0]


def test_near_copies_are_drawn_together():
    loose = make_dataset(12)
    copies = make_dataset(12, {f"n{n:02}": f"g{n % 2}" for n in range(12)})
    grader = ToyGrader(loose, frozenset("abcd"))

    alone, together = calibration(grader, loose), calibration(grader, copies)

    assert alone.cuts[3].error == together.cuts[3].error
    assert (alone.cuts[3].low, alone.cuts[3].high) != (together.cuts[3].low, together.cuts[3].high)


def test_an_out_of_fold_system_is_calibrated_as_one():
    dataset = make_dataset(20)

    report = calibration(out_of_fold(ToyFit(dataset), dataset, name="ranker"), dataset)

    assert report.system == "ranker"
    assert report.cuts[4].error == pytest.approx(0.0)


def test_grades_that_are_not_numbers_stop_the_measurement():
    dataset = make_dataset(2)

    with pytest.raises(UnusableGrades):
        calibration(Broken(dataset), dataset)


def test_figures_are_plain_values_and_words():
    dataset = make_dataset(4)
    report = calibration(Constant(dataset), dataset)

    published = json.loads(json.dumps(report.as_json(), allow_nan=False))

    assert published["cuts"]["3"]["n"] == 32
    assert published["cuts"]["3"]["bins"] == [
        {"low": 0.5, "high": 0.5, "predicted": 0.5, "observed": 0.5, "n": 32}
    ]
    assert published["levels"][0] == {"level": 1, "predicted": 0.25, "observed": 0.25}
    assert [len(row) for row in report.rows()] == [len(report.columns())] * 3
    assert report.rows()[1][0] == "P(level ≥ 3)"


def test_nothing_judged_gives_nulls_and_dashes():
    dataset = make_dataset(0)

    report = calibration(Constant(dataset), dataset)

    assert report.levels == ()
    assert json.loads(json.dumps(report.as_json(), allow_nan=False))["cuts"]["2"]["error"] is None
    assert report.rows()[0][1:] == ("– [–, –]", "–", "0")


def test_an_empty_pool_adds_nothing():
    dataset = make_dataset(3)
    before = calibration(Constant(dataset), dataset)
    dataset.qrels["n02"].clear()

    after = calibration(Constant(dataset), dataset)

    assert (before.cuts[2].n, after.cuts[2].n) == (24, 16)
