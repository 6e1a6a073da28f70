"""What a broker decided about one match: a level, a verdict, or both, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from matcher.errors import MatcherError


class Verdict(StrEnum):
    """Whether the broker takes the match further."""

    ACCEPT = "accept"
    REJECT = "reject"


class ReasonCode(StrEnum):
    """Why a match is not taken further, or not as good as it looks."""

    WRONG_FIELD = "wrong_field"
    WRONG_DIRECTION = "wrong_direction"
    MUST_HAVE_OPEN = "must_have_open"
    NOT_MATURE = "not_mature"
    PRICE = "price"
    COOPERATION_MODE = "cooperation_mode"
    PLACE = "place"
    IN_CONTACT = "in_contact"
    UNAVAILABLE = "unavailable"
    DUPLICATE = "duplicate"
    OTHER = "other"


LEVEL_OF_REASON: Mapping[ReasonCode, int] = MappingProxyType(
    {
        ReasonCode.WRONG_FIELD: 1,
        ReasonCode.WRONG_DIRECTION: 2,
        ReasonCode.MUST_HAVE_OPEN: 2,
    }
)
"""Reasons about relevance, and the level that a rejection for them stands for."""

REASONS_OF_TERMS = frozenset(ReasonCode) - frozenset(LEVEL_OF_REASON) - {ReasonCode.OTHER}
"""Reasons about anything but relevance: terms, timing, or that the match is known already."""


class BadDecision(MatcherError):
    """A decision that says nothing, or two things that cannot both be meant.

    Attributes:
        zh: What is wrong and what to do, in Chinese.
        en: The same in English.
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One broker's judgement of one match; never altered, only followed by a later one.

    Attributes:
        query_id: The need.
        document_id: The achievement.
        level: 4 strong, 3 fair, 2 weak, 1 none; None when only a verdict was given.
        reason: For a rejection, or for a level below the best; never for an acceptance.
        who: The broker, as he calls himself.
        made_at: When, aware and in UTC.
        run_id: The stored match run that showed the match, if one did.
        rank: Place in that list, from 1; None when the broker found the match elsewhere.

    Raises:
        BadDecision: neither level nor verdict, or the parts contradict each other.
        ValueError: a level or rank out of range, or a time without a zone.
    """

    id: str
    query_id: str
    document_id: str
    level: int | None = None
    verdict: Verdict | None = None
    reason: ReasonCode | None = None
    note: str = ""
    who: str
    made_at: datetime
    run_id: str | None = None
    rank: int | None = None

    def __post_init__(self) -> None:
        if self.level is not None and not 1 <= self.level <= 4:
            raise ValueError(f"a level is 1 to 4: {self.level}")
        if self.rank is not None and self.rank < 1:
            raise ValueError(f"ranks start at 1: {self.rank}")
        if self.made_at.utcoffset() is None:
            raise ValueError(f"a decision needs a time with a zone: {self.made_at}")
        object.__setattr__(self, "made_at", self.made_at.astimezone(UTC))
        wrong = contradiction(self.level, self.verdict, self.reason)
        if wrong is not None:
            raise wrong

    @property
    def stated_level(self) -> int | None:
        """The level given, or the one that a rejection's reason stands for."""
        if self.level is None and self.verdict is Verdict.REJECT and self.reason is not None:
            return LEVEL_OF_REASON.get(self.reason)
        return self.level


def contradiction(
    level: int | None, verdict: Verdict | None, reason: ReasonCode | None
) -> BadDecision | None:
    """The error that this combination deserves, or None when it can be meant.

    The best level goes with a rejection only for a reason that says nothing about
    relevance: a perfect answer may still be too dear, or taken.
    """
    if level is None and verdict is None:
        return BadDecision(*_NOTHING_SAID)
    if verdict is Verdict.ACCEPT and level == 1:
        return BadDecision(*_ACCEPTED_IRRELEVANT)
    if verdict is Verdict.ACCEPT and reason is not None:
        return BadDecision(*_ACCEPTED_BUT)
    against = verdict is Verdict.REJECT and reason not in REASONS_OF_TERMS
    if level == 4 and (against or reason in LEVEL_OF_REASON):
        return BadDecision(*_STRONG_BUT_IRRELEVANT)
    return None


_NOTHING_SAID = (
    "请给出等级（1–4），或说明采纳还是不采纳",
    "give a level (1 to 4), or say accept or reject",
)
_ACCEPTED_IRRELEVANT = (
    "“采纳”与等级 1（无相关）矛盾，请改等级或改结论",
    "accept contradicts level 1 (not relevant); change the level or the verdict",
)
_ACCEPTED_BUT = (
    "“采纳”不带原因代码；有保留意见请写入备注",
    "accept takes no reason code; put reservations into the note",
)
_STRONG_BUT_IRRELEVANT = (
    "等级 4（强相关）与“不采纳”或不相关的原因矛盾；请降低等级，"
    "或选用与相关性无关的原因（价格、地域、合作方式等）",
    "level 4 (strong) contradicts a rejection or a reason about relevance; lower the level,"
    " or give a reason of another kind (price, place, cooperation mode …)",
)
