"""Stored match runs, for those who may see the match list of what was asked."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.access.keyset import Listed, read_page
from data.access.posting_reader import Seen
from data.access.postings import Postings
from data.access.trail import Trail
from data.match_runs import MatchRun, MatchRunRepository, QueryKind, to_run
from data.policy.actor import Actor
from data.policy.decide import decide
from data.policy.errors import Unseen
from data.policy.operation import Operation
from data.tables import MatchRunRow
from matcher.types import Achievement, Need


@dataclass(frozen=True, slots=True)
class RunSeen:
    """A run with what it asked as its reader may see it; None for free text."""

    run: MatchRun
    asked: Seen[Need] | Seen[Achievement] | None


class Runs:
    """Match runs for one actor in one transaction."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._needs = Postings(Need, session, actor, trail)
        self._achievements = Postings(Achievement, session, actor, trail)

    def get(self, run_id: str) -> RunSeen:
        """One run; what of its list may be shown follows from what it asked.

        Raises:
            Unseen: there is none, or the actor may not see what it asked.
            Forbidden: he may see that, but not its matches.
        """
        run = MatchRunRepository(self._session).get(run_id)
        if run is None:
            raise Unseen(run_id)
        if run.query_kind != "text":
            return RunSeen(run, self._asked(run.query_kind, run.query_id))
        # who asked in free words was not kept
        if decide(self._actor, Operation.RUN_READ) is None:
            raise Unseen(run_id)
        return RunSeen(run, None)

    def page(
        self, kind: QueryKind, query_id: str, *, limit: int, cursor: str | None = None
    ) -> Listed[MatchRun]:
        """The runs of one need or achievement, the newest first.

        Raises:
            Unseen: the actor may not see the need or achievement.
            Forbidden: he may see it, but not its matches.
            NotAcceptable: the cursor is of another list, or none at all.
        """
        self._asked(kind, query_id)
        row = MatchRunRow
        found = read_page(
            self._session,
            select(row.__table__).where(row.query_kind == kind, row.query_id == query_id),
            row.created_at,
            row.id,
            down=True,
            limit=limit,
            cursor=cursor,
        )
        return Listed([to_run(one) for one in found.items], found.next_cursor)

    def _asked(self, kind: QueryKind, query_id: str) -> Seen[Need] | Seen[Achievement]:
        if kind == "need":
            return self._needs.get_for(query_id, Operation.RUN_READ)[0]
        return self._achievements.get_for(query_id, Operation.RUN_READ)[0]
