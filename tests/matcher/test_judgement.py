"""Decisions become judgements to learn from."""

from datetime import UTC, datetime, timedelta
from itertools import count, permutations
from typing import Any

import pytest

from matcher.decision import Decision, ReasonCode, Verdict
from matcher.judgement import Judged, LeftOutReason, exposure_weight, judgements

ACCEPT = {"verdict": Verdict.ACCEPT}
START = datetime(2026, 3, 4, tzinfo=UTC)


def rejected(reason: ReasonCode | None = None) -> dict[str, Any]:
    return {"verdict": Verdict.REJECT, "reason": reason}


def decided(*said: dict[str, Any]) -> list[Decision]:
    """Decisions a day apart, by one broker on one pair unless said otherwise."""
    fixed = {"query_id": "n", "document_id": "a", "who": "李工"}
    days = count()
    return [
        Decision(**({"id": f"d{day}", "made_at": START + timedelta(days=day)} | fixed | what))
        for day, what in zip(days, said, strict=False)
    ]


def judged(*said: dict[str, Any]) -> Judged:
    return judgements(decided(*said), needs={"n", "m"}, achievements={"a", "b"})


def levels(result: Judged) -> list[float]:
    return [judgement.level for judgement in result.judgements]


def left_out(result: Judged) -> list[tuple[str, LeftOutReason]]:
    return [(item.decision.id, item.why) for item in result.left_out]


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ({"level": 4}, 4),
        ({"level": 1} | rejected(), 1),
        ({"level": 4} | rejected(ReasonCode.PRICE), 4),
        (ACCEPT, 3),
        (rejected(ReasonCode.WRONG_FIELD), 1),
        (rejected(ReasonCode.WRONG_DIRECTION), 2),
        (rejected(ReasonCode.MUST_HAVE_OPEN), 2),
    ],
)
def test_what_speaks_of_relevance_becomes_a_level(said: dict, level: float):
    result = judged(said)

    assert levels(result) == [level]
    assert [d.id for d in result.used] == ["d0"]
    assert result.left_out == ()


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        (ReasonCode.PRICE, LeftOutReason.NOT_ABOUT_RELEVANCE),
        (ReasonCode.PLACE, LeftOutReason.NOT_ABOUT_RELEVANCE),
        (ReasonCode.COOPERATION_MODE, LeftOutReason.NOT_ABOUT_RELEVANCE),
        (ReasonCode.NOT_MATURE, LeftOutReason.NOT_ABOUT_RELEVANCE),
        (ReasonCode.IN_CONTACT, LeftOutReason.NOT_ABOUT_RELEVANCE),
        (ReasonCode.UNAVAILABLE, LeftOutReason.NOT_ABOUT_RELEVANCE),
        (ReasonCode.DUPLICATE, LeftOutReason.NOT_ABOUT_RELEVANCE),
        (ReasonCode.OTHER, LeftOutReason.NO_REASON),
        (None, LeftOutReason.NO_REASON),
    ],
)
def test_a_rejection_for_anything_else_judges_nothing(
    reason: ReasonCode | None, why: LeftOutReason
):
    result = judged(rejected(reason))

    assert result.judgements == ()
    assert left_out(result) == [("d0", why)]
    assert result.left_out_counts == {why: 1}


def test_the_latest_decision_of_a_broker_replaces_his_earlier_ones_in_any_order_given():
    decisions = decided({"level": 1}, {"level": 4}, {"level": 2})

    for given in permutations(decisions):
        result = judgements(given, needs={"n"}, achievements={"a"})

        assert levels(result) == [2]
        assert left_out(result) == [
            ("d0", LeftOutReason.SUPERSEDED),
            ("d1", LeftOutReason.SUPERSEDED),
        ]
        assert result.contradictions == ()


def test_at_the_same_moment_the_greater_id_counts():
    both = decided({"level": 1, "made_at": START}, {"level": 4, "made_at": START})

    for given in (both, both[::-1]):
        assert levels(judgements(given, needs={"n"}, achievements={"a"})) == [4]


