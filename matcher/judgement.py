"""Brokers' decisions as training data: one level and one weight per need and achievement."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import fmean, median

from matcher.decision import REASONS_OF_TERMS, Decision, Verdict, contradiction

ACCEPTED_LEVEL = 3
"""What an acceptance without a level stands for."""

VERDICT_ETA = 0.5
GRADE_ETA = 0.25
MOST_EXPOSURE_WEIGHT = 10.0


class LeftOutReason(StrEnum):
    """Why a decision gives no judgement.

    Attributes:
        UNKNOWN_ITEM: The need or the achievement is withdrawn or not stored.
        SUPERSEDED: The same broker said something else later.
        LEVEL_STANDS: A verdict after a level of the same broker, which still counts.
        NOT_ABOUT_RELEVANCE: Rejected over price, place, maturity and the like.
        NO_REASON: Rejected without a reason, or for another one than those listed.
    """

    UNKNOWN_ITEM = "unknown_item"
    SUPERSEDED = "superseded"
    LEVEL_STANDS = "level_stands"
    NOT_ABOUT_RELEVANCE = "not_about_relevance"
    NO_REASON = "no_reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What brokers together hold of one match.

    Attributes:
        level: Median of the brokers' levels, 1 to 4; 2.5 is half a vote for level 3.
        weight: Above 0; the weights of one set average 1.
        brokers: How many of them it rests on.
    """

    query_id: str
    document_id: str
    level: float
    weight: float
    brokers: int


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Brokers who differ about one match.

    Attributes:
        levels: Each broker's level, by name in alphabetical order.
    """

    query_id: str
    document_id: str
    levels: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A decision that gives no judgement, and why."""

    decision: Decision
    why: LeftOutReason


@dataclass(frozen=True, slots=True)
class Judged:
    """The judgements, and what became of every decision.

    Attributes:
        judgements: By need, then achievement.
        used: The decisions that they rest on, oldest first.
        left_out: The others, oldest first.
        contradictions: By need, then achievement; their judgements count, for less.
    """

    judgements: tuple[Judgement, ...]
    used: tuple[Decision, ...]
    left_out: tuple[LeftOut, ...]
    contradictions: tuple[Contradiction, ...]

    @property
    def left_out_counts(self) -> dict[LeftOutReason, int]:
        """How many decisions were left out for each reason, reasons that occur only."""
        counts = Counter(item.why for item in self.left_out)
        return {why: counts[why] for why in LeftOutReason if counts[why]}


@dataclass(frozen=True, slots=True)
class _View:
    """Where one broker stands on one match."""

    decision: Decision
    level: int

    @property
    def exposure(self) -> float:
        return exposure_weight(self.decision.rank, graded=self.decision.level is not None)


def judgements(
    decisions: Iterable[Decision], *, needs: Collection[str], achievements: Collection[str]
) -> Judged:
    """One judgement per pair of need and achievement on whose relevance a broker spoke.

    What a decision says:

    - A level is taken as given.
    - Accepted without a level: 3.
    - Rejected without a level, for a reason about relevance: 1 for the wrong field, 2 for
      the wrong direction or an open must-have.
    - Rejected for anything else (price, place, cooperation mode, maturity, in contact,
      taken, duplicate), for a reason not listed, or for none: nothing about relevance.

    How decisions on one pair are put together:

    - Of one broker the latest counts; at the same moment, the one with the greater id. A
      later verdict that tells no level leaves the level he gave standing, unless the two
      contradict: who grades 4 and then accepts, or rejects over the price, still means 4.
    - Of several brokers the median level counts. The weight is the mean of their exposure
      weights (``exposure_weight``), divided by 1 + the mean distance of their levels from
      the median: 0.67 of it for levels 2 and 3, 0.4 for 1 and 4.

    Args:
        decisions: In any order.
        needs: Ids of the needs to learn from, usually the published ones.
        achievements: The same for achievements.
    """
    left_out: list[LeftOut] = []
    by_pair: dict[tuple[str, str], dict[str, list[Decision]]] = {}
    for decision in sorted(decisions, key=_age):
        if decision.query_id in needs and decision.document_id in achievements:
            pair = decision.query_id, decision.document_id
            by_pair.setdefault(pair, {}).setdefault(decision.who, []).append(decision)
        else:
            left_out.append(LeftOut(decision, LeftOutReason.UNKNOWN_ITEM))
    found: list[Judgement] = []
    used: list[Decision] = []
    contradictions: list[Contradiction] = []
    for pair, by_broker in sorted(by_pair.items()):
        views: dict[str, _View] = {}
        for who, own in sorted(by_broker.items()):
            view, others = _view(own)
            left_out.extend(others)
            if view is not None:
                views[who] = view
        if views:
            found.append(_joined(pair, list(views.values())))
            used.extend(view.decision for view in views.values())
        levels = {who: view.level for who, view in views.items()}
        if len(set(levels.values())) > 1:
            contradictions.append(Contradiction(*pair, levels))
    return Judged(
        judgements=_averaging_one(found),
        used=tuple(sorted(used, key=_age)),
        left_out=tuple(sorted(left_out, key=lambda item: _age(item.decision))),
        contradictions=tuple(contradictions),
    )


