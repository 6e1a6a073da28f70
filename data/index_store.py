"""Indexes that follow the database: opened when fresh, brought up to date when not.

The database is the truth. An index remembers which database it saw and at which version;
on opening, what changed since is read and indexed, and whatever cannot be trusted is
built anew.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data.lexical_files import FINGERPRINT, load_lexical, save_lexical
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from data.versions import Changes, database_id, stamp
from embeddings.adapter import Adapter, load_adapter
from embeddings.encoder import Encoder
from embeddings.faiss_index import FaissIndex
from embeddings.index import VectorIndex
from embeddings.index_errors import IndexBroken
from embeddings.index_store import open_index
from matcher.adapted import LEAST_DOCUMENTS, is_due
from matcher.dense import document_vectors
from matcher.lexical import LexicalRetriever
from matcher.text import document_of
from matcher.types import Document

Notify = Callable[[str], None]
Repository = type[NeedRepository] | type[AchievementRepository]

_ADAPTER = "adapter"


class Freshness(StrEnum):
    """How a saved index stands to the database."""

    FRESH = "fresh"
    BEHIND = "behind"
    ABSENT = "absent"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class IndexState:
    """What opening an index would find.

    Attributes:
        words: For people: how large it is, or what is wrong and what will be done.
    """

    freshness: Freshness
    words: str


@dataclass(frozen=True, slots=True)
class CorpusIndex:
    """Both indexes of one corpus, of the same data version.

    Attributes:
        adapter: What the corpus teaches about its vectors; None while it is small.
    """

    lexical: LexicalRetriever
    vectors: VectorIndex
    data_version: int
    adapter: Adapter | None = None


class _Unusable(Exception):
    """Saved files that cannot be brought up to date; the message says why."""


class IndexStore:
    """The saved indexes of one kind of posting."""

    def __init__(
        self,
        folder: Path,
        repository: Repository,
        *,
        engine: Engine,
        encoder: Encoder,
        notify: Notify = lambda message: None,
    ) -> None:
        """Name the parts.

        Args:
            folder: Where the indexes rest; made when missing.
            repository: Which postings are indexed.
            engine: The database that holds them.
            encoder: Turns documents into vectors; hand in one that caches.
            notify: Told, in a sentence, whenever saved files have to be mended or replaced.
        """
        self._folder = folder
        self._repository = repository
        self._engine = engine
        self._encoder = encoder
        self._notify = notify

    def open(self) -> CorpusIndex:
        """The indexes as of now.

        Raises:
            StoreError: the database cannot be read.
            EmbeddingError: the model cannot encode.
            OSError: a new index cannot be written.
        """
        with session_scope(self._engine, write=False) as session:
            saved, changes = self._usable(session)
            current = saved if not (changes.changed or changes.removed) else None
            if current and not is_due(current.adapter, len(current.lexical)):
                return current
            documents = [document_of(p) for p in self._repository(session).stream()]
            seen = stamp(session, changes.version)
        if current:
            return replace(current, adapter=self._taught(documents, current.vectors))
        vectors = self._vectors(documents, saved, changes)
        fresh = CorpusIndex(
            lexical=LexicalRetriever.of(documents),
            vectors=vectors,
            data_version=changes.version,
            adapter=self._adapter(documents, vectors, saved),
        )
        save_lexical(fresh.lexical, self._folder / "lexical", data_version=seen)
        fresh.vectors.save(
            self._folder / "vectors", fingerprint=self._encoder.fingerprint, data_version=seen
        )
        return fresh

    def learn_adapter(self) -> Adapter | None:
        """An adapter learnt from today's corpus, not yet in use; None where it is too small.

        Raises:
            StoreError: the database cannot be read.
            EmbeddingError: the model cannot encode.
            OSError: the indexes cannot be brought up to date.
        """
        index = self.open()
        with session_scope(self._engine, write=False) as session:
            documents = [document_of(p) for p in self._repository(session).stream()]
        return self._learnt([d for d in documents if d.id in index.vectors], index.vectors)

    def use_adapter(self, adapter: Adapter) -> None:
        """From now on ``open`` gives this one.

        Raises:
            OSError: it cannot be written.
        """
        adapter.save(self._folder / _ADAPTER, fingerprint=self._encoder.fingerprint)

    def adapter(self) -> Adapter | None:
        """The adapter in use, as it is saved; None without one for this encoder."""
        try:
            adapter, fingerprint = load_adapter(self._folder / _ADAPTER)
        except IndexBroken:
            return None
        return adapter if fingerprint == self._encoder.fingerprint else None

    def state(self) -> IndexState:
        """What ``open`` would find; nothing is changed."""
        if not self._folder.exists():
            return IndexState(Freshness.ABSENT, "尚未建立 / not built yet")
        with session_scope(self._engine, write=False) as session:
            try:
                saved = self._load(session)
            except _Unusable as problem:
                return IndexState(Freshness.UNUSABLE, str(problem))
            changes = self._repository(session).changed_since(saved.data_version)
        stale = len(changes.changed) + len(changes.removed)
        if stale:
            return IndexState(Freshness.BEHIND, f"{stale} 条待更新 / {stale} behind the data")
        return IndexState(Freshness.FRESH, f"{len(saved.lexical)} 条 / entries")

    def _usable(self, session: Session) -> tuple[CorpusIndex | None, Changes]:
        saved = None
        if self._folder.exists():
            try:
                saved = self._load(session)
            except _Unusable as problem:
                self._notify(f"{problem}；正在重建 / rebuilding")
        since = saved.data_version if saved else 0
        return saved, self._repository(session).changed_since(since)

    def _load(self, session: Session) -> CorpusIndex:
        try:
            lexical, lexical_manifest = load_lexical(self._folder / "lexical")
            vectors, manifest = open_index(self._folder / "vectors")
        except IndexBroken as problem:
            raise _Unusable(str(problem)) from problem
        if manifest.fingerprint != self._encoder.fingerprint:
            raise _Unusable("索引属于另一向量模型 / the index is of another embedding model")
        if lexical_manifest.fingerprint != FINGERPRINT:
            raise _Unusable("字面索引为旧格式 / the lexical index is of an older make")
        if manifest.data_version != lexical_manifest.data_version:
            raise _Unusable("两个索引版本不一致 / the two indexes saw different versions")
        owner, version, _ = f"{manifest.data_version}//".split("/", 2)
        if owner != database_id(session):
            raise _Unusable("索引属于另一数据库 / the index is of another database")
        if manifest.data_version != stamp(session, int(version)):
            raise _Unusable("数据库曾恢复到较早状态 / the database went back to an earlier state")
        return CorpusIndex(lexical, vectors, int(version), self.adapter())

    def _adapter(
        self, documents: list[Document], vectors: VectorIndex, saved: CorpusIndex | None
    ) -> Adapter | None:
        """The one there is, as long as it knows most of the corpus; else a new one."""
        known = saved.adapter if saved else None
        return self._taught(documents, vectors) if is_due(known, len(documents)) else known

    def _taught(self, documents: list[Document], vectors: VectorIndex) -> Adapter | None:
        adapter = self._learnt(documents, vectors)
        if adapter is not None:
            self.use_adapter(adapter)
        return adapter

    def _learnt(self, documents: list[Document], vectors: VectorIndex) -> Adapter | None:
        # scikit-learn takes a second to come up, and is needed for this only
        from matcher.adapt import fit_adapter

        if len(documents) >= LEAST_DOCUMENTS:
            self._notify(
                "让语义比较适应本地语料，约十秒 / adapting meaning to this corpus, about 10 s"
            )
        return fit_adapter(documents, vectors)

    def _vectors(
        self, documents: list[Document], saved: CorpusIndex | None, changes: Changes
    ) -> VectorIndex:
        index: VectorIndex
        if saved is None:
            index = FaissIndex(self._encoder.dim)
            index.add([d.id for d in documents], document_vectors(self._encoder, documents))
            return index
        self._notify(
            f"索引跟上数据：更新 {len(changes.changed)} 条，移除 {len(changes.removed)} 条。"
            f" / bringing the index up to the data: {len(changes.changed)} changed,"
            f" {len(changes.removed)} removed"
        )
        index = saved.vectors
        index.remove([i for i in changes.removed if i in index])
        changed = set(changes.changed)
        touched = [d for d in documents if d.id in changed]
        index.replace([d.id for d in touched], document_vectors(self._encoder, touched))
        return index