@pytest.mark.parametrize(
    ("first", "then", "level"),
    [
        ({"level": 4}, ACCEPT, 4),
        ({"level": 2}, ACCEPT, 2),
        ({"level": 4}, rejected(ReasonCode.PRICE), 4),
        ({"level": 3}, rejected(), 3),
        # these contradict what was said before, so the later one alone speaks
        ({"level": 1}, ACCEPT, 3),
        ({"level": 4}, rejected(), None),
        ({"level": 4}, rejected(ReasonCode.WRONG_FIELD), 1),
        (rejected(ReasonCode.WRONG_DIRECTION), ACCEPT, 3),
        (ACCEPT, rejected(ReasonCode.PRICE), None),
    ],
)
def test_a_verdict_leaves_the_level_given_before_unless_the_two_contradict(
    first: dict, then: dict, level: float | None
):
    result = judged(first, then)

    assert levels(result) == ([] if level is None else [level])
    assert len(result.used) + len(result.left_out) == 2


def test_a_level_that_stands_is_the_one_used_and_the_later_verdict_is_listed():
    result = judged({"level": 1}, {"level": 4}, ACCEPT)

    assert [d.id for d in result.used] == ["d1"]
    assert left_out(result) == [
        ("d0", LeftOutReason.SUPERSEDED),
        ("d2", LeftOutReason.LEVEL_STANDS),
    ]


def test_several_brokers_give_the_median_and_are_listed_where_they_differ():
    result = judged(
        {"level": 1, "who": "王工"}, {"level": 4, "who": "李工"}, {"level": 3, "who": "赵工"}
    )

    (judgement,) = result.judgements
    (contradiction,) = result.contradictions
    assert (judgement.level, judgement.brokers) == (3, 3)
    assert contradiction.levels == {"李工": 4, "王工": 1, "赵工": 3}


def test_the_further_brokers_are_apart_the_less_their_judgement_weighs():
    result = judged(
        {"level": 3, "who": "李工"},
        {"level": 3, "who": "王工"},
        {"level": 2, "who": "李工", "document_id": "b"},
        {"level": 3, "who": "王工", "document_id": "b"},
        {"level": 1, "who": "李工", "query_id": "m"},
        {"level": 4, "who": "王工", "query_id": "m"},
    )

    weights = {(j.query_id, j.document_id): j.weight for j in result.judgements}
    agreed = weights["n", "a"]
    assert weights["n", "b"] / agreed == pytest.approx(1 / 1.5)
    assert weights["m", "a"] / agreed == pytest.approx(1 / 2.5)
    assert sum(weights.values()) == pytest.approx(3)
    assert [(c.query_id, c.document_id) for c in result.contradictions] == [("m", "a"), ("n", "b")]
    assert levels(result) == [2.5, 3, 2.5]


def test_decisions_on_unknown_items_are_left_out_and_counted():
    result = judged({"level": 4, "query_id": "gone"}, {"level": 4, "document_id": "gone"}, ACCEPT)

    assert levels(result) == [3]
    assert result.left_out_counts == {LeftOutReason.UNKNOWN_ITEM: 2}


def test_no_decisions_are_no_judgements():
    assert judged() == Judged((), (), (), ())


def test_a_decision_weighs_more_the_further_down_it_was_shown_up_to_a_limit():
    weights = [exposure_weight(rank) for rank in (1, 4, 9, 100, 10_000)]

    assert weights == pytest.approx([1, 2, 3, 10, 10])


def test_a_level_is_corrected_less_than_a_verdict_and_what_was_found_elsewhere_not_at_all():
    assert exposure_weight(16, graded=True) == pytest.approx(2)
    assert exposure_weight(16) == pytest.approx(4)
    assert exposure_weight(None) == exposure_weight(None, graded=True) == 1


def test_judgements_weigh_as_their_places_say_and_average_one():
    result = judged(
        ACCEPT | {"rank": 1},
        ACCEPT | {"rank": 16, "document_id": "b"},
        {"level": 2, "rank": 16, "query_id": "m"},
    )

    weights = {(j.query_id, j.document_id): j.weight for j in result.judgements}
    assert weights["n", "b"] / weights["n", "a"] == pytest.approx(4)
    assert weights["m", "a"] / weights["n", "a"] == pytest.approx(2)
    assert sum(weights.values()) == pytest.approx(3)
