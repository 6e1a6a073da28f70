"""The matching service: database, indexes and model put together, once per process."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from threading import Lock

from api.ranker import current_ranker
from api.records import Records
from api.settings import Settings
from api.tagging import city_tagger
from data.errors import StoreError
from data.index_store import IndexStore, Notify, Repository
from data.match_runs import MatchRun, MatchRunRepository, QueryKind
from data.migrate import upgrade
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import make_engine, session_scope
from data.versions import data_version
from embeddings.cache import CachedEncoder, VectorCache
from embeddings.sentence_encoder import open_encoder
from matcher.match import MatchList
from matcher.pipeline import Pipeline, default_pipeline
from matcher.ranker import Ranker
from matcher.tag import ChainTagger
from matcher.text import document_of, query_from_text, query_of
from matcher.types import Achievement, Document, Filter, Need, Organization, Query

RECORD_TIMEOUT_S = 0.5
"""How long an answer waits for another writer before it goes unrecorded."""

Progress = Callable[[int, int], None]
"""Told the texts encoded and the texts in all."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A match list with the records that it names.

    Attributes:
        asked: The posting that was the query; None for free text.
        postings: The matched postings by id.
        organizations: The organisations of the matched postings by id.
    """

    asked: Need | Achievement | None
    matches: MatchList
    postings: Mapping[str, Need | Achievement]
    organizations: Mapping[str, Organization]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A pipeline and the data version that it saw."""

    pipeline: Pipeline
    data_version: int


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
    ) -> None:
        """Open the database; model and indexes are opened when first needed.

        Args:
            settings: Where things are.
            notify: Told in a sentence when an index has to be rebuilt or brought up to date.
            progress: Told how many texts of how many are encoded.

        Raises:
            DataError: the database cannot be opened or brought up to date.
        """
        self._settings = settings
        self._notify = notify
        self._progress = progress
        self._lock = Lock()
        self._ready: dict[Repository, _Ready] = {}
        self.engine = make_engine(settings.database_url)
        self._recorder = make_engine(settings.database_url, lock_timeout_s=RECORD_TIMEOUT_S)
        upgrade(self.engine)
        self.records = Records(self.engine)

    @cached_property
    def encoder(self) -> CachedEncoder:
        """The embedding model, with its vectors cached on disk."""
        model = open_encoder(self._settings.model)
        return CachedEncoder(model, VectorCache(self._settings.cache), progress=self._progress)

    @cached_property
    def tagger(self) -> ChainTagger:
        """Tells which of the city's chains a text belongs to."""
        return city_tagger(self.records.chains(), self.encoder)

    def chains_of(self, postings: Sequence[Need]) -> dict[str, tuple[str, ...]]:
        """Chains by posting id: those declared, else those that the wording tells."""
        declared = {p.id: p.chains for p in postings if p.chains}
        unclear = [p for p in postings if not p.chains]
        tags = self.tagger.tag([document_of(p) for p in unclear]) if unclear else []
        inferred = {
            p.id: tuple(tag.chain for tag in of_posting)
            for p, of_posting in zip(unclear, tags, strict=True)
        }
        return declared | inferred

    def refresh(self) -> None:
        """Bring both indexes up to date, so that the next process starts fast."""
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
        self._record(query, asked, matches, ready.data_version)
        with session_scope(self.engine, write=False) as session:
            found = repository(session).get_many([m.document_id for m in matches.matches])
            named = {p.organization for p in found.values() if p.organization}
            organizations = OrganizationRepository(session).get_many(sorted(named))
        return Answer(asked, matches, found, organizations)

    def _allowed(self, repository: Repository, wanted: Filter) -> frozenset[str] | None:
        """Ids that pass, or None when all do, which spares the indexes a look at each id."""
        with session_scope(self.engine, write=False) as session:
            stored = repository(session)
            passing = stored.ids(wanted)
            return None if len(passing) == stored.count() else passing

    def _record(
        self,
        query: Query,
        asked: Need | Achievement | None,
        matches: MatchList,
        version: int,
    ) -> None:
        """Keep the run, unless it repeats the last one; an answer never waits for this."""
        kinds: dict[type, QueryKind] = {Need: "need", Achievement: "achievement"}
        plain = matches.as_json()
        run = MatchRun(
            id=str(uuid.uuid4()),
            created_at=datetime.now(UTC),
            query_kind=kinds.get(type(asked), "text"),
            query_id=query.id,
            model=self.encoder.fingerprint,
            config=plain["config"],
            data_version=version,
            result=plain,
        )
        try:
            with session_scope(self._recorder, write=False) as session:
                last = MatchRunRepository(session).latest(run.query_kind, run.query_id)
            if not last or last[0].result != run.result or last[0].model != run.model:
                with session_scope(self._recorder) as session:
                    MatchRunRepository(session).add(run)
        except StoreError as problem:
            self._notify(f"本次匹配未留存 / this run was not kept: {problem}")

    def _current(self, repository: Repository) -> _Ready:
        with self._lock:
            with session_scope(self.engine, write=False) as session:
                version = data_version(session)
            ranker = self._ranker(repository)
            ready = self._ready.get(repository)
            if ready is None or ready.data_version != version:
                ready = _Ready(self.pipeline(repository).with_ranker(ranker), version)
            elif ready.pipeline.ranker != ranker:
                ready = _Ready(ready.pipeline.with_ranker(ranker), version)
            self._ready[repository] = ready
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

    def pipeline(self, repository: Repository) -> Pipeline:
        """The untrained pipeline over one kind of posting, its indexes brought up to date."""
        index = self.index_store(repository).open()

        def documents(ids: Sequence[str]) -> dict[str, Document]:
            with session_scope(self.engine, write=False) as session:
                found = repository(session).get_many(ids)
            return {i: document_of(posting) for i, posting in found.items()}

        return default_pipeline(index.lexical, self.encoder, index.vectors, documents)
