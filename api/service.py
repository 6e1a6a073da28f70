"""The matching service: database, indexes and model put together, once per process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from api.precedents import BrokerPrecedents
from api.progress import Progress
from api.ranker import current_ranker
from api.records import Records
from api.runs import RunKeeper
from api.settings import Settings
from api.tags import CityTags
from data.index_store import IndexStore, Notify, Repository
from data.migrate import upgrade
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import make_engine, session_scope
from data.versions import data_version
from embeddings.adapter import Adapter
from embeddings.cache import CachedEncoder, VectorCache
from embeddings.sentence_encoder import open_encoder
from matcher.config import MatchConfig
from matcher.grading import Lookup
from matcher.match import MatchList
from matcher.pipeline import Pipeline, default_pipeline
from matcher.ranker import Ranker
from matcher.signals import Group
from matcher.text import document_of, query_from_text, query_of
from matcher.types import Achievement, Document, Filter, Need, Organization, Query

if TYPE_CHECKING:
    from api.city import ChainPaths, City
    from api.graph import GraphStore

RECORD_TIMEOUT_S = 0.5
"""How long an answer waits for another writer before it goes unrecorded."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A match list with the records that it names.

    Attributes:
        asked: The posting that was the query; None for free text.
        postings: The matched postings by id.
        organizations: The organisations of the matched postings by id.
        chains: What the chain graph tells; None where it is switched off, or the city has
            no chains.
    """

    asked: Need | Achievement | None
    matches: MatchList
    postings: Mapping[str, Need | Achievement]
    organizations: Mapping[str, Organization]
    chains: "ChainPaths | None" = None


@dataclass(frozen=True, slots=True)
class _Ready:
    """A pipeline without and with what was learnt, the data version and graph that it saw."""

    untrained: Pipeline
    pipeline: Pipeline
    data_version: int
    city: "City | None"


class MatchService:
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
        """Open the database; model, indexes and graph are opened when first needed.

        Args:
            settings: Where things are.
            notify: Told in a sentence when an index has to be rebuilt or brought up to date.
            progress: Told how many texts of how many are encoded.
            config: How matches are made; without ``chains`` no graph is made either.

        Raises:
            DataError: the database cannot be opened or brought up to date.
        """
        self._settings = settings
        self._notify = notify
        self._progress = progress
        self.config = config or MatchConfig()
        self._lock, self._city_lock = Lock(), Lock()
        self._ready: dict[Repository, _Ready] = {}
        self._city: City | None = None
        self.engine = make_engine(settings.database_url)
        self._recorder = make_engine(settings.database_url, lock_timeout_s=RECORD_TIMEOUT_S)
        self._runs = RunKeeper(self._recorder, notify)
        upgrade(self.engine)
        self._precedents = BrokerPrecedents(self.engine)
        self.records = Records(self.engine)

    @cached_property
    def encoder(self) -> CachedEncoder:
        """The embedding model, with its vectors cached on disk."""
        model = open_encoder(self._settings.model)
        return CachedEncoder(model, VectorCache(self._settings.cache), progress=self._progress)

    @cached_property
    def tags(self) -> CityTags:
        """Which chains the city's items belong to."""
        return CityTags(
            self.engine, self._recorder, encoder=lambda: self.encoder, notify=self._notify
        )

    @cached_property
    def graphs(self) -> "GraphStore":
        """The city's chain graph, saved between processes."""
        from api.graph import GraphStore

        folder = self._settings.indexes / "graph"
        return GraphStore(self.engine, folder, self.tags, notify=self._notify)

    def city(self) -> "City | None":
        """The chain graph as of now; None where it is switched off or there are no chains."""
        if Group.CHAINS in self.config.without:
            return None
        from api.city import City

        graph = self.graphs.current(today=date.today())
        with self._city_lock:
            if self._city is None or self._city.graph is not graph:
                self._city = City(graph, self.tags)
            return self._city if self._city.has_chains else None

    def chains_of(self, postings: Sequence[Need]) -> dict[str, tuple[str, ...]]:
        """Ids of the city's chains by posting id, as ``tags`` has them."""
        known = {chain.id for chain in self.records.chains()}
        return {
            posting_id: tuple(dict.fromkeys(tag.chain for tag in tags if tag.chain in known))
            for posting_id, tags in self.tags.in_force(postings).items()
        }

    def refresh(self) -> None:
        """Bring indexes and graph up to date, so that the next process starts fast."""
        for repository in (AchievementRepository, NeedRepository):
            self._current(repository)

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

    def rank_for(self, need: Need, *, k: int) -> list[str]:
        """Ids of the ``k`` best published achievements for a need, without reasons."""
        ready = self._current(AchievementRepository)
        allowed = self._allowed(AchievementRepository, Filter())
        return list(ready.pipeline.retrieve(query_of(need), k=k, allowed=allowed))

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

        precedents = self._current(AchievementRepository).pipeline.precedents
        untrained = self._pipeline(AchievementRepository, self.city(), documents)
        return untrained.with_ranker(ranker, precedents)

    def close(self) -> None:
        """Give back the database's connections."""
        self.engine.dispose()
        self._recorder.dispose()

    def _answer(
        self,
        query: Query,
        asked: Need | Achievement | None,
        *,
        k: int,
        wanted: Filter | None,
    ) -> Answer:
        repository = NeedRepository if isinstance(asked, Achievement) else AchievementRepository
        ready = self._current(repository)
        allowed = self._allowed(repository, wanted or Filter())
        matches = ready.pipeline.match(query, k=k, allowed=allowed)
        self._runs.keep(
            query, asked, matches, version=ready.data_version, model=self.encoder.fingerprint
        )
        with session_scope(self.engine, write=False) as session:
            found = repository(session).get_many([m.document_id for m in matches.matches])
            named = {p.organization for p in found.values() if p.organization}
            organizations = OrganizationRepository(session).get_many(sorted(named))
        chains = ready.city.explain(query, list(found)) if ready.city else None
        return Answer(asked, matches, found, organizations, chains)

    def _allowed(self, repository: Repository, wanted: Filter) -> frozenset[str] | None:
        """Ids that pass, or None when all do, which spares the indexes a look at each id."""
        with session_scope(self.engine, write=False) as session:
            stored = repository(session)
            passing = stored.ids(wanted)
            return None if len(passing) == stored.count() else passing

    def _current(self, repository: Repository) -> _Ready:
        with self._lock:
            with session_scope(self.engine, write=False) as session:
                version = data_version(session)
            ranker, city = self._ranker(repository), self.city()
            ready = self._ready.get(repository)
            if ready is None or ready.data_version != version or ready.city is not city:
                untrained = self._pipeline(repository, city)
            else:
                untrained = ready.untrained
            precedents = None if ranker is None else self._precedents.of(untrained, ranker)
            if (
                ready is None
                or ready.untrained is not untrained
                or ready.pipeline.ranker != ranker
                or ready.pipeline.precedents is not precedents
            ):
                trained = untrained.with_ranker(ranker, precedents)
                ready = self._ready[repository] = _Ready(untrained, trained, version, city)
            return ready

    def _ranker(self, repository: Repository) -> Ranker | None:
        """The ranker in use; needs found for an achievement stay in the untrained order.

        Levels are judged, and calibrated, for needs looking for achievements only.
        """
        if repository is NeedRepository:
            return None
        return current_ranker(self.engine, self._notify)

    def index_store(self, repository: Repository) -> IndexStore:
        """The saved indexes of one kind of posting."""
        return IndexStore(
            self._settings.indexes / repository.rows.__tablename__,
            repository,
            engine=self.engine,
            encoder=self.encoder,
            notify=self._notify,
        )

    def pipeline(self, repository: Repository, *, adapter: Adapter | None = None) -> Pipeline:
        """The untrained pipeline over one kind of posting, its indexes brought up to date.

        Args:
            repository: Which kind.
            adapter: To be tried in place of the one in use.
        """
        return self._pipeline(repository, self.city(), adapter=adapter)

    def _pipeline(
        self,
        repository: Repository,
        city: "City | None",
        lookup: Lookup | None = None,
        adapter: Adapter | None = None,
    ) -> Pipeline:
        index = self.index_store(repository).open()

        def stored(ids: Sequence[str]) -> dict[str, Document]:
            with session_scope(self.engine, write=False) as session:
                found = repository(session).get_many(ids)
            return {i: document_of(posting) for i, posting in found.items()}

        return default_pipeline(
            index.lexical,
            self.encoder,
            index.vectors,
            lookup or stored,
            self.config,
            relations=None if city is None else city.relations,
            adapter=adapter or index.adapter,
        )
