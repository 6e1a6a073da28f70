import json
from types import SimpleNamespace

import pytest

from evaluation.compare import Report, SystemReport
from evaluation.per_query import Placed, wins_and_losses, worst_needs
from matcher.errors import EmptyQuery
from tests.evaluation.toys import make_dataset


def report_of(groups=None, **systems) -> Report:
    return Report(
        "toy",
        "dev",
        tuple(
            SystemReport(name, {"ndcg@10": values, "recall@50": {}}, {}, 1.0)
            for name, values in systems.items()
        ),
        groups or {},
    )


OURS = {"e": 0.375, "a": 0.75, "b": 0.5, "c": 0.25, "d": 0.625}
THEIRS = {"a": 0.25, "b": 0.5, "c": 0.625, "d": 0.5, "e": 0.25}


def test_wins_losses_and_ties_are_counted_and_sorted():
    comparison = wins_and_losses(report_of(ours=OURS, theirs=THEIRS), "ours", "theirs")

    assert (comparison.wins, comparison.losses, comparison.ties) == (3, 1, 1)
    assert list(comparison.differences) == ["a", "d", "e", "b", "c"]
    assert comparison.differences["c"] == -0.375
    assert comparison.difference.mean == comparison.test.difference == 0.375 / 5
    # in eighths: of the 16 sums ±4 ±3 ±1 ±1, all eight with 4 and 3 on one side reach 3,
    # of the others only 4 - 3 + 1 + 1 and its negative
    assert comparison.test.p == pytest.approx(10 / 16)


def test_near_copies_count_once_in_the_test():
    groups = dict.fromkeys("abcde", "g")

    assert wins_and_losses(report_of(groups, x=OURS, y=THEIRS), "x", "y").test.p == 1.0


def test_the_sides_that_compare_and_their_measure_can_be_named_only_if_they_exist():
    report = report_of(ours=OURS, theirs=THEIRS)

    with pytest.raises(KeyError):
        wins_and_losses(report, "ours", "bm25")
    with pytest.raises(KeyError):
        wins_and_losses(report, "ours", "theirs", measure="map")


def test_a_measure_that_was_taken_on_no_query_gives_nulls():
    comparison = wins_and_losses(
        report_of(ours=OURS, theirs=THEIRS), "ours", "theirs", measure="recall@50"
    )

    published = json.loads(json.dumps(comparison.as_json(), allow_nan=False))

    assert (published["p"], published["difference"]["mean"]) == (None, None)
    assert (published["wins"], published["losses"], published["ties"]) == (0, 0, 0)


def test_the_worst_needs_are_listed_with_what_was_ranked_too_low_and_too_high():
    dataset = make_dataset(3)
    # n01: d0 1, d1 2, d2 3, d3 0, d4 1, d5 2, d6 3, d7 0; ranked d0 first
    by_number = SimpleNamespace(
        name="by number",
        retrieve=lambda query, *, k, allowed: {d: -float(d[1]) for d in allowed},
    )

    first, second = worst_needs(by_number, dataset, {"n00": 0.5, "n01": 0.2, "n02": 0.2}, n=2)

    assert [first.query_id, second.query_id] == ["n01", "n02"]
    assert (first.title, first.value) == ("第 1 项需求", 0.2)
    assert first.buried == (
        Placed("d6", "第 6 项成果", 4, 7),
        Placed("d2", "第 2 项成果", 4, 3),
        Placed("d5", "第 5 项成果", 3, 6),
    )
    assert first.promoted == (
        Placed("d3", "第 3 项成果", 1, 4),
        Placed("d0", "第 0 项成果", 2, 1),
        Placed("d1", "第 1 项成果", 3, 2),
    )


def test_a_need_that_nothing_was_found_for_shows_its_pool_by_id():
    dataset = make_dataset(1)

    def speechless(query, *, k, allowed):
        raise EmptyQuery(query.id)

    (only,) = worst_needs(
        SimpleNamespace(name="speechless", retrieve=speechless), dataset, {"n00": 0.1}
    )

    assert [(placed.document_id, placed.rank) for placed in only.buried] == [
        ("d7", 8),
        ("d3", 4),
        ("d6", 7),
    ]


def test_a_need_in_perfect_order_has_nothing_out_of_place():
    dataset = make_dataset(1)
    perfect = SimpleNamespace(
        name="perfect",
        retrieve=lambda query, *, k, allowed: {d: float(dataset.qrels["n00"][d]) for d in allowed},
    )

    (only,) = worst_needs(perfect, dataset, {"n00": 1.0})

    assert (only.buried, only.promoted) == ((), ())


def test_nothing_measured_leaves_nothing_to_read():
    assert worst_needs(SimpleNamespace(), make_dataset(1), {}) == ()