def exposure_weight(rank: int | None, *, graded: bool = False) -> float:
    """How much a decision weighs for the place at which its match was shown.

    Inverse propensity weighting after Joachims, Swaminathan and Schnabel, "Unbiased
    Learning-to-Rank with Biased Feedback" (WSDM 2017): a match on rank r is taken to be
    examined with propensity p(r) = (1 / r) ** eta, and what was decided on it weighs
    1 / p(r). So rank 1, which is decided on whatever it is, weighs 1, and a match that
    somebody went down to rank 10 for weighs more.

    ``eta`` is 0.5 for a bare verdict, given in passing while going down the list. A level
    is given after reading: the place still decides whether a match gets one, but less, so
    ``eta`` is 0.25. Neither is measured here; see ``decisions/004-position-bias.md``.

    Args:
        rank: From 1; None for a match found elsewhere, which the list neither showed nor
            hid: no correction.
        graded: Whether the broker gave a level.

    Returns:
        1 at rank 1, rising with the rank; at rank 10, 3.2 for a verdict and 1.8 for a
        level. At most 10: beyond that one decision far down would outweigh a whole list,
        and the variance would cost more than the bias that is left.
    """
    if rank is None:
        return 1.0
    return min(math.pow(rank, GRADE_ETA if graded else VERDICT_ETA), MOST_EXPOSURE_WEIGHT)


def _age(decision: Decision) -> tuple[float, str]:
    return decision.made_at.timestamp(), decision.id


def _view(own: Sequence[Decision]) -> tuple[_View | None, list[LeftOut]]:
    """One broker's stand on one pair, from his decisions, oldest first."""
    at = _standing(own)
    if at is not None:
        later = [LeftOut(decision, LeftOutReason.LEVEL_STANDS) for decision in own[at + 1 :]]
        view = _View(own[at], own[at].stated_level or ACCEPTED_LEVEL)
        return view, [*_superseded(own[:at]), *later]
    latest = own[-1]
    about_terms = latest.reason in REASONS_OF_TERMS
    why = LeftOutReason.NOT_ABOUT_RELEVANCE if about_terms else LeftOutReason.NO_REASON
    return None, [*_superseded(own[:-1]), LeftOut(latest, why)]


def _standing(own: Sequence[Decision]) -> int | None:
    """Which of one broker's decisions, oldest first, tells the level; None when none does."""
    latest = own[-1]
    stating = [at for at, decision in enumerate(own) if decision.stated_level is not None]
    if stating:
        last = own[stating[-1]]
        if last is latest:
            return stating[-1]
        if last.level and contradiction(last.level, latest.verdict, latest.reason) is None:
            return stating[-1]
    return len(own) - 1 if latest.verdict is Verdict.ACCEPT else None


def _superseded(earlier: Sequence[Decision]) -> list[LeftOut]:
    return [LeftOut(decision, LeftOutReason.SUPERSEDED) for decision in earlier]


def _joined(pair: tuple[str, str], views: Sequence[_View]) -> Judgement:
    level = float(median(view.level for view in views))
    spread = fmean(abs(view.level - level) for view in views)
    exposure = fmean(view.exposure for view in views)
    return Judgement(
        query_id=pair[0],
        document_id=pair[1],
        level=level,
        weight=exposure / (1.0 + spread),
        brokers=len(views),
    )


def _averaging_one(found: Sequence[Judgement]) -> tuple[Judgement, ...]:
    """The same with weights of mean 1: a penalty then means the same for any ranks."""
    mean = fmean(judgement.weight for judgement in found) if found else 1.0
    return tuple(replace(judgement, weight=judgement.weight / mean) for judgement in found)
