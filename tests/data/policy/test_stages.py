"""The stages of a case."""

from itertools import product

import pytest

from data.policy.stages import AT_WORK, ENDED, MOVES, Asks, IllegalMove, Stage, move, next_stages

FORWARD = (
    Stage.CONTACTING,
    Stage.CLARIFYING,
    Stage.VALIDATING,
    Stage.NEGOTIATING,
    Stage.SIGNED,
    Stage.CLOSED,
)


def test_a_case_goes_forward_one_stage_at_a_time_and_asks_for_the_value_when_signed():
    asked = [move("c1", a, b).asks for a, b in zip(FORWARD, FORWARD[1:], strict=False)]

    assert asked == [Asks.NOTHING, Asks.NOTHING, Asks.NOTHING, Asks.VALUE, Asks.NOTHING]


def test_a_case_goes_back_one_stage_with_a_note_until_it_is_signed():
    backwards = [(b, a) for a, b in zip(FORWARD, FORWARD[1:], strict=False)]

    for source, target in backwards[:3]:
        assert move("c1", source, target).asks is Asks.NOTE
    for source, target in backwards[3:]:
        with pytest.raises(IllegalMove):
            move("c1", source, target)


@pytest.mark.parametrize("stage", Stage)
def test_whatever_is_at_work_can_be_dropped_for_a_reason_and_nothing_else(stage: Stage):
    if stage in AT_WORK:
        assert move("c1", stage, Stage.DROPPED).asks is Asks.REASON
    else:
        with pytest.raises(IllegalMove):
            move("c1", stage, Stage.DROPPED)


@pytest.mark.parametrize(("source", "target"), list(product(Stage, Stage)))
def test_exactly_twelve_moves_exist_and_a_refusal_names_those(source: Stage, target: Stage):
    assert sum(len(row.sources) for row in MOVES) == 12
    if target in next_stages(source):
        assert move("c1", source, target).target is target
        return

    with pytest.raises(IllegalMove, match="c1") as caught:
        move("c1", source, target)

    assert caught.value.possible == next_stages(source)


def test_nothing_leads_out_of_an_ended_case():
    assert [next_stages(stage) for stage in ENDED] == [(), ()]
