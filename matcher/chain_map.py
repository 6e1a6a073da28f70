"""Where chains are thin: demand, supply and what meets, per chain and per segment.

Only open needs and published achievements count. What is not public is counted and never
named: neither its title nor its owner nor its county gets into the map.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from matcher.chain import IndustryChain
from matcher.chain_map_types import (
    Balance,
    ChainEntry,
    ChainMap,
    Named,
    Postings,
    Review,
    SegmentEntry,
    State,
)
from matcher.chain_strength import StrengthConfig, university_strengths
from matcher.tag_types import Tag
from matcher.types import OPEN, Achievement, Need, Organization, Posting, Visibility

_Place = tuple[str, str | None]
"""A chain and one of its segments, or None for the chain without a segment."""


def chain_map(
    chains: Sequence[IndustryChain],
    needs: Iterable[Need],
    achievements: Iterable[Achievement],
    organizations: Iterable[Organization],
    *,
    need_tags: Mapping[str, Sequence[Tag]],
    achievement_tags: Mapping[str, Sequence[Tag]],
    strong: Collection[tuple[str, str]],
    level3_by: str,
    today: date,
    config: StrengthConfig | None = None,
) -> ChainMap:
    """The map of these chains.

    Args:
        chains: In the order wanted; one without segments has its total only.
        needs: Unpublished ones and those past their deadline are passed over.
        achievements: Unpublished ones are passed over.
        organizations: Owners of the postings; only those given can count as universities.
        need_tags: Need id to its tags; a need without any is outside all chains.
        achievement_tags: The same for achievements.
        strong: (need id, achievement id) of the pairs expected at level 3 or better.
        level3_by: How ``strong`` was told, in words, for the reader.
        today: The day on which needs are open and from which ages are counted.
        config: How strength is weighed; defaults when None.
    """
    open_needs = {n.id: n for n in needs if _is_open(n, today)}
    offered = {a.id: a for a in achievements if a.status in OPEN}
    demand = _Places(chains, need_tags, open_needs)
    supply = _Places(chains, achievement_tags, offered)
    scales = _Scales(
        open_needs,
        offered,
        {o.id: o for o in organizations},
        {(n, a) for n, a in strong if n in open_needs and a in offered},
        today,
        config or StrengthConfig(),
    )
    lost = sorted(demand.lost.keys() | supply.lost.keys(), key=lambda p: (p[0], p[1] or ""))
    return ChainMap(
        chains=tuple(_entry(chain, demand, supply, scales) for chain in chains),
        review=tuple(
            Review(
                *place,
                _postings(open_needs, demand.lost.get(place, ())),
                _postings(offered, supply.lost.get(place, ())),
            )
            for place in lost
        ),
        level3_by=level3_by,
        today=today,
        outside_needs=demand.outside,
        outside_achievements=supply.outside,
    )


class _Places:
    """Where postings stand, by their tags.

    Attributes:
        weights: Place to posting id to its heaviest tag there.
        lost: Place that no longer exists to the ids of the postings tagged with it.
        outside: How many postings have no tag at all.
    """

    def __init__(
        self,
        chains: Sequence[IndustryChain],
        tags: Mapping[str, Sequence[Tag]],
        postings: Mapping[str, Posting],
    ) -> None:
        known: dict[_Place, dict[str, float]] = {}
        for chain in chains:
            known.update({(chain.id, s): {} for s in (None, *(s.id for s in chain.segments))})
        self.weights = known
        self.lost: dict[_Place, set[str]] = {}
        self.outside = 0
        for posting_id in postings:
            found = tags.get(posting_id, ())
            self.outside += not found
            for tag in found:
                self._put(posting_id, tag)

    def _put(self, posting_id: str, tag: Tag) -> None:
        place: _Place = (tag.chain, tag.segment)
        if place not in self.weights:
            self.lost.setdefault(place, set()).add(posting_id)
            place = (tag.chain, None)
        if place in self.weights:
            here = self.weights[place]
            here[posting_id] = max(tag.weight, here.get(posting_id, 0.0))

    def of(self, chain: IndustryChain) -> tuple[dict[str, float], dict[str, float]]:
        """Heaviest tag by posting id in all of the chain, and of those without a segment."""
        placed: dict[str, float] = {}
        for segment in chain.segments:
            placed = _heavier(placed, self.weights[chain.id, segment.id])
        vague = self.weights[chain.id, None]
        # of two tags of one chain the one with a segment says more
        unplaced = {i: weight for i, weight in vague.items() if i not in placed}
        return _heavier(placed, vague), unplaced


def _heavier(a: Mapping[str, float], b: Mapping[str, float]) -> dict[str, float]:
    return {i: max(a.get(i, 0.0), b.get(i, 0.0)) for i in (*a, *b)}


def _entry(chain: IndustryChain, demand: _Places, supply: _Places, scales: "_Scales") -> ChainEntry:
    wanted, wanted_unplaced = demand.of(chain)
    offered, offered_unplaced = supply.of(chain)
    return ChainEntry(
        chain.id,
        chain.name_zh,
        chain.name_en,
        chain.counties,
        total=scales.balance(wanted, offered),
        segments=tuple(
            SegmentEntry(
                segment.id,
                segment.name_zh,
                segment.name_en,
                segment.position,
                scales.balance(
                    demand.weights[chain.id, segment.id], supply.weights[chain.id, segment.id]
                ),
            )
            for segment in chain.segments
        ),
        unplaced=scales.balance(wanted_unplaced, offered_unplaced),
    )


class _Scales:
    """Weighs demand against supply at one place."""

    def __init__(
        self,
        needs: Mapping[str, Need],
        achievements: Mapping[str, Achievement],
        organizations: Mapping[str, Organization],
        strong: Collection[tuple[str, str]],
        today: date,
        config: StrengthConfig,
    ) -> None:
        self._needs = needs
        self._achievements = achievements
        self._organizations = organizations
        self._matches = Counter(need for need, _ in strong)
        self._asked_for = {achievement for _, achievement in strong}
        self._today = today
        self._config = config

    def balance(self, wanted: Mapping[str, float], offered: Mapping[str, float]) -> Balance:
        """What stands where these needs and achievements are, given with their weights."""
        unanswered = [i for i in wanted if i not in self._matches]
        idle = [i for i in offered if i not in self._asked_for] if not wanted else []
        return Balance(
            state=_state(wanted, unanswered, offered, idle),
            needs=_postings(self._needs, wanted),
            unanswered=_postings(self._needs, unanswered),
            achievements=_postings(self._achievements, offered),
            idle=_postings(self._achievements, idle),
            matches=sum(self._matches[i] for i in wanted),
            demand=sum(wanted.values()),
            supply=sum(offered.values()),
            universities=university_strengths(
                [self._achievements[i] for i in offered],
                offered,
                self._organizations,
                today=self._today,
                config=self._config,
            ),
            counties=dict(sorted(Counter(self._counties(wanted)).items())),
        )

    def _counties(self, need_ids: Iterable[str]) -> Iterable[str]:
        for need in (self._needs[i] for i in need_ids):
            owner = self._organizations.get(need.organization or "")
            county = need.county or (owner.county if owner else None)
            if county is not None and need.visibility is Visibility.PUBLIC:
                yield county


def _state(
    wanted: Collection[str],
    unanswered: Collection[str],
    offered: Collection[str],
    idle: Collection[str],
) -> State:
    if wanted:
        if not unanswered:
            return State.SERVED
        return State.BOTTLENECK if len(unanswered) == len(wanted) else State.SHORT
    if not offered:
        return State.EMPTY
    return State.IDLE if idle else State.SERVED


def _postings(
    known: Mapping[str, Need] | Mapping[str, Achievement], ids: Collection[str]
) -> Postings:
    found = [known[i] for i in sorted(ids)]
    return Postings(
        count=len(found),
        named=tuple(
            Named(p.id, p.title, p.organization, p.trl if isinstance(p, Achievement) else None)
            for p in found
            if p.visibility is Visibility.PUBLIC
        ),
    )


def _is_open(need: Need, today: date) -> bool:
    return need.status in OPEN and (need.deadline is None or need.deadline >= today)
