"""The chain map of one city: its database, its tags and its matches brought together."""

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from api.chains.strong_matches import Yardstick, yardstick
from api.progress import Progress
from api.service import MatchService
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import session_scope
from matcher.chain_map import chain_map
from matcher.chain_map_types import ChainMap
from matcher.types import OPEN, Achievement, Need

Item = TypeVar("Item", Need, Achievement)


def city_chain_map(
    service: MatchService,
    *,
    today: date,
    told_by: Yardstick | None = None,
    progress: Progress = lambda done, total: None,
) -> ChainMap:
    """The map of the city's chains as its database stands.

    Args:
        service: Whose database, tags and rankings are used.
        today: The day on which needs are open.
        told_by: Tells the strong matches; see ``yardstick`` when None.
        progress: Told the needs that were looked at.
    """
    with session_scope(service.engine, write=False) as session:
        needs = _published(NeedRepository(session).all())
        stored = AchievementRepository(session).all()
        organizations = OrganizationRepository(session).all()
    achievements = _published(stored)
    measure = told_by or yardstick(service, stored)
    strong: set[tuple[str, str]] = set()
    for done, need in enumerate(needs, start=1):
        strong.update((need.id, found) for found in measure.strong(need))
        progress(done, len(needs))
    return chain_map(
        service.records.chains(),
        needs,
        achievements,
        organizations,
        need_tags=service.tags.in_force(needs),
        achievement_tags=service.tags.in_force(achievements),
        strong=strong,
        level3_by=measure.words,
        today=today,
    )


def _published(postings: Iterable[Item]) -> list[Item]:
    return [posting for posting in postings if posting.status in OPEN]
