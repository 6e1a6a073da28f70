"""A case, what happened in it, and what is filed with it, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from data.policy.stages import ENDED, Stage
from data.policy.subject import View
from matcher.decision import ReasonCode
from matcher.types import Status


class EventKind(StrEnum):
    """What kind of thing happened in a case."""

    STAGE = "stage"
    NOTE = "note"
    ASSIGN = "assign"
    ACTION = "action"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A match that a broker took up, as one person may see it.

    Attributes:
        broker: Account of the broker in charge.
        reason: Why it was dropped; None otherwise, and in a summary.
        value_cny: What it was signed for, before that what is expected; None where nobody
            knows yet, for a value that the sides keep to themselves, and in the summary of
            a case that is not signed.
        run_id: The stored match run that showed the match; None where none did.
        rank: Place in that list, from 1.
        revision: Rises with every change.
        need_status: Where the need stands now; None for one that is gone.
        need_title: Of the need as the person sees it; None where he may not see it.
        achievement_title: Likewise of the achievement.
        view: Whether notes, files, plans and reasons are left out.
    """

    id: str
    need: str
    achievement: str
    broker: str
    stage: Stage
    reason: ReasonCode | None
    next_action: str
    due: date | None
    value_cny: int | None
    run_id: str | None
    rank: int | None
    revision: int
    created_at: datetime
    updated_at: datetime
    need_status: Status | None
    need_title: str | None
    achievement_title: str | None
    view: View

    @property
    def etag(self) -> str:
        """Names this state of the case."""
        return str(self.revision)

    def overdue(self, today: date) -> bool:
        """Whether the next action should have been taken by now."""
        return self.due is not None and self.due < today and self.stage not in ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases to list; None for all.

    Attributes:
        overdue_on: Only those whose next action should have been taken by this day.
        broker: Account of the broker in charge.
    """

    stage: Stage | None = None
    overdue_on: date | None = None
    need: str | None = None
    achievement: str | None = None
    broker: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """One thing that happened in a case.

    Attributes:
        text: What was said about it.
        facts: What changed, as JSON values.
    """

    id: int
    at: datetime
    who: str
    kind: EventKind
    text: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """What is known of a file without its content.

    Attributes:
        size: In bytes.
        digest: BLAKE2b of the content, 32 hex digits.
    """

    id: str
    name: str
    media_type: str
    size: int
    digest: str
    who: str
    at: datetime
