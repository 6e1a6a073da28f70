"""The city's chains, and the office's word on what belongs to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from data.access.errors import NotAcceptable
from data.access.trail import Trail
from data.chains import ChainRepository
from data.policy.actor import Actor
from data.policy.decide import decide, require
from data.policy.errors import Unseen
from data.policy.operation import Operation
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.repository import ContentRepository
from data.tags import Statement, TagRepository
from matcher.chain import IndustryChain
from matcher.graph.schema import NodeKind
from matcher.tag_types import Tag

_STORED: Mapping[NodeKind, type[ContentRepository[Any]]] = {
    NodeKind.NEED: NeedRepository,
    NodeKind.ACHIEVEMENT: AchievementRepository,
    NodeKind.ORGANIZATION: OrganizationRepository,
}


@dataclass(frozen=True, slots=True)
class Place:
    """A chain, and one of its segments where that is known."""

    chain: str
    segment: str | None = None


class Chains:
    """Chains for one actor in one transaction."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._trail = trail
        self._tags = TagRepository(session)

    def all(self) -> tuple[IndustryChain, ...]:
        """Every chain, in the city's own order.

        Raises:
            Forbidden: the actor may not see them.
        """
        require(self._actor, Operation.CHAIN_READ)
        return ChainRepository(self._session).all()

    def get(self, chain_id: str) -> IndustryChain:
        """The chain under this id.

        Raises:
            Unseen: there is none, or the actor may not see it.
        """
        if decide(self._actor, Operation.CHAIN_READ) is not None:
            for chain in ChainRepository(self._session).all():
                if chain.id == chain_id:
                    return chain
        raise Unseen(chain_id)

    def say(self, kind: NodeKind, item_id: str, places: Sequence[Place]) -> Statement:
        """Stores where an item belongs, in place of what was said before.

        Args:
            kind: Need, achievement or organisation.
            item_id: Which one.
            places: Where it belongs; none for "no chain".

        Raises:
            Forbidden: the actor does not run the office.
            Unseen: there is no such item.
            NotAcceptable: a chain or segment does not exist, or is named twice.
        """
        require(self._actor, Operation.CHAIN_UPDATE)
        if _STORED[kind](self._session).get(item_id) is None:
            raise Unseen(item_id)
        self._check(places)
        tags = [Tag(place.chain, place.segment, 1.0, ()) for place in places]
        now = datetime.now(UTC)
        self._tags.say(kind, item_id, tags, who=self._actor.id, made_at=now)
        named = [place.chain for place in places]
        self._trail.note(Operation.CHAIN_UPDATE, kind.value, item_id, chains=named)
        return Statement(tuple(tags), self._actor.id, now)

    def _check(self, places: Sequence[Place]) -> None:
        segments = {c.id: {s.id for s in c.segments} for c in self.all()}
        for place in places:
            unknown = place.chain not in segments
            if unknown or place.segment not in (None, *segments[place.chain]):
                raise NotAcceptable(
                    "chains",
                    f"没有产业链 {place.chain!r} 或其环节 {place.segment!r}，"
                    "可用 GET /v1/chains 查看。"
                    f" / there is no chain {place.chain!r} with segment {place.segment!r};"
                    " see GET /v1/chains",
                )
        if len({place.chain for place in places}) < len(places):
            raise NotAcceptable(
                "chains",
                "同一产业链只能填写一次。 / name each chain once",
            )
