"""Which error becomes which status."""

import pytest

from api.errors import OURS, UnknownRecord
from api.rest.statuses import STATUS_OF, status_of
from data.errors import FrozenPlan, NothingToRollBack, StoreError, UnknownPlan, UnknownRanker
from matcher.decision import BadDecision
from matcher.errors import EmptyQuery, TooLittleToLearn


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnknownRecord("n-1"), 404),
        (UnknownRanker(7), 404),
        (UnknownPlan(7), 404),
        (FrozenPlan(7), 409),
        (NothingToRollBack(), 409),
        (TooLittleToLearn(3, 1), 409),
        (BadDecision("矛盾", "contradictory"), 422),
        (EmptyQuery("n-1"), 422),
        (StoreError("锁定 / locked", database="here"), 503),
    ],
)
def test_what_the_caller_can_mend_is_told_from_what_he_cannot(error: Exception, status: int):
    assert status_of(error) == status


def test_only_errors_with_a_message_for_people_have_a_status():
    assert [kind for kind in STATUS_OF if not issubclass(kind, OURS)] == []
