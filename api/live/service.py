"""The matching service inside a server: nobody waits for what takes long.

A question that finds the data changed lays the few changes over the indexes, which takes the
tenth of a second, and whoever asks meanwhile is answered from the indexes as they were. What
takes long is done beside the answers: indexes are written anew and the chain graph follows in
a process of their own, precedents are learnt in a thread. Until then a new posting enters the
graph by its tags, as free text does, and the last precedents count.
"""

import logging
from dataclasses import dataclass, replace
from datetime import date
from threading import Event, Lock, Thread
from time import monotonic

from api.errors import OURS
from api.graph.city import City
from api.live.reindexing import Reindexer
from api.progress import Progress
from api.service import BOTH, MatchService, Ready
from api.settings import Settings
from data.decisions import DecisionRepository
from data.graph_files import GraphMark
from data.index_store import SMALL, CorpusIndex, IndexStore, Notify, Repository
from data.look import Look
from data.rankers import RankerRepository
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from data.versions import data_version, stamp
from matcher.config import MatchConfig
from matcher.signals import Group
from matcher.text import query_from_text
from matcher.types import Achievement, Need

logger = logging.getLogger(__name__)

GRAPH_BEHIND = 0.01
"""Share of a large graph's postings that may have changed before it follows."""

LEAST_BETWEEN_S = 60.0
"""Seconds from one process that brings the files up to date to the next."""


@dataclass(frozen=True, slots=True)
class _Moment:
    """All that answers depend on, as the database has it now.

    Attributes:
        learnt_from: The ranker in use, and how many decisions there are.
    """

    stamp: str
    day: date
    learnt_from: tuple[int | None, int]


