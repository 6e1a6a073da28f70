"""What brokers decided, as precedents for the lists that come next."""

from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import Engine

from data.decisions import DecisionRepository
from data.index_store import Notify
from data.policy.lifecycle import READABLE
from data.precedent_files import PrecedentMark, SavedPrecedents, load_precedents, save_precedents
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from embeddings.index_errors import IndexBroken, VectorIndexError
from matcher.errors import UnknownDocument
from matcher.pipeline import Pipeline
from matcher.ranker import Ranker
from matcher.text import query_of
from matcher.types import Filter

if TYPE_CHECKING:
    from matcher.measured_pairs import MeasuredPairs
    from matcher.precedents import Precedents

_ALIKE = 1e-4


class BrokerPrecedents:
    """Learns from the stored decisions, anew when there is one more.

    What was learnt and measured is kept, in memory and on disk: one more decision measures
    one more pair, and the next process begins where this one stopped.

    Args:
        engine: The database with decisions and items.
        folder: Where precedents rest between processes; made when missing.
        notify: Told in a sentence when saved ones are replaced or cannot be written.
    """

    def __init__(
        self, engine: Engine, folder: Path, *, notify: Notify = lambda message: None
    ) -> None:
        self._engine = engine
        self._folder = folder
        self._notify = notify
        self._kept: SavedPrecedents | None = None
        self._mark: PrecedentMark | None = None

    def of(self, pipeline: Pipeline, ranker: Ranker, *, seen: str) -> "Precedents | None":
        """The precedents of all decisions on published items; None where there are none.

        Args:
            pipeline: The untrained one over the published achievements.
            ranker: The one in use.
            seen: Names everything that the pipeline's signals depend on; while it, the
                ranker and the decisions stay the same, nothing is learnt again.
        """
        with session_scope(self._engine, write=False) as session:
            stored = DecisionRepository(session)
            newest = stored.latest(k=1)
            if not newest:
                return None
            decisions = stored.count(), newest[0].id
        mark = PrecedentMark(seen, _digest(decisions, ranker))
        if self._mark != mark:
            if self._kept is None or self._kept.mark.seen != seen:
                self._kept = self._saved(pipeline, seen)
            if self._kept is None or self._kept.mark != mark:
                self._kept = self._learnt(pipeline, ranker, mark)
            self._mark = mark
        return self._kept.precedents if self._kept else None

    def _saved(self, pipeline: Pipeline, seen: str) -> SavedPrecedents | None:
        """What another process saved, if it saw the same."""
        if not self._folder.exists():
            return None
        try:
            saved = load_precedents(self._folder)
        except (IndexBroken, OSError) as problem:
            self._notify(f"先例文件不可用，正在重新学习 / learning precedents anew: {problem}")
            return None
        return saved if saved.mark.seen == seen and _lies_there(pipeline, saved.measured) else None

    def _learnt(
        self, pipeline: Pipeline, ranker: Ranker, mark: PrecedentMark
    ) -> SavedPrecedents | None:
        # SciPy's optimiser would slow down every command where nobody has decided anything new
        from matcher.judgement import judgements
        from matcher.precedent_learning import learn_precedents

        published = Filter(statuses=READABLE)  # a contract that was signed is the best precedent
        with session_scope(self._engine, write=False) as session:
            found = judgements(
                DecisionRepository(session).all(),
                needs=NeedRepository(session).ids(published),
                achievements=AchievementRepository(session).ids(published),
            ).judgements
            asked = NeedRepository(session).get_many(sorted({one.query_id for one in found}))
        queries = {need_id: query_of(need) for need_id, need in asked.items()}
        known = self._kept.measured if self._kept else None
        try:
            learnt = learn_precedents(pipeline, ranker, found, queries, known=known)
        except UnknownDocument:
            # added since the index was read: the next question finds a newer index
            return None
        if learnt is None:
            return None
        saved = SavedPrecedents(mark, learnt.precedents, learnt.measured)
        self._save(saved)
        return saved

    def _save(self, saved: SavedPrecedents) -> None:
        """Keep them for the next process; whoever asked does not fail because of this."""
        try:
            save_precedents(saved, self._folder)
        except (OSError, VectorIndexError) as problem:
            self._notify(f"先例未能保存 / the precedents were not saved: {problem}")


def _digest(*parts: object) -> str:
    return blake2b(repr(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _lies_there(pipeline: Pipeline, measured: "MeasuredPairs") -> bool:
    """Whether documents lie where they were measured: an adapter may have moved them since."""
    if pipeline.space is None:
        return False
    try:
        places = pipeline.space.places([document_id for _, document_id in measured.ids])
    except UnknownDocument:
        return False
    if places.shape != measured.documents.shape:
        return False
    return bool(np.allclose(places, measured.documents, rtol=0, atol=_ALIKE))
