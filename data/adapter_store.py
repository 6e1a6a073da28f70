"""The adapter of one corpus: saved beside its indexes, and learnt from what they hold."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from embeddings.adapter import Adapter, load_adapter
from embeddings.encoder import Encoder
from embeddings.index import VectorSearch
from embeddings.index_errors import IndexBroken
from matcher.adapted import LEAST_DOCUMENTS
from matcher.text import document_of


class AdapterStore:
    """The saved adapter of one kind of posting.

    Args:
        folder: Where it rests; made when missing.
        repository: Which postings it is learnt from.
        engine: The database that holds them.
        encoder: Made the vectors.
        notify: Told in a sentence before it is learnt, which takes a while.
    """

    def __init__(
        self,
        folder: Path,
        repository: type[NeedRepository] | type[AchievementRepository],
        *,
        engine: Engine,
        encoder: Encoder,
        notify: Callable[[str], None],
    ) -> None:
        self._folder = folder
        self._repository = repository
        self._engine = engine
        self._encoder = encoder
        self._notify = notify

    def saved(self) -> Adapter | None:
        """The one in use; None without one for this encoder."""
        try:
            adapter, fingerprint = load_adapter(self._folder)
        except IndexBroken:
            return None
        return adapter if fingerprint == self._encoder.fingerprint else None

    def use(self, adapter: Adapter) -> None:
        """From now on this one is saved.

        Raises:
            OSError: it cannot be written.
        """
        adapter.save(self._folder, fingerprint=self._encoder.fingerprint)

    def learnt(self, vectors: VectorSearch) -> Adapter | None:
        """A new one, not yet in use; None where the corpus is too small.

        Args:
            vectors: Of the corpus.

        Raises:
            StoreError: the database cannot be read.
        """
        ids = vectors.ids()
        if len(ids) < LEAST_DOCUMENTS:
            return None
        # scikit-learn takes a second to come up, and is needed for this only
        from matcher.adapt import drawn, fit_adapter_to

        self._notify("让语义比较适应本地语料，约十秒 / adapting meaning to this corpus, about 10 s")
        with session_scope(self._engine, write=False) as session:
            found = self._repository(session).get_many(drawn(ids))
        documents = [document_of(posting) for posting in found.values()]
        return fit_adapter_to(documents, vectors, fitted_on=len(ids))
