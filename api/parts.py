"""The parts of matching over one database: model, tags, graph, indexes, untrained pipeline."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from api.filtering import RememberedFilters
from api.graph.tag_lessons import TagLessons
from api.graph.tags import CityTags
from api.progress import Progress
from api.settings import Settings
from data.index_store import CorpusIndex, IndexStore, Notify, Repository
from data.migrate import upgrade
from data.session import make_engine, session_scope
from embeddings.adapter import Adapter
from embeddings.cache import CachedEncoder, VectorCache
from embeddings.sentence_encoder import open_encoder
from matcher.config import MatchConfig
from matcher.grading import Lookup
from matcher.pipeline import Pipeline, default_pipeline
from matcher.signals import Group
from matcher.text import document_of
from matcher.types import Document

if TYPE_CHECKING:
    from api.graph.city import City
    from api.graph.store import GraphStore

RECORD_TIMEOUT_S = 0.5
"""How long an answer waits for another writer before it goes unrecorded."""


class MatchParts:
    """What a service is put together from; each part is made when it is first needed.

    Attributes:
        settings: Where things are.
        config: How matches are made.
        engine: The database.
        recorder: The same database, for writes that nobody waits for.
        notify: Told in a sentence when something has to be rebuilt or could not be kept.
        model_problem: Why there is no model, where the service goes on without one; nothing
            is graded then, as levels are calibrated for a model.
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
        self.settings = settings
        self.config = config or MatchConfig()
        self.notify = notify
        self._progress = progress
        self.model_problem: str | None = None
        self._city_lock = Lock()
        self._city: City | None = None
        self.engine = make_engine(settings.database_url)
        self.recorder = make_engine(settings.database_url, lock_timeout_s=RECORD_TIMEOUT_S)
        upgrade(self.engine)

    def close(self) -> None:
        """Give back the database's connections."""
        self.engine.dispose()
        self.recorder.dispose()

    @cached_property
    def encoder(self) -> CachedEncoder:
        """The embedding model, with its vectors cached on disk."""
        model = open_encoder(self.settings.model)
        return CachedEncoder(model, VectorCache(self.settings.cache), progress=self._progress)

    @cached_property
    def tags(self) -> CityTags:
        """Which chains the city's items belong to."""
        lessons = TagLessons(self.engine, self.settings.indexes / "tagger", notify=self.notify)
        return CityTags(
            self.engine,
            self.recorder,
            encoder=lambda: self.encoder,
            lessons=lessons,
            notify=self.notify,
        )

    @cached_property
    def graphs(self) -> "GraphStore":
        """The city's chain graph, saved between processes."""
        from api.graph.store import GraphStore

        folder = self.settings.indexes / "graph"
        return GraphStore(self.engine, folder, self.tags, notify=self.notify)

    def city(self) -> "City | None":
        """The chain graph as of now; None where it is switched off or there are no chains."""
        if Group.CHAINS in self.config.without:
            return None
        from api.graph.city import City

        prepared = self.graphs.parts(today=date.today()).prepared
        with self._city_lock:
            if self._city is None or self._city.made_of is not prepared:
                self._city = City(prepared, self.tags)
            return self._city if self._city.has_chains else None

    @cached_property
    def filters(self) -> RememberedFilters:
        """Which postings a filter lets through."""
        return RememberedFilters(self.engine, self.tags)

    def index_store(self, repository: Repository) -> IndexStore:
        """The saved indexes of one kind of posting."""
        return IndexStore(
            self.settings.indexes / repository.rows.__tablename__,
            repository,
            engine=self.engine,
            encoder=self.encoder,
            notify=self.notify,
        )

    def pipeline(self, repository: Repository, *, adapter: Adapter | None = None) -> Pipeline:
        """The untrained pipeline over one kind of posting, its indexes brought up to date.

        Args:
            repository: Which kind.
            adapter: To be tried in place of the one in use.
        """
        index = self.index_store(repository).open()
        return self.assembled(repository, self.city(), index, adapter=adapter)

    def assembled(
        self,
        repository: Repository,
        city: "City | None",
        index: CorpusIndex,
        *,
        lookup: Lookup | None = None,
        adapter: Adapter | None = None,
    ) -> Pipeline:
        """The same of parts at hand, and with documents read by ``lookup`` where given."""

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
