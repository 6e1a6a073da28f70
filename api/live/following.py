"""Keeps match lists up to date behind the answers: one thread that follows the database.

Nothing is queued. What is stale is found by looking at data versions, so whatever a crash
cut short is found again at the next start.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic

from api.answers import answer_as_json
from api.errors import OURS
from api.jobs.turn import turn_on
from api.service import Answer, MatchService
from data.access.desk import Desk
from data.access.remit import chains_in_force
from data.access.trail import Trail
from data.announce import News, announce
from data.match_lists import MATCHED, Listed, MatchListStore
from data.policy.actor import SYSTEM
from data.policy.operation import Operation
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from data.tables import NeedRow
from data.versions import data_version
from matcher.errors import EmptyQuery
from matcher.types import OPEN, Achievement, Need, Status

logger = logging.getLogger(__name__)

KEPT = 50
"""Length of a stored list; whoever wants more asks live."""

TOUCHED = 50
"""How many needs are matched anew for one achievement that is new or changed."""

_BATCH = 20
_AT_ONCE = 500  # more changed achievements than this are an import: the night deals with it
_LOOK_EVERY_S = 1.0
_REST_AFTER_ERROR_S = 5.0
_LEISURE = 9.0  # rest for each second of work while others wait


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the lists are behind.

    Attributes:
        waiting: Open needs whose list is missing or stale, counted up to ``TOUCHED``.
        since_s: Seconds since the follower last found nothing to do.
    """

    waiting: int
    since_s: float


class Follower:
    """Makes match lists in the background, and tells brokers of new strong matches.

    Args:
        service: The engine.
        news: Set by whoever changed the database in this process; others' changes are
            noticed within a second.
        strong: P(level ≥ 3) from which a match is announced.
        busy: Whether many wait for answers; lists are then made at leisure.
    """

    def __init__(
        self,
        service: MatchService,
        news: Event,
        *,
        strong: float = 0.5,
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        self._busy = busy
        self._service = service
        self._news = news
        self._strong = strong
        self._stop = Event()
        self._thread: Thread | None = None
        self._seen: int | None = None
        self._idle_at = monotonic()

    def start(self) -> None:
        """Begin to follow, in a thread of its own."""
        self._thread = Thread(target=self._run, name="yilian-follower", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """End after the list that is being made."""
        self._stop.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def lag(self) -> Lag:
        """How far behind it is."""
        with session_scope(self._service.engine, write=False) as session:
            waiting = len(MatchListStore(session).stale(limit=TOUCHED))
        return Lag(waiting, monotonic() - self._idle_at if waiting else 0.0)

    def follow(self) -> int:
        """Bring lists up to date, a batch at most; how many were made.

        News cut a batch short: what was posted just now comes before an old backlog.
        """
        self._news.clear()
        self._service.refresh(AchievementRepository)
        self._mark_touched()
        with session_scope(self._service.engine, write=False) as session:
            stale = MatchListStore(session).stale(limit=_BATCH)
        made = 0
        for need_id in stale:
            self._make(need_id)
            made += 1
            if self._stop.is_set() or self._news.is_set() or self._busy():
                break
        if not stale:
            self._idle_at = monotonic()
        return made

    def _run(self) -> None:
        turn = turn_on(self._service.engine, "lists")
        while not self._stop.is_set():
            began = monotonic()
            try:
                busy = self.follow() if turn.held() else 0
            except OURS as problem:
                # a locked database or a full disk passes; the next round tries again
                logger.warning("match lists wait: %s", problem)
                busy = 0
                self._stop.wait(_REST_AFTER_ERROR_S)
            except Exception:
                logger.exception("a match list could not be made")
                busy = 0
                self._stop.wait(_REST_AFTER_ERROR_S)
            if not busy:
                self._news.wait(_LOOK_EVERY_S)
                self._news.clear()
            elif self._busy():
                # threads of one process take turns; those who wait for an answer go first
                self._stop.wait(_LEISURE * (monotonic() - began))
        turn.give_up()

    def _mark_touched(self) -> None:
        """Marks the lists that a changed achievement is in, or should be in."""
        with session_scope(self._service.engine, write=False) as session:
            version = data_version(session)
            if version == self._seen:
                return
            repository = AchievementRepository(session)
            # before the first time there is no list that could be out of date
            changes = repository.changed_since(MatchListStore(session).followed() or version)
            touched = MatchListStore(session).listing({*changes.changed, *changes.removed})
            few = changes.changed if len(changes.changed) <= _AT_ONCE else ()
            fresh = [a for a in repository.get_many(few).values() if a.status in OPEN]
        touched |= self._wanting(fresh)
        if changes.changed or changes.removed or self._seen is None:
            with session_scope(self._service.engine) as session:
                MatchListStore(session).ask_again(touched)
                MatchListStore(session).set_followed(version)
        self._seen = version

    def _wanting(self, achievements: Sequence[Achievement]) -> set[str]:
        """Open needs that these achievements may answer."""
        found: set[str] = set()
        if achievements:
            self._service.refresh(NeedRepository)
        for achievement in achievements:
            try:
                answer = self._service.match(achievement, k=TOUCHED)
            except EmptyQuery:
                continue
            found |= {match.document_id for match in answer.matches.matches}
        return found

    def _make(self, need_id: str) -> None:
        engine = self._service.engine
        with session_scope(engine, write=False) as session:
            need = NeedRepository(session).get(need_id)
            version = data_version(session)
        if need is None or need.status not in MATCHED:
            return
        try:
            answer = self._service.match(need, k=KEPT)
        except EmptyQuery:
            answer = None
        with session_scope(engine) as session:
            trail = Trail(SYSTEM)
            lists = MatchListStore(session)
            before = lists.made_at(need_id)
            current = NeedRepository(session).get(need_id)
            if current is None or current.status not in MATCHED:
                return
            if current.status is Status.PUBLISHED and current == need:
                Desk(session, SYSTEM, trail).needs.step(need_id, Operation.STEP_MATCH)
                version = data_version(session)
            result = {} if answer is None else answer_as_json(answer)
            lists.put(need_id, result, _items(answer), version=version)
            if answer is not None and current.status in OPEN:
                chains = chains_in_force(session, NeedRow, need_id)
                announce(session, self._strong_ones(need, answer, chains))
            trail.write(session)
        if before is None:
            logger.info("first match list of %s", need_id)

    def _strong_ones(self, need: Need, answer: Answer, chains: frozenset[str]) -> list[News]:
        return [
            News(
                kind="strong_match",
                dedupe=f"strong_match:{need.id}:{match.document_id}",
                need=need.id,
                achievement=match.document_id,
                probability=match.fair,
                chains=chains,
                county=need.county,
            )
            for match in answer.matches.matches
            if match.fair is not None and match.fair >= self._strong
        ]


def _items(answer: Answer | None) -> list[Listed]:
    if answer is None:
        return []
    return [Listed(m.document_id, m.rank, m.fair) for m in answer.matches.matches]
