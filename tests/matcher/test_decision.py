"""What a decision may say."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from matcher.decision import LEVEL_OF_REASON, REASONS_OF_TERMS, BadDecision, Decision, ReasonCode
from matcher.decision import Verdict as V

R = ReasonCode


def make_decision(**said: Any) -> Decision:
    fixed = {"id": "d", "query_id": "n", "document_id": "a", "who": "李工"}
    return Decision(**(fixed | {"made_at": datetime(2026, 3, 4, tzinfo=UTC)} | said))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"reason": R.PRICE},
        {"level": 4, "verdict": V.REJECT},
        {"level": 4, "verdict": V.REJECT, "reason": R.WRONG_FIELD},
        {"level": 4, "verdict": V.REJECT, "reason": R.OTHER},
        {"level": 4, "reason": R.MUST_HAVE_OPEN},
        {"level": 1, "verdict": V.ACCEPT},
        {"verdict": V.ACCEPT, "reason": R.PRICE},
    ],
)
def test_what_says_nothing_or_contradicts_itself_is_refused(said: dict):
    with pytest.raises(BadDecision) as caught:
        make_decision(**said)

    assert str(caught.value) == f"{caught.value.zh} / {caught.value.en}"


@pytest.mark.parametrize(
    "said",
    [
        {"level": 4},
        {"level": 1, "verdict": V.REJECT},
        {"level": 4, "verdict": V.ACCEPT},
        {"level": 2, "verdict": V.ACCEPT},
        {"level": 4, "verdict": V.REJECT, "reason": R.PRICE},
        {"level": 4, "reason": R.IN_CONTACT},
        {"level": 3, "verdict": V.REJECT, "reason": R.MUST_HAVE_OPEN},
        {"verdict": V.REJECT},
    ],
)
def test_what_can_be_meant_is_taken(said: dict):
    decision = make_decision(**said)

    assert {name: getattr(decision, name) for name in said} == said


@pytest.mark.parametrize(
    "said", [{"level": 0}, {"level": 5}, {"rank": 0}, {"made_at": datetime(2026, 3, 4)}]
)
def test_levels_ranks_and_times_have_their_range(said: dict):
    with pytest.raises(ValueError, match=r"level|ranks|zone"):
        make_decision(**({"verdict": V.ACCEPT} | said))


def test_the_time_is_kept_in_utc():
    in_beijing = datetime(2026, 3, 4, 8, tzinfo=timezone(timedelta(hours=8)))

    made_at = make_decision(level=2, made_at=in_beijing).made_at

    assert (made_at, made_at.tzinfo) == (in_beijing, UTC)


def test_every_reason_is_about_relevance_or_about_terms_or_other():
    assert LEVEL_OF_REASON == {R.WRONG_FIELD: 1, R.WRONG_DIRECTION: 2, R.MUST_HAVE_OPEN: 2}
    assert REASONS_OF_TERMS | set(LEVEL_OF_REASON) | {R.OTHER} == set(R)
    assert R.OTHER not in REASONS_OF_TERMS


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ({"level": 3, "verdict": V.REJECT, "reason": R.WRONG_FIELD}, 3),
        ({"verdict": V.REJECT, "reason": R.WRONG_FIELD}, 1),
        ({"verdict": V.REJECT, "reason": R.PLACE}, None),
        ({"verdict": V.REJECT}, None),
        ({"verdict": V.ACCEPT}, None),
    ],
)
def test_a_level_that_is_given_counts_before_the_reason(said: dict, level: int | None):
    assert make_decision(**said).stated_level == level
