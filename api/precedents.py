"""What brokers decided, as precedents for the lists that come next."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from data.decisions import DecisionRepository
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from matcher.errors import UnknownDocument
from matcher.pipeline import Pipeline
from matcher.ranker import Ranker
from matcher.text import query_of
from matcher.types import Filter

if TYPE_CHECKING:
    from matcher.precedents import Precedents


@dataclass(frozen=True, slots=True)
class _Kept:
    """Precedents with what they were learnt from."""

    pipeline: Pipeline
    ranker: Ranker
    latest: tuple[int, str]
    precedents: "Precedents | None"


class BrokerPrecedents:
    """Learns from the stored decisions, anew when there is one more."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: _Kept | None = None

    def of(self, pipeline: Pipeline, ranker: Ranker) -> "Precedents | None":
        """The precedents of all decisions on published items; None where there are none.

        Args:
            pipeline: The untrained one over the published achievements. The same object
                and decisions give the same precedents without learning again.
            ranker: The one in use.
        """
        with session_scope(self._engine, write=False) as session:
            stored = DecisionRepository(session)
            newest = stored.latest(k=1)
            latest = (stored.count(), newest[0].id if newest else "")
        kept = self._kept
        if (
            kept is None
            or kept.pipeline is not pipeline
            or kept.ranker != ranker
            or kept.latest != latest
        ):
            learnt = self._learn(pipeline, ranker) if newest else None
            kept = self._kept = _Kept(pipeline, ranker, latest, learnt)
        return kept.precedents

    def _learn(self, pipeline: Pipeline, ranker: Ranker) -> "Precedents | None":
        # SciPy's optimiser would slow down every command where nobody has decided anything
        from matcher.judgement import judgements
        from matcher.precedent_learning import learn_precedents

        with session_scope(self._engine, write=False) as session:
            found = judgements(
                DecisionRepository(session).all(),
                needs=NeedRepository(session).ids(Filter()),
                achievements=AchievementRepository(session).ids(Filter()),
            ).judgements
            asked = NeedRepository(session).get_many(sorted({one.query_id for one in found}))
        queries = {need_id: query_of(need) for need_id, need in asked.items()}
        try:
            return learn_precedents(pipeline, ranker, found, queries)
        except UnknownDocument:
            # added since the index was read: the next question finds a newer index
            return None
