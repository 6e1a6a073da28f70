"""What each kind of job does."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from api.jobs.errors import JobFailed
from api.jobs.exporting import make_export
from api.jobs.importing import import_upload
from api.jobs.work import Handler, Work
from api.service import MatchService
from data.access.exports import forget_exports
from data.access.repeats import forget_repeats
from data.access.upload import forget_contents
from data.announce import announce
from data.jobs import JobKind
from data.match_lists import MatchListStore
from data.overdue import overdue_news
from data.policy.actor import SYSTEM
from data.policy.decide import require
from data.policy.operation import Operation
from data.repositories import AchievementRepository, NeedRepository
from data.repository import in_batches
from data.session import session_scope
from matcher.types import OPEN

_NEEDS_PER_WORD = 20  # between two looks at whether the job is cancelled
_LONG_AGO = date(1900, 1, 1)


def make_handlers(
    service: MatchService, *, backup: Callable[[], Mapping[str, Any]] | None = None
) -> dict[JobKind, Handler]:
    """The handlers over one open service.

    Args:
        service: The engine.
        backup: Makes a backup while the service runs, and tells where it is as JSON values.
    """

    def reindex(work: Work) -> Mapping[str, Any]:
        """Brings indexes and graph up to date."""
        return {"indexed": work.step("refresh", lambda: _refreshed(service))}

    def train(work: Work) -> Mapping[str, Any]:
        """Learns a ranker from all decisions, and uses it where it is not worse."""
        # loads scikit-learn's slower half, which no other job needs
        from api.learning.training import keep
        from api.learning.training import train as train_on_decisions

        def learn() -> dict[str, Any]:
            trained = train_on_decisions(
                service.engine,
                lambda: service.pipeline(AchievementRepository),
                progress=lambda done, total: work.tell(done, total, "训练", "fitting"),
            )
            version = keep(service.engine, trained, author=work.actor.id)
            candidate, current = trained.candidate.as_json(), trained.current.as_json()
            figures = {"candidate": candidate, "current": current}
            return {"version": version, "in_use": trained.better, **figures}

        result: dict[str, Any] = work.step("train", learn)
        return result

    def pair(work: Work) -> Mapping[str, Any]:
        """Solves a pairing as the office ordered it, and keeps it in its name."""
        result: dict[str, Any] = work.step("solve", lambda: _paired(service, work))
        return result

    def back_up(work: Work) -> Mapping[str, Any]:
        """Makes a backup."""
        if backup is None:
            raise JobFailed("本服务未配置备份", "this service is not set up to make backups")
        result: Mapping[str, Any] = work.step("backup", backup)
        return result

    return {
        JobKind.IMPORT: import_upload,
        JobKind.EXPORT: make_export,
        JobKind.REINDEX: _for_the_office(reindex),
        JobKind.REMATCH: _for_the_office(rematch),
        JobKind.TRAIN: _for_the_office(train),
        JobKind.PAIR: pair,
        JobKind.BACKUP: _for_the_office(back_up),
        JobKind.EXPIRE: _for_the_office(expire),
    }


def rematch(work: Work) -> Mapping[str, Any]:
    """Has every match list made anew, by whoever makes them (``api.live.following``)."""

    def ask() -> int:
        with session_scope(work.engine) as session:
            needs = [need.id for need in NeedRepository(session).stream() if need.status in OPEN]
            MatchListStore(session).ask_again(needs)
        return len(needs)

    return {"needs": work.step("ask", ask)}


def expire(work: Work) -> Mapping[str, Any]:
    """Ends needs past their deadline, tells of late cases, drops files nobody needs any more."""

    def end() -> int:
        with session_scope(work.engine, write=False) as session:
            due = NeedRepository(session).due_between(_LONG_AGO, datetime.now().date())
        expired = 0
        for batch in in_batches(due):
            with work.desk() as desk:
                found = NeedRepository(desk.session).get_many(batch)
                late = [need.id for need in found.values() if need.status in OPEN]
                for need_id in late:
                    desk.needs.step(need_id, Operation.STEP_EXPIRE)
            expired += len(late)
        return expired

    def forget() -> int:
        with session_scope(work.engine) as session:
            now = datetime.now(UTC)
            forget_repeats(session, now)
            return forget_contents(session, now) + forget_exports(session, now)

    def remind() -> int:
        with session_scope(work.engine) as session:
            return announce(session, overdue_news(session, datetime.now().date()))

    return {
        "expired": work.step("expire", end),
        "reminded": work.step("remind", remind),
        "files_dropped": work.step("forget", forget),
    }


def _paired(service: MatchService, work: Work) -> dict[str, Any]:
    # the solver's libraries are loaded where they are used
    from api.plans.ordering import solve_order

    def tell(done: int, total: int) -> None:
        if done % _NEEDS_PER_WORD == 0:
            work.tell(done, total, "评估供给", "grading supply")

    with work.desk(write=False) as desk:
        seen = desk.plans.data_version()
    solved = solve_order(service, work.job.parameters, seen=seen, at_once=False, progress=tell)
    with work.desk() as desk:
        # an attempt that was cut off may have kept it already
        version = desk.plans.kept_since(work.job.created_at, solved.plan, solved.about["name"])
        if version is None:
            version = desk.plans.add(solved.problem, solved.plan, solved.named, **solved.about)
    return {"version": version}


def _refreshed(service: MatchService) -> bool:
    service.refresh()
    return True


def _for_the_office(handler: Handler) -> Handler:
    """Asks again, when the job runs, whether its orderer may order work of the whole service."""

    def checked(work: Work) -> Mapping[str, Any]:
        if work.actor != SYSTEM:
            require(work.actor, Operation.JOB_UPDATE)
        return handler(work)

    return checked
