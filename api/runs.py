"""Match lists kept as they were shown, so that they can be explained and learnt from later."""

import uuid
from datetime import UTC, datetime

from sqlalchemy import Engine

from data.errors import StoreError
from data.index_store import Notify
from data.match_runs import MatchRun, MatchRunRepository, QueryKind
from data.session import session_scope
from matcher.match import MatchList
from matcher.types import Achievement, Need, Query

_KINDS: dict[type, QueryKind] = {Need: "need", Achievement: "achievement"}


class RunKeeper:
    """Stores match runs.

    Args:
        engine: Best with a short lock timeout: an answer does not wait for this.
        notify: Told in a sentence when a run could not be kept.
    """

    def __init__(self, engine: Engine, notify: Notify) -> None:
        self._engine = engine
        self._notify = notify

    def keep(
        self,
        query: Query,
        asked: Need | Achievement | None,
        matches: MatchList,
        *,
        version: int,
        model: str,
    ) -> None:
        """Store a run, unless it repeats the last one of its query.

        Args:
            query: What was searched with.
            asked: The posting behind it; None for free text.
            matches: What was found.
            version: Data version that the indexes saw.
            model: Fingerprint of the embedding model.
        """
        plain = matches.as_json()
        run = MatchRun(
            id=str(uuid.uuid4()),
            created_at=datetime.now(UTC),
            query_kind=_KINDS.get(type(asked), "text"),
            query_id=query.id,
            model=model,
            config=plain["config"],
            data_version=version,
            result=plain,
        )
        try:
            with session_scope(self._engine, write=False) as session:
                last = MatchRunRepository(session).latest(run.query_kind, run.query_id)
            if not last or last[0].result != run.result or last[0].model != run.model:
                with session_scope(self._engine) as session:
                    MatchRunRepository(session).add(run)
        except StoreError as problem:
            self._notify(f"本次匹配未留存 / this run was not kept: {problem}")
