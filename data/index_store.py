"""Indexes that follow the database: opened when fresh, brought up to date when not.

The database is the truth. An index remembers the data version that it saw; on opening,
what changed since is read and indexed, and whatever cannot be trusted is built anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from data.lexical_files import FINGERPRINT, load_lexical, save_lexical
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from data.versions import Changes
from embeddings.encoder import Encoder
from embeddings.faiss_index import FaissIndex
from embeddings.index import VectorIndex
from embeddings.index_errors import IndexBroken
from embeddings.index_store import open_index
from matcher.dense import document_vectors
from matcher.lexical import LexicalRetriever
from matcher.text import document_of
from matcher.types import Document

Notify = Callable[[str], None]
Repository = type[NeedRepository] | type[AchievementRepository]


@dataclass(frozen=True, slots=True)
class CorpusIndex:
    """Both indexes of one corpus, of the same data version."""

    lexical: LexicalRetriever
    vectors: VectorIndex
    data_version: int


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
            notify: Told, in a sentence, whenever more than opening has to be done.
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
        saved = self._load()
        with session_scope(self._engine, write=False) as session:
            repository = self._repository(session)
            changes = repository.changed_since(saved.data_version if saved else 0)
            if saved and not (changes.changed or changes.removed):
                return saved
            documents = [document_of(posting) for posting in repository.stream()]
        fresh = CorpusIndex(
            lexical=LexicalRetriever.of(documents),
            vectors=self._vectors(documents, saved, changes),
            data_version=changes.version,
        )
        self._save(fresh)
        return fresh

    def _load(self) -> CorpusIndex | None:
        if not self._folder.exists():
            return None
        try:
            lexical, lexical_manifest = load_lexical(self._folder / "lexical")
            vectors, manifest = open_index(self._folder / "vectors")
        except IndexBroken as problem:
            self._notify(str(problem))
            return None
        if manifest.fingerprint != self._encoder.fingerprint:
            self._notify(
                "向量模型已更换，正在重新编码。 / the embedding model has changed; encoding anew"
            )
            return None
        of_one_version = manifest.data_version == lexical_manifest.data_version
        if lexical_manifest.fingerprint != FINGERPRINT or not of_one_version:
            return None
        return CorpusIndex(lexical, vectors, int(manifest.data_version))

    def _vectors(
        self, documents: list[Document], saved: CorpusIndex | None, changes: Changes
    ) -> VectorIndex:
        index: VectorIndex
        if saved is None:
            index = FaissIndex(self._encoder.dim)
            index.add([d.id for d in documents], document_vectors(self._encoder, documents))
            return index
        self._notify(
            f"索引早于数据：更新 {len(changes.changed)} 条，移除 {len(changes.removed)} 条。"
            f" / the index is older than the data: updating {len(changes.changed)},"
            f" removing {len(changes.removed)}"
        )
        index = saved.vectors
        index.remove([i for i in changes.removed if i in index])
        changed = set(changes.changed)
        touched = [d for d in documents if d.id in changed]
        index.replace([d.id for d in touched], document_vectors(self._encoder, touched))
        return index

    def _save(self, fresh: CorpusIndex) -> None:
        version = str(fresh.data_version)
        save_lexical(fresh.lexical, self._folder / "lexical", data_version=version)
        fresh.vectors.save(
            self._folder / "vectors",
            fingerprint=self._encoder.fingerprint,
            data_version=version,
        )
