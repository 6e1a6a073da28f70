"""The life of a posting: which step leads where, and who may take it.

A need is drafted, submitted, and published or returned with reasons; its match list is
made; a broker takes it up; it is signed, closed or it expires. Achievements go the same
way, but a signed one may be offered again: a licence does not use it up.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from data.policy.errors import IllegalStep
from data.policy.operation import Operation
from data.policy.subject import Party
from matcher.types import OPEN, Achievement, Need, Status

_KEEPERS = (Party.OWNER, Party.OFFICE, Party.ADMINISTRATOR)
_OFFICE = (Party.OFFICE, Party.ADMINISTRATOR)
_ENDED = (Status.SIGNED, Status.CLOSED, Status.EXPIRED)


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    Attributes:
        step: What is done.
        sources: Where it may be done.
        target: Where it leads.
        by: Who may do it.
        reasoned: Whether a reason has to be given.
    """

    step: Operation
    sources: tuple[Status, ...]
    target: Status
    by: tuple[Party, ...]
    reasoned: bool = False


_SHARED = (
    Transition(Operation.STEP_SUBMIT, (Status.DRAFT, Status.RETURNED), Status.SUBMITTED, _KEEPERS),
    Transition(Operation.STEP_RETURN, (Status.SUBMITTED,), Status.RETURNED, _OFFICE, reasoned=True),
    Transition(Operation.STEP_PUBLISH, (Status.SUBMITTED,), Status.PUBLISHED, _OFFICE),
    Transition(Operation.STEP_MATCH, (Status.PUBLISHED,), Status.MATCHING, (Party.SYSTEM,)),
    Transition(
        Operation.STEP_CONTACT,
        (Status.PUBLISHED, Status.MATCHING),
        Status.IN_CONTACT,
        (Party.BROKER, Party.HANDLER, Party.SYSTEM),
    ),
    Transition(Operation.STEP_SIGN, OPEN, Status.SIGNED, (Party.HANDLER, *_OFFICE, Party.SYSTEM)),
    Transition(
        Operation.STEP_CLOSE,
        (*OPEN, Status.SIGNED),
        Status.CLOSED,
        (*_KEEPERS, Party.HANDLER),
        reasoned=True,
    ),
    Transition(
        Operation.STEP_WITHDRAW,
        (Status.DRAFT, Status.SUBMITTED, Status.RETURNED, *OPEN),
        Status.WITHDRAWN,
        _KEEPERS,
    ),
    Transition(Operation.STEP_RESTORE, (Status.WITHDRAWN,), Status.DRAFT, _KEEPERS),
)

TRANSITIONS: Mapping[type[Need] | type[Achievement], tuple[Transition, ...]] = {
    Need: (
        *_SHARED,
        Transition(Operation.STEP_EXPIRE, OPEN, Status.EXPIRED, (*_OFFICE, Party.SYSTEM)),
        Transition(
            Operation.STEP_REOPEN, (Status.CLOSED, Status.EXPIRED), Status.SUBMITTED, _KEEPERS
        ),
    ),
    Achievement: (
        *_SHARED,
        Transition(
            Operation.STEP_REOPEN, (Status.CLOSED, Status.SIGNED), Status.SUBMITTED, _KEEPERS
        ),
    ),
}
"""Every step that exists, by kind of posting; anything else is refused."""

EDITABLE = (Status.DRAFT, Status.SUBMITTED, Status.RETURNED, *OPEN)
"""Where the words of a posting may still change; afterwards they are a record."""

READABLE = (*OPEN, *_ENDED)
"""What was published once and not taken back."""

REMEMBERED = (*READABLE, Status.WITHDRAWN)
"""What those who have a case on it go on seeing: taking it back does not undo the case."""


def transition(posting: Need | Achievement, step: Operation) -> Transition:
    """The row of the table by which the posting takes this step from where it stands.

    Raises:
        IllegalStep: there is none.
    """
    rows = [row for row in TRANSITIONS[type(posting)] if posting.status in row.sources]
    for row in rows:
        if row.step is step:
            return row
    raise IllegalStep(posting.id, step, posting.status, tuple(row.step for row in rows))