class LiveMatchService(MatchService):
    """Answers as ``MatchService`` does, a little behind the data rather than late.

    While its graph is small, and while there are no files at all, it does everything at once.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        notify: Notify = lambda message: None,
        progress: Progress | None = None,
        config: MatchConfig | None = None,
    ) -> None:
        """Open the database; see ``MatchParts``."""
        super().__init__(settings, notify=notify, progress=progress, config=config)
        self._made_at: dict[Repository, _Moment] = {}
        self._newest = {kind: Look(self.engine, kind.newest()) for kind in BOTH}
        self._reindexer = Reindexer(settings)
        self._reindexed_at = monotonic() - LEAST_BETWEEN_S
        self._closing = Event()
        self._large: tuple[City, GraphMark] | None = None
        self._orders = Lock()
        self._worker: Thread | None = None
        self._reindexing = self._learning = False

    def close(self) -> None:
        """End what is under way, and give back the database's connections."""
        self._closing.set()
        self._reindexer.stop()
        worker = self._worker
        if worker is not None:
            worker.join()
        super().close()

    def refresh(self, *kinds: Repository) -> None:
        """Hear of all small changes, having waited for whoever is at it."""
        for repository in kinds or BOTH:
            self._follow(repository, wait=True)

    def current(self, repository: Repository) -> Ready:
        """What answers are made with: as of now, or a little older while that is being made."""
        return self._follow(repository, wait=False)

    def search(self, kind: type[Need] | type[Achievement], words: str, *, k: int) -> list[str]:
        """See ``MatchService``; what is posted of the other kind makes no difference."""
        repository = NeedRepository if kind is Need else AchievementRepository
        ready = self._ready.get(repository)
        newest = self._newest[repository].row()
        last = None if newest is None else max(version or 0 for version in newest)
        if ready is None or last is None or ready.index.data_version < last:
            ready = self.current(repository)
        return ready.untrained.search(query_from_text(words), k=k)

    def _follow(self, repository: Repository, *, wait: bool) -> Ready:
        now = self._now()
        ready = self._ready.get(repository)
        if ready is not None:
            if self._made_at.get(repository) == now:
                return ready
            if not self._lock.acquire(blocking=wait):
                return ready
        else:
            self._lock.acquire()
        try:
            before = self._ready.get(repository)
            ready = (
                self._begun(repository) if before is None else self._followed(repository, before)
            )
            known = self._made_at.get(repository)
            if known is not None and known.learnt_from != now.learnt_from:
                self._order(learning=True)
            self._ready[repository], self._made_at[repository] = ready, now
            return ready
        finally:
            self._lock.release()

    def _begun(self, repository: Repository) -> Ready:
        """What the files hold, however old; files of many postings are written first."""
        store = self.index_store(repository)
        saved = store.saved()
        if saved is None and store.count() > SMALL and self._reindexer.run():
            saved = store.saved()
        return self._of(repository, self._index(store, saved), self._city_at_hand(), None)

    def _followed(self, repository: Repository, before: Ready) -> Ready:
        """The same after small changes, with what was learnt before."""
        index = self._index(self.index_store(repository), before.index)
        city = self._city_at_hand()
        if index.lexical is before.index.lexical and city is before.city:
            # postings of the other kind have changed
            return replace(before, index=index)
        untrained = self.assembled(repository, city, index)
        learnt = before.pipeline
        return Ready(
            index, city, untrained, untrained.with_ranker(learnt.ranker, learnt.precedents)
        )

    def _index(self, store: IndexStore, known: CorpusIndex | None) -> CorpusIndex:
        """As of now where that takes moments, else the one known while a better one is made."""
        if known is None:
            return store.open()
        followed = store.followed(known)
        if followed is not None:
            return followed
        if len(known.lexical) <= SMALL:
            return store.open()
        self._order(reindexing=True)
        return known

    def _city_at_hand(self) -> City | None:
        """The graph as it was last made, a better one being ordered where it is due."""
        if Group.CHAINS in self.config.without:
            return None
        if self._large is None:
            parts = self.graphs.parts_at_hand()
            if parts is None or len(parts.prepared.standing.names) <= SMALL:
                return self.city()
            self._large = City(parts.prepared, self.tags), parts.mark
        city, mark = self._large
        if self._graph_is_due(mark, len(city.standing.names)):
            self._order(reindexing=True)
        return city if city.has_chains else None

    def _graph_is_due(self, mark: GraphMark, size: int) -> bool:
        now = self.graphs.now(date.today())
        if (now.fingerprint, now.day) != (mark.fingerprint, mark.day):
            return True
        # what brokers decide takes no part in a match
        changed = now.stamp != mark.stamp and self.graphs.changes_since(mark)
        return changed > GRAPH_BEHIND * size

    def _order(self, *, reindexing: bool = False, learning: bool = False) -> None:
        """Have something done beside the answers; what is ordered twice is done once."""
        with self._orders:
            self._reindexing |= reindexing
            self._learning |= learning
            if self._worker is None:
                self._worker = Thread(target=self._work, name="yilian-renewal", daemon=True)
                self._worker.start()

    def _work(self) -> None:
        while not self._closing.is_set():
            with self._orders:
                reindexing, learning = self._reindexing, self._learning
                self._reindexing = self._learning = False
                if not (reindexing or learning):
                    self._worker = None
                    return
            try:
                done = reindexing and self._reindexed()
                if reindexing and not done:
                    self._order(reindexing=True)
                if done or learning:
                    self._renew(reread=done)
            except OURS as problem:
                logger.warning("the answers stay as they are: %s", problem)
            except Exception:
                logger.exception("what answers are made with could not be renewed")

    def _reindexed(self) -> bool:
        """Whether the files could be brought up to date; not tried again before a pause."""
        self._closing.wait(self._reindexed_at + LEAST_BETWEEN_S - monotonic())
        done = self._reindexer.run()
        self._reindexed_at = monotonic()
        return done

    def _renew(self, *, reread: bool) -> None:
        """Put what was made or learnt meanwhile into use, having made all of it ready before."""
        # what comes in between is heard of, and learnt from, by the next question
        moment = replace(self._now(), stamp="")
        if reread and self._large is not None:
            parts = self.graphs.parts_at_hand()
            if parts is not None:
                city = City(parts.prepared, self.tags)
                city.relations.make_ready()
                self._large = city, parts.mark
        for repository in BOTH:
            before = self._ready.get(repository)
            store = self.index_store(repository)
            saved = store.saved() if reread or before is None else before.index
            if saved is not None:
                index = store.followed(saved) or saved
                renewed = self._of(repository, index, self._city_at_hand(), None)
                with self._lock:
                    self._ready[repository], self._made_at[repository] = renewed, moment

    def _seen(self, index: CorpusIndex, city: City | None) -> str:
        """Without the small changes: what was measured is measured anew with the files only."""
        return super()._seen(replace(index, stamp=index.written), city)

    def _now(self) -> _Moment:
        with session_scope(self.engine, write=False) as session:
            state = stamp(session, data_version(session))
            learnt_from = RankerRepository(session).in_use(), DecisionRepository(session).count()
        return _Moment(state, date.today(), learnt_from)
