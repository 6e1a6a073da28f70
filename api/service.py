"""The matching service: database, indexes and model put together, once per process."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import TYPE_CHECKING
from weakref import ref

from api.learning.cited_precedents import CitedMatch, cited_matches
from api.learning.precedents import BrokerPrecedents
from api.learning.ranker import current_ranker
from api.parts import MatchParts
from api.progress import Progress
from api.records import Records
from api.runs import RunKeeper
from api.settings import Settings
from data.index_store import CorpusIndex, Notify, Repository
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import session_scope
from matcher.config import MatchConfig
from matcher.match import MatchList
from matcher.pipeline import Pipeline
from matcher.ranker import Ranker
from matcher.text import document_of, query_from_text, query_of
from matcher.types import Achievement, Document, Filter, Need, Organization, Query

if TYPE_CHECKING:
    from api.graph.city import ChainPaths, City


BOTH: tuple[Repository, ...] = (AchievementRepository, NeedRepository)


@dataclass(frozen=True, slots=True)
class Answer:
    """A match list with the records that it names.

    Attributes:
        asked: The posting that was the query; None for free text.
        postings: The matched postings by id.
        organizations: The organisations of the matched postings by id.
        chains: What the chain graph tells; None where it is switched off, or the city has
            no chains.
        precedents: The judged matches that the listed ones are like, by posting id.
    """

    asked: Need | Achievement | None
    matches: MatchList
    postings: Mapping[str, Need | Achievement]
    organizations: Mapping[str, Organization]
    chains: "ChainPaths | None" = None
    precedents: Mapping[str, CitedMatch] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ready:
    """What answers are made with; never altered, so it serves while its successor is made.

    Attributes:
        index: Of the postings that are found.
        city: The chain graph; None for none.
        untrained: Without ranker and precedents.
        pipeline: With what was learnt.
    """

    index: CorpusIndex
    city: "City | None"
    untrained: Pipeline
    pipeline: Pipeline


class MatchService(MatchParts):
    """Answers needs, achievements and free text from one database.

    One instance may be shared by threads. Indexes follow the database: a change is seen
    by the next question.
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
        self._lock = Lock()
        self._ready: dict[Repository, Ready] = {}
        self._runs = RunKeeper(self.recorder, notify)
        self._precedents = BrokerPrecedents(
            self.engine, settings.indexes / "precedents", notify=notify
        )
        self.records = Records(self.engine)

    def chains_of(self, postings: Sequence[Need]) -> dict[str, tuple[str, ...]]:
        """Ids of the city's chains by posting id, as ``tags`` has them."""
        known = {chain.id for chain in self.records.chains()}
        return {
            posting_id: tuple(dict.fromkeys(tag.chain for tag in tags if tag.chain in known))
            for posting_id, tags in self.tags.in_force(postings).items()
        }

    def refresh(self, *kinds: Repository) -> None:
        """Bring indexes and graph up to date, so that the next process starts fast.

        Args:
            kinds: Whose indexes; all without one.
        """
        for repository in kinds or BOTH:
            self.current(repository)

    def index_sizes(self) -> dict[str, int]:
        """How many postings each opened index holds, by the name of its table."""
        opened = dict(self._ready)
        return {kind.rows.__tablename__: ready.untrained.size for kind, ready in opened.items()}

    def match(self, asked: Need | Achievement, *, k: int, wanted: Filter | None = None) -> Answer:
        """Achievements for a need, or needs for an achievement.

        Raises:
            EmptyQuery: the posting has no words.
        """
        return self._answer(query_of(asked), asked, k=k, wanted=wanted)

    def match_text(self, text: str, *, k: int, wanted: Filter | None = None) -> Answer:
        """Achievements for a problem described in free words.

        Raises:
            EmptyQuery: the text has no words.
        """
        return self._answer(query_from_text(text), None, k=k, wanted=wanted)

    def search(self, kind: type[Need] | type[Achievement], words: str, *, k: int) -> list[str]:
        """Ids of the ``k`` postings whose words are most like these, whatever their status."""
        repository = NeedRepository if kind is Need else AchievementRepository
        ready = self.current(repository)
        return ready.untrained.search(query_from_text(words), k=k)

    def words_index(self, kind: type[Need] | type[Achievement]) -> Hashable:
        """Names the index that ``search`` asked last; another one has another name."""
        ready = self._ready.get(NeedRepository if kind is Need else AchievementRepository)
        # keeps nothing in memory
        return None if ready is None else ref(ready.index.lexical)

    def rank_for(self, need: Need, *, k: int) -> list[str]:
        """Ids of the ``k`` best published achievements for a need, without reasons."""
        ready = self.current(AchievementRepository)
        allowed = self._allowed(AchievementRepository, Filter(), ready)
        return list(ready.pipeline.retrieve(query_of(need), k=k, allowed=allowed))

    def unshown(self, need: Need, *, k: int) -> MatchList:
        """The match list of a need for further work: not recorded, as nobody is shown it.

        Raises:
            EmptyQuery: the need has no words.
        """
        ready = self.current(AchievementRepository)
        allowed = self._allowed(AchievementRepository, Filter(), ready)
        return ready.pipeline.match(query_of(need), k=k, allowed=allowed)

    def grader(self, achievements: Sequence[Achievement]) -> Pipeline | None:
        """Grades any number of needs against these achievements; None without a ranker.

        It holds them in memory: read anew for every need they cost as much as the grading.
        """
        ranker = self._ranker(AchievementRepository)
        if ranker is None:
            return None
        known = {a.id: document_of(a) for a in achievements}

        def documents(ids: Sequence[str]) -> dict[str, Document]:
            return {i: known[i] for i in ids if i in known}

        ready = self.current(AchievementRepository)
        untrained = self.assembled(AchievementRepository, ready.city, ready.index, lookup=documents)
        return untrained.with_ranker(ranker, ready.pipeline.precedents)

    def _answer(
        self,
        query: Query,
        asked: Need | Achievement | None,
        *,
        k: int,
        wanted: Filter | None,
    ) -> Answer:
        repository = NeedRepository if isinstance(asked, Achievement) else AchievementRepository
        ready = self.current(repository)
        allowed = self._allowed(repository, wanted or Filter(), ready)
        matches = ready.pipeline.match(query, k=k, allowed=allowed)
        self._runs.keep(
            query, asked, matches, version=ready.index.data_version, model=self.encoder.fingerprint
        )
        with session_scope(self.engine, write=False) as session:
            found = repository(session).get_many([m.document_id for m in matches.matches])
            named = {p.organization for p in found.values() if p.organization}
            organizations = OrganizationRepository(session).get_many(sorted(named))
            precedents = cited_matches(session, query.id, matches.matches)
        chains = ready.city.explain(query, list(found)) if ready.city else None
        return Answer(asked, matches, found, organizations, chains, precedents)

    def _allowed(
        self, repository: Repository, wanted: Filter, ready: Ready
    ) -> frozenset[str] | None:
        return self.filters.of(repository, wanted, ready.city)

    def current(self, repository: Repository) -> Ready:
        """What answers are made with, as of now."""
        with self._lock:
            ready = self._ready[repository] = self._made(repository, self._ready.get(repository))
            return ready

    def _made(self, repository: Repository, before: Ready | None) -> Ready:
        """What answers are made with as of now, of what they were made with before."""
        store = self.index_store(repository)
        index = store.followed(before.index) if before else None
        return self._of(repository, index or store.open(), self.city(), before)

    def _of(
        self,
        repository: Repository,
        index: CorpusIndex,
        city: "City | None",
        before: Ready | None,
    ) -> Ready:
        ranker = self._ranker(repository)
        if before is None or before.index is not index or before.city is not city:
            untrained = self.assembled(repository, city, index)
        else:
            untrained = before.untrained
        precedents = None
        if ranker is not None:
            seen = self._seen(index, city)
            precedents = self._precedents.of(untrained, ranker, seen=seen)
        if (
            before is not None
            and before.untrained is untrained
            and before.pipeline.ranker == ranker
            and before.pipeline.precedents is precedents
        ):
            return before
        return Ready(index, city, untrained, untrained.with_ranker(ranker, precedents))

    def _seen(self, index: CorpusIndex, city: "City | None") -> str:
        """Names all that signals depend on: items, model, settings, and the graph of today."""
        chains = ""
        if city is not None:
            chains = f"{self.tags.fingerprint(self.tags.definitions())}/{date.today()}"
        return f"{index.stamp}/{self.encoder.fingerprint}/{self.config}/{chains}"

    def _ranker(self, repository: Repository) -> Ranker | None:
        """The ranker in use; needs found for an achievement stay in the untrained order.

        Levels are judged, and calibrated, for needs looking for achievements only.
        """
        if repository is NeedRepository or self.model_problem is not None:
            return None
        return current_ranker(self.engine, self.notify)
