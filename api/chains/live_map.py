"""The chain map of a running service: made anew when somebody asks, but not all the time."""

from datetime import UTC, date, datetime
from threading import Lock
from time import monotonic

from api.chains.map import city_chain_map
from api.chains.strong_matches import Yardstick
from api.learning.ranker import current_ranker
from api.service import MatchService
from data.match_lists import MatchListStore
from data.session import session_scope
from matcher.chain_map_types import ChainMap

REST = 10.0
"""A map is kept for so many times the time that it took: making it costs a tenth of a core."""


class LiveChainMap:
    """The chain map of one service, shared by all who ask."""

    def __init__(self, service: MatchService) -> None:
        self._service = service
        self._lock = Lock()
        self._made: tuple[ChainMap, datetime] | None = None
        self._keep_until = 0.0

    def now(self) -> tuple[ChainMap, datetime]:
        """The map, and when it was made."""
        with self._lock:
            started = monotonic()
            if self._made is None or started >= self._keep_until:
                told_by = self._kept_lists()
                made = city_chain_map(self._service, today=date.today(), told_by=told_by)
                self._made = made, datetime.now(UTC)
                self._keep_until = monotonic() + REST * (monotonic() - started)
            return self._made

    def _kept_lists(self) -> Yardstick | None:
        """Strong as the stored lists say, which costs no matching; None without a ranker."""
        if current_ranker(self._service.engine) is None:
            return None
        least = self._service.config.good_supply
        with session_scope(self._service.engine, write=False) as session:
            strong = MatchListStore(session).strong(least)
        return Yardstick(
            lambda need: strong.get(need.id, ()),
            f"现有匹配清单中达到三级的概率不低于 {least:.0%}"
            f" / in the match lists kept, at least {least:.0%} likely to reach level 3",
        )
