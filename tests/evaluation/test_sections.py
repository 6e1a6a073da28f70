import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from evaluation.ablation import ablate
from evaluation.compare import evaluate
from evaluation.cross_validation import out_of_fold
from evaluation.learning_curve import learning_curve
from evaluation.level_calibration import calibration
from evaluation.levels import cross_validate_levels
from evaluation.page import Picture, Table
from evaluation.per_query import wins_and_losses, worst_needs
from evaluation.pictures import draw_differences, draw_learning_curve, draw_reliability
from evaluation.sections import (
    ablation_section,
    calibration_section,
    differences_section,
    learning_section,
    levels_section,
    ranking_section,
    worst_section,
)
from evaluation.systems import RandomSystem
from tests.evaluation.test_levels import all_pairs
from tests.evaluation.toys import ToyFit, ToyGrader, make_dataset


@pytest.fixture(scope="module")
def dataset():
    return make_dataset(12, {"n00": "g", "n01": "g"})


@pytest.fixture(scope="module")
def report(dataset):
    system = out_of_fold(ToyFit(dataset), dataset, name="ranker", folds=3)
    return evaluate(dataset, [system, RandomSystem([d.id for d in dataset.documents])])


def tables(section):
    return [block for block in section.blocks if isinstance(block, Table)]


def pictures(section):
    return [block for block in section.blocks if isinstance(block, Picture)]


def words(section):
    return " ".join(block.text for block in section.blocks if hasattr(block, "text"))


def assert_drawn(svg):
    root = ElementTree.fromstring(svg)
    assert root.tag.endswith("svg")


def test_ranking_lists_systems_and_compares_pairs_with_a_picture(report):
    comparison = wins_and_losses(report, "ranker", "random")

    section = ranking_section(report, [comparison, comparison])

    systems, pairs = tables(section)
    assert [row[0] for row in systems.rows] == ["ranker", "random"]
    assert pairs.rows[0][0] == "ranker − random"
    assert pairs.rows[0][4] == f"{comparison.wins}–{comparison.ties}–{comparison.losses}"
    assert [picture.name for picture in pictures(section)] == ["differences-1", "differences-2"]
    assert_drawn(pictures(section)[0].svg)


def test_ranking_alone_needs_no_comparison(report):
    section = ranking_section(report)

    assert len(tables(section)) == 1
    assert pictures(section) == []


def test_nothing_is_drawn_of_a_comparison_without_queries():
    flat = make_dataset(3)
    for pool in flat.qrels.values():
        pool.update(dict.fromkeys(pool, 0))
    ids = [d.id for d in flat.documents]
    unmeasured = evaluate(flat, [ToyGrader(flat), RandomSystem(ids)])

    section = ranking_section(unmeasured, [wins_and_losses(unmeasured, "toy", "random")])

    assert pictures(section) == []
    assert tables(section)[1].rows == [("toy − random", "ndcg@10", "–", "–", "0–0–0")]


def test_the_largest_differences_are_listed_either_way(dataset, report):
    comparison = wins_and_losses(report, "random", "ranker")

    better, worse = tables(differences_section(comparison, dataset, n=3))

    assert len(worse.rows) == 3
    assert all(row[2].startswith("+") for row in better.rows)
    assert worse.rows[0][2] == f"{min(comparison.differences.values()):+.3f}"
    assert worse.rows[0][1].endswith("项需求")


def test_the_worst_needs_are_listed_with_their_documents(dataset, report):
    random = RandomSystem([d.id for d in dataset.documents])
    readings = worst_needs(random, dataset, report.values("random"), n=2)

    section = worst_section("random", readings)

    assert len(tables(section)) == 2
    assert readings[0].title in words(section)
    assert tables(section)[0].rows[0][2] == "4 强相关 / strong"
    assert {len(row) for row in tables(section)[0].rows} == {5}


def test_calibration_shows_cuts_bins_levels_and_a_diagram(dataset):
    section = calibration_section(calibration(ToyGrader(dataset, frozenset("abc")), dataset))

    cuts, bins, levels = tables(section)
    assert [len(table.rows) for table in (cuts, levels)] == [3, 4]
    assert sum(int(row[3]) for row in bins.rows) == 12 * 8
    assert_drawn(pictures(section)[0].svg)


def test_calibration_of_nothing_is_a_table_of_dashes():
    empty = make_dataset(0)

    section = calibration_section(calibration(ToyGrader(empty), empty))

    assert pictures(section) == []
    assert tables(section)[0].rows[0][1] == "– [–, –]"


def test_a_learning_curve_is_drawn_and_names_what_it_skipped(dataset):
    curve = learning_curve(ToyFit(dataset), dataset, sizes=[4, 99], folds=3, draws=2)

    section = learning_section(curve)

    assert [row[0] for row in tables(section)[0].rows] == ["0", "4"]
    assert "Not measured for want of judged needs: 99." in words(section)
    assert_drawn(pictures(section)[0].svg)


def test_ablation_and_levels_are_tables(dataset):
    ablation = ablate(lambda left_out: ToyFit(dataset), ["chain"], dataset, folds=2)
    levels = cross_validate_levels(
        ToyFit(dataset), dataset, all_pairs(dataset), path=Path("levels.csv"), folds=2
    )

    assert [row[0] for row in tables(ablation_section(ablation))[0].rows][1] == "chain"
    assert [row[1] for row in tables(levels_section(levels))[0].rows] == ["1.000", "0.000", "1.000"]
    assert "96 predicted" in words(levels_section(levels))


def test_pictures_are_the_same_on_every_run(dataset, report):
    comparison = wins_and_losses(report, "ranker", "random")
    curve = learning_curve(ToyFit(dataset), dataset, sizes=[4], folds=3, draws=2)
    cuts = calibration(ToyGrader(dataset, frozenset("abc")), dataset).cuts

    for draw, figures in (
        (draw_differences, comparison),
        (draw_learning_curve, curve.points),
        (draw_reliability, cuts),
    ):
        assert draw(figures) == draw(figures)
        assert "<dc:date>" not in draw(figures)


def test_labels_in_pictures_stay_text(dataset):
    cuts = calibration(ToyGrader(dataset, frozenset("abc")), dataset).cuts

    assert "P(level ≥ 3)</text>" in draw_reliability(cuts)
