"""Which achievements are expected at level 3 or better, for many needs at once."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from api.service import MatchService
from data.repositories import AchievementRepository
from matcher.text import has_words, query_of
from matcher.types import OPEN, Achievement, Need

Strong = Callable[[Need], Collection[str]]
"""Of a need the ids of the achievements expected at level 3 or better."""

WORDING_DEPTH = 20
"""How far down a need's list ``by_wording`` looks for a strong match."""

SHARED_WORDING = 0.15
"""Least lexical score of a strong match; see ``by_wording``."""


@dataclass(frozen=True, slots=True)
class Yardstick:
    """How strong matches are told.

    Attributes:
        strong: Tells them.
        words: How it tells them, for the reader.
    """

    strong: Strong
    words: str


def yardstick(service: MatchService, achievements: Sequence[Achievement]) -> Yardstick:
    """By the level probabilities of the ranker in use; by wording where there is none.

    Args:
        service: Whose indexes and ranker are used.
        achievements: All that are stored; only published ones are told.
    """
    return by_level(service, achievements) or by_wording(service)


def by_level(service: MatchService, achievements: Sequence[Achievement]) -> Yardstick | None:
    """Strong is what reaches level 3 with the probability ``MatchConfig.good_supply``.

    A need without any is one whose match list says that there is no good supply.

    Returns:
        None without a ranker.
    """
    published = [a for a in achievements if a.status in OPEN]
    grader = service.grader(published)
    if grader is None:
        return None
    allowed = None
    if len(published) < len(achievements):
        allowed = frozenset(a.id for a in published)

    def strong(need: Need) -> Collection[str]:
        query = query_of(need)
        if not has_words(query.title + query.text):
            return ()
        return grader.promising(query, allowed=allowed)

    least = f"{service.config.good_supply:.0%}"
    return Yardstick(
        strong,
        f"现用排序模型估计，达到三级的概率不低于 {least}"
        f" / by the ranker in use, at least {least} likely to reach level 3",
    )


def by_wording(service: MatchService) -> Yardstick:
    """Strong is what ranks high and shares much of the wording.

    Fused scores compare within one list only, so the raw lexical score decides, a cosine of
    character n-grams in [0, 1]. On the sample city 0.15 parts the needs with a fitting
    achievement (0.19 and more) from those without (0.13 and less); the samples have full
    descriptions, and among bare titles it would mean something else.
    """
    lexical = service.index_store(AchievementRepository).open().lexical

    def strong(need: Need) -> Collection[str]:
        query = query_of(need)
        if not has_words(query.title + query.text):
            return ()
        ids = service.rank_for(need, k=WORDING_DEPTH)
        scores = lexical.score(query, ids)
        return [i for i, score in zip(ids, scores, strict=True) if score >= SHARED_WORDING]

    return Yardstick(
        strong,
        f"没有可用的排序模型，以字面相似度不低于 {SHARED_WORDING} 代替，未经评判校准"
        f" / for want of a usable ranker, by wording alike by {SHARED_WORDING} or more,"
        " not calibrated on judgements",
    )
