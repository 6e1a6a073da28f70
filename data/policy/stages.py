"""The stages of a case: which follows which, and what has to be said on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from data.policy.errors import PolicyError


class Stage(StrEnum):
    """Where a match stands that a broker took up."""

    CONTACTING = "contacting"
    CLARIFYING = "clarifying"
    VALIDATING = "validating"
    NEGOTIATING = "negotiating"
    SIGNED = "signed"
    CLOSED = "closed"
    DROPPED = "dropped"


NAMES: Mapping[Stage, str] = {
    Stage.CONTACTING: "联系中",
    Stage.CLARIFYING: "需求澄清",
    Stage.VALIDATING: "验证",
    Stage.NEGOTIATING: "洽谈",
    Stage.SIGNED: "已签约",
    Stage.CLOSED: "已结束",
    Stage.DROPPED: "已终止",
}
"""What each stage is called in Chinese."""


class Asks(StrEnum):
    """What a move has to be explained with; also the field of the request that says it."""

    NOTHING = ""
    NOTE = "note"
    REASON = "reason"
    VALUE = "value_cny"


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table: from any of ``sources`` to ``target``."""

    sources: tuple[Stage, ...]
    target: Stage
    asks: Asks = Asks.NOTHING


AT_WORK = (Stage.CONTACTING, Stage.CLARIFYING, Stage.VALIDATING, Stage.NEGOTIATING)
"""Not decided yet."""

ENDED = (Stage.CLOSED, Stage.DROPPED)
"""Where nothing moves any more; the pair may be taken up anew."""

MOVES = (
    Move((Stage.CONTACTING,), Stage.CLARIFYING),
    Move((Stage.CLARIFYING,), Stage.VALIDATING),
    Move((Stage.VALIDATING,), Stage.NEGOTIATING),
    Move((Stage.NEGOTIATING,), Stage.SIGNED, Asks.VALUE),
    Move((Stage.SIGNED,), Stage.CLOSED),
    Move((Stage.CLARIFYING,), Stage.CONTACTING, Asks.NOTE),
    Move((Stage.VALIDATING,), Stage.CLARIFYING, Asks.NOTE),
    Move((Stage.NEGOTIATING,), Stage.VALIDATING, Asks.NOTE),
    Move(AT_WORK, Stage.DROPPED, Asks.REASON),
)
"""Every move that exists; anything else is refused."""


class IllegalMove(PolicyError):
    """A case cannot go there from where it stands.

    Attributes:
        possible: Where it can go.
    """

    def __init__(self, case_id: str, stage: Stage, target: Stage, possible: Sequence[Stage]):
        names = "、".join(f"{NAMES[s]} {s}" for s in possible)
        super().__init__(
            f"跟进 {case_id} 当前为{NAMES[stage]}，不能转为{NAMES[target]}；"
            f"可转为：{names or '无'}。"
            f" / case {case_id} is {stage} and cannot become {target};"
            f" it can become: {', '.join(possible) or 'nothing'}"
        )
        self.case_id = case_id
        self.stage = stage
        self.possible = tuple(possible)


def next_stages(stage: Stage) -> tuple[Stage, ...]:
    """Where a case of this stage can go."""
    return tuple(move.target for move in MOVES if stage in move.sources)


def move(case_id: str, stage: Stage, target: Stage) -> Move:
    """The row that leads from a stage to another.

    Raises:
        IllegalMove: none does.
    """
    for row in MOVES:
        if row.target is target and stage in row.sources:
            return row
    raise IllegalMove(case_id, stage, target, next_stages(stage))
