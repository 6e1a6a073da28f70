"""Indexes that follow the database: opened when fresh, brought up to date when not.

The database is the truth. An index remembers which database it saw and at which version;
what changed since is read and indexed, and whatever cannot be trusted is built anew. The few
changes of a large corpus are laid over its index, which costs as much as they are; the files
are written again when they have become many.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data.adapter_store import AdapterStore
from data.corpus_files import SavedCorpus, Unusable, load_corpus, save_corpus
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from data.versions import Changes, stamp, version_of
from embeddings.adapter import Adapter
from embeddings.encoder import Encoder
from embeddings.faiss_index import FaissIndex
from embeddings.index import VectorIndex
from embeddings.layered_index import LayeredIndex
from matcher.adapted import is_due
from matcher.dense import document_vectors
from matcher.lexical import LexicalRetriever
from matcher.text import document_of
from matcher.types import Document

Notify = Callable[[str], None]
Repository = type[NeedRepository] | type[AchievementRepository]

SMALL = 2_000
"""Documents up to which a corpus is counted anew with every change: that takes a second."""

MOST_LAID_OVER = 1 / 50
"""Of a larger corpus so many may have changed since its index was written."""

_BATCH = 16_384
"""Documents in memory at a time while an index is built."""


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
    """Both indexes of one corpus, of the same data version; never altered.

    Attributes:
        stamp: State of the database that they saw (``data.versions.stamp``).
        written: The one that the files beneath saw.
        adapter: What the corpus teaches about its vectors; None while it is small.
    """

    lexical: LexicalRetriever
    vectors: LayeredIndex
    stamp: str
    written: str
    adapter: Adapter | None = None

    @property
    def data_version(self) -> int:
        """The data version within the stamp."""
        return version_of(self.stamp)


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
        self._adapters = AdapterStore(
            folder / "adapter", repository, engine=engine, encoder=encoder, notify=notify
        )

    def open(self) -> CorpusIndex:
        """The indexes as of now.

        Raises:
            StoreError: the database cannot be read.
            EmbeddingError: the model cannot encode.
            OSError: a new index cannot be written.
        """
        saved = self.saved()
        return (self.followed(saved) if saved else None) or self._taught(self._written())

    def saved(self) -> CorpusIndex | None:
        """What the files hold, as old as it may be; None where there are none to be trusted."""
        with session_scope(self._engine, write=False) as session:
            saved = self._usable(session, self._notify)
        if saved is None:
            return None
        layered = LayeredIndex(saved.vectors)
        return CorpusIndex(saved.lexical, layered, saved.stamp, saved.stamp, self.adapter())

    def followed(self, index: CorpusIndex) -> CorpusIndex | None:
        """The indexes as of now, from those of an earlier moment, if that takes but moments.

        Args:
            index: From this store; it stays as it is, for whoever asks it meanwhile.

        Returns:
            None where the files have to be written anew or an adapter learnt: see ``open``.

        Raises:
            StoreError: the database cannot be read.
            EmbeddingError: the model cannot encode.
        """
        with session_scope(self._engine, write=False) as session:
            if index.stamp != stamp(session, index.data_version):
                return None
            changes = self._repository(session).changed_since(index.data_version)
            now = stamp(session, changes.version)
        if now != index.stamp:
            if not _is_little(index, changes):
                return None
            index = replace(self._laid_over(index, changes), stamp=now)
        return None if is_due(index.adapter, len(index.lexical)) else index

    def count(self) -> int:
        """How many postings there are now, indexed or not."""
        with session_scope(self._engine, write=False) as session:
            return self._repository(session).count()

    def learn_adapter(self) -> Adapter | None:
        """An adapter learnt from today's corpus, not yet in use; None where it is too small.

        Raises:
            StoreError: the database cannot be read.
            EmbeddingError: the model cannot encode.
            OSError: the indexes cannot be brought up to date.
        """
        return self._adapters.learnt(self.open().vectors)

    def use_adapter(self, adapter: Adapter) -> None:
        """From now on ``open`` gives this one.

        Raises:
            OSError: it cannot be written.
        """
        self._adapters.use(adapter)

    def adapter(self) -> Adapter | None:
        """The adapter in use, as it is saved; None without one for this encoder."""
        return self._adapters.saved()

    def state(self) -> IndexState:
        """What ``open`` would find; nothing is changed."""
        if not self._folder.exists():
            return IndexState(Freshness.ABSENT, "尚未建立 / not built yet")
        with session_scope(self._engine, write=False) as session:
            try:
                saved = load_corpus(self._folder, session, fingerprint=self._encoder.fingerprint)
            except Unusable as problem:
                return IndexState(Freshness.UNUSABLE, str(problem))
            changes = self._repository(session).changed_since(saved.data_version)
        stale = len(changes.changed) + len(changes.removed)
        if stale:
            return IndexState(Freshness.BEHIND, f"{stale} 条待更新 / {stale} behind the data")
        return IndexState(Freshness.FRESH, f"{len(saved.lexical)} 条 / entries")

    def _usable(self, session: Session, notify: Notify) -> SavedCorpus | None:
        if not self._folder.exists():
            return None
        try:
            return load_corpus(self._folder, session, fingerprint=self._encoder.fingerprint)
        except Unusable as problem:
            notify(f"{problem}；正在重建 / rebuilding")
            return None

    def _laid_over(self, index: CorpusIndex, changes: Changes) -> CorpusIndex:
        if not (changes.changed or changes.removed):
            return index
        with session_scope(self._engine, write=False) as session:
            found = self._repository(session).get_many(changes.changed)
        documents = [document_of(posting) for posting in found.values()]
        gone = {*changes.changed, *changes.removed} - found.keys()
        vectors = document_vectors(self._encoder, documents)
        return replace(
            index,
            lexical=index.lexical.with_changes(documents, gone),
            vectors=index.vectors.with_changes(list(found), vectors, gone),
            adapter=self.adapter(),
        )

    def _written(self) -> CorpusIndex:
        """The indexes as of now, written into the files."""
        with session_scope(self._engine, write=False) as session:
            # said already, when what is saved was looked at first
            saved = self._usable(session, lambda message: None)
            changes = self._repository(session).changed_since(saved.data_version if saved else 0)
            now = stamp(session, changes.version)
        vectors: VectorIndex
        if saved is None:
            vectors = FaissIndex(self._encoder.dim)
            lexical = LexicalRetriever.of(self._read(changes.changed, vectors))
        else:
            self._notify(
                f"索引跟上数据：更新 {len(changes.changed)} 条，移除 {len(changes.removed)} 条。"
                f" / bringing the index up to the data: {len(changes.changed)} changed,"
                f" {len(changes.removed)} removed"
            )
            vectors = saved.vectors
            documents = list(self._read(changes.changed, vectors))
            gone = {*changes.changed, *changes.removed} - {d.id for d in documents}
            vectors.remove([i for i in gone if i in vectors])
            lexical = saved.lexical.with_changes(documents, gone).settled()
        save_corpus(
            SavedCorpus(lexical, vectors, now),
            self._folder,
            fingerprint=self._encoder.fingerprint,
        )
        return CorpusIndex(lexical, LayeredIndex(vectors), now, now, self.adapter())

    def _read(self, ids: Sequence[str], vectors: VectorIndex) -> Iterator[Document]:
        """Documents, some at a time in memory; their vectors are put in on the way."""
        for start in range(0, len(ids), _BATCH):
            with session_scope(self._engine, write=False) as session:
                found = self._repository(session).get_many(ids[start : start + _BATCH]).values()
            documents = [document_of(posting) for posting in found]
            vectors.replace([d.id for d in documents], document_vectors(self._encoder, documents))
            yield from documents

    def _taught(self, index: CorpusIndex) -> CorpusIndex:
        """With the adapter there is, as long as it knows most of the corpus; else a new one."""
        if not is_due(index.adapter, len(index.lexical)):
            return index
        adapter = self._adapters.learnt(index.vectors)
        if adapter is not None:
            self.use_adapter(adapter)
        return replace(index, adapter=adapter)


def _is_little(index: CorpusIndex, changes: Changes) -> bool:
    """Whether an index can take changes without being written anew."""
    many = len(changes.changed) + len(changes.removed)
    size = len(index.lexical)
    return not many or (size > SMALL and index.lexical.changes + many <= MOST_LAID_OVER * size)
