"""The chain map of one city: its database, its tags and its matches brought together."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import TypeVar

from api.service import MatchService
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import session_scope
from matcher.chain import IndustryChain
from matcher.chain_map import chain_map
from matcher.chain_map_types import ChainMap
from matcher.tag import ChainTagger, TagConfig
from matcher.tag_types import Tag
from matcher.text import document_of, has_words, query_of
from matcher.types import Achievement, Need, Status

Item = TypeVar("Item", Need, Achievement)

Strong = Callable[[Need], Collection[str]]
"""Of a need the ids of the achievements expected at level 3 or better."""

STRONG_DEPTH = 20
"""How far down a need's match list a strong match is looked for."""

SHARED_WORDING = 0.15
"""Least lexical score of a strong match; see ``strong_by_wording``."""

BY_WORDING = (
    f"字面相似度不低于 {SHARED_WORDING}，未经评判校准"
    f" / wording alike by {SHARED_WORDING} or more, not calibrated on judgements"
)

_SETTLED = TagConfig(none=-1e6)
"""For a tagger that is only asked where in its one chain a text belongs."""


def city_chain_map(
    service: MatchService,
    *,
    today: date,
    strong: Strong | None = None,
    level3_by: str = BY_WORDING,
) -> ChainMap:
    """The map of the city's chains as its database stands.

    Args:
        service: Whose database, tagger and rankings are used.
        today: The day on which needs are open.
        strong: Tells the strong matches; ``strong_by_wording`` when None.
        level3_by: How it tells them, in words; goes with ``strong``.
    """
    with session_scope(service.engine, write=False) as session:
        needs = _published(NeedRepository(session).all())
        achievements = _published(AchievementRepository(session).all())
        organizations = OrganizationRepository(session).all()
    told = strong or strong_by_wording(service)
    return chain_map(
        service.records.chains(),
        needs,
        achievements,
        organizations,
        need_tags=tags_of(service, needs),
        achievement_tags=tags_of(service, achievements),
        strong={(need.id, found) for need in needs for found in told(need)},
        level3_by=level3_by,
        today=today,
    )


def _published(postings: Iterable[Item]) -> list[Item]:
    return [posting for posting in postings if posting.status is Status.PUBLISHED]


def strong_by_wording(service: MatchService) -> Strong:
    """A stand-in for calibrated levels: what ranks high and shares much of the wording.

    Fused scores compare within one list only, so the raw lexical score decides, a cosine of
    character n-grams in [0, 1]. On the sample city 0.15 parts the needs with a fitting
    achievement (0.19 and more) from those without (0.13 and less); the samples have full
    descriptions, and among bare titles it would mean something else.
    """
    lexical = service.index_store(AchievementRepository).open().lexical

    def strong(need: Need) -> list[str]:
        query = query_of(need)
        if not has_words(query.title + query.text):
            return []
        ids = service.rank_for(need, k=STRONG_DEPTH)
        scores = lexical.score(query, ids)
        return [i for i, score in zip(ids, scores, strict=True) if score >= SHARED_WORDING]

    return strong


def tags_of(service: MatchService, postings: Sequence[Need | Achievement]) -> dict[str, list[Tag]]:
    """Tags by posting id: the chains declared, else those that the wording tells.

    A declared chain is a person's word and weighs 1; where in that chain the posting stands
    the wording tells, if it tells it.
    """
    tags: dict[str, list[Tag]] = {posting.id: [] for posting in postings}
    chains = {chain.id: chain for chain in service.records.chains()}
    for chain_id in sorted({chain for posting in postings for chain in posting.chains}):
        members = [posting for posting in postings if chain_id in posting.chains]
        segments = _segments(service, chains.get(chain_id), members)
        for posting, segment in zip(members, segments, strict=True):
            tags[posting.id].append(Tag(chain_id, segment, 1.0, ()))
    unclear = [posting for posting in postings if not posting.chains]
    found = service.tagger.tag([document_of(p) for p in unclear]) if unclear else []
    tags.update((p.id, list(inferred)) for p, inferred in zip(unclear, found, strict=True))
    return tags


def _segments(
    service: MatchService, chain: IndustryChain | None, members: Sequence[Need | Achievement]
) -> list[str | None]:
    if chain is None:
        return [None] * len(members)
    tagger = ChainTagger([chain], service.encoder, config=_SETTLED)
    found = tagger.tag([document_of(posting) for posting in members])
    # a posting without a word has no tag
    return [tags[0].segment if tags else None for tags in found]
