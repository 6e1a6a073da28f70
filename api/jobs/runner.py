"""Runs what the jobs table asks for, in this process, until it is told to stop."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from api.errors import OURS
from api.jobs.errors import JobCancelled, JobFailed, worded
from api.jobs.schedule import Nightly
from api.jobs.turn import turn_on
from api.jobs.work import Handler, Work
from data.access.desk import Desk
from data.access.trail import Trail
from data.jobs import Job, JobKind, JobState, JobStore
from data.policy.actor import SYSTEM, Actor
from data.session import session_scope

if TYPE_CHECKING:
    from api.jobs.durable import Durable

_PLAN_EVERY_S = 20.0
_MOST_ATTEMPTS = 20
"""Attempts after which a job that never comes to an end is given up."""

_log = logging.getLogger(__name__)


class JobRunner:
    """Runs the jobs of one store; see ``data.jobs`` for what people see of them.

    Of several processes with a runner on the same store one runs the jobs and the others
    wait to take over. The library behind it is loaded when the first job comes.

    Args:
        engine: The store.
        handlers: What does the job of each kind.
        actors: Finds the account that ordered a job, with its rights of today; None where
            it may do nothing any more.
        nightly: What to queue every night; None for nothing.
        clock: Local time.
        poll_s: How often to look for jobs that nobody woke this runner for.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        handlers: Mapping[JobKind, Handler],
        actors: Callable[[str], Actor | None],
        nightly: Nightly | None = None,
        clock: Callable[[], datetime] = datetime.now,
        poll_s: float = 1.0,
    ) -> None:
        self._engine = engine
        self._handlers = handlers
        self._actors = actors
        self._nightly = nightly
        self._clock = clock
        self._poll_s = poll_s
        self._turn = turn_on(engine, "jobs")
        self._thread: Thread | None = None
        self._stopping = Event()
        self._news = Event()
        self._durable: Durable | None = None
        self._asked: set[str] = set()
        self._at_work = 0
        self._counting = Lock()

    def start(self) -> None:
        """Begins to run jobs, in threads of its own; those that a restart cut off go on."""
        self._stopping.clear()
        self._thread = Thread(target=self._go_round, name="yilian-jobs", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Ends between two steps; what is unfinished goes on after the next start.

        Args:
            timeout_s: How long to wait for the steps under way.

        Returns:
            Whether every step came to its end.
        """
        end = monotonic() + timeout_s
        self._stopping.set()
        self._news.set()
        while self._at_work and monotonic() < end:
            Event().wait(0.02)
        if self._thread is not None:
            self._thread.join(max(0.1, end - monotonic()))
        return not self._at_work

    def submit(self, kind: JobKind, parameters: Mapping[str, Any], actor: Actor = SYSTEM) -> str:
        """Queues a job in a transaction of its own, and returns its id.

        Inside a request use ``desk.jobs`` and ``wake``, so that the job is ordered if, and
        only if, the request succeeds.
        """
        trail = Trail(actor)
        with session_scope(self._engine) as session:
            job = Desk(session, actor, trail).jobs.follow(kind, parameters)
            trail.write(session)
        self.wake()
        return job.id

    def wake(self) -> None:
        """Has the table looked at now rather than within a second."""
        self._news.set()

    def _go_round(self) -> None:
        planned = -_PLAN_EVERY_S
        while not self._stopping.is_set():
            try:
                if self._turn.held():
                    if monotonic() - planned >= _PLAN_EVERY_S:
                        self._plan()
                        planned = monotonic()
                    self._take_up()
                else:
                    self._let_go()
            except OURS as error:
                # a locked database or a full disk passes; the next round tries again
                _log.warning("jobs wait: %s", error)
            except Exception:
                _log.exception("the round of the jobs failed; another one follows")
            self._news.wait(self._poll_s)
            self._news.clear()
        self._let_go()
        self._turn.give_up()

    def _plan(self) -> None:
        # a job that another process left behind is looked at anew
        self._asked.clear()
        if self._nightly is not None:
            with session_scope(self._engine) as session:
                self._nightly.order(session, self._clock())

    def _take_up(self) -> None:
        with session_scope(self._engine, write=False) as session:
            waiting = JobStore(session).unfinished()
        for job in waiting:
            if job.run not in self._asked and not self._stopping.is_set():
                self._ask(job)

    def _ask(self, job: Job) -> None:
        if self._durable is None:
            # takes a fifth of a second and 30 MB, which a service without jobs need not spend
            from api.jobs.durable import Durable

            self._durable = Durable(self._engine, self._attempt, poll_s=self._poll_s)
        found = self._durable.enqueue(job.run)
        if found == "waiting":
            self._asked.add(job.run)
            return
        with session_scope(self._engine) as session:
            store = JobStore(session)
            current = store.of_run(job.run)
            if current is None:
                return  # it ended while we looked
            if found == "given up" or current.attempt >= _MOST_ATTEMPTS:
                store.finish(job.run, JobState.FAILED, error=_GIVEN_UP)
            else:
                # the memory of it is older or newer than the table, as after a restore
                store.again(current)
        self._news.set()

    def _let_go(self) -> None:
        durable, self._durable = self._durable, None
        self._asked.clear()
        if durable is not None:
            durable.close()

    def _attempt(self, run: str) -> None:
        with self._counting:
            self._at_work += 1
        try:
            self._make(run)
        finally:
            with self._counting:
                self._at_work -= 1

    def _make(self, run: str) -> None:
        from api.jobs.durable import run_step

        with session_scope(self._engine) as session:
            job = JobStore(session).begin(run)
        if job is None:
            return
        state, result, error = JobState.DONE, None, ("", "")
        try:
            actor = self._actor(job)
            work = Work(job, actor, self._engine, self._stopping, run_step)
            result = self._handlers[job.kind](work)
        except JobCancelled:
            state = JobState.CANCELLED
        except OURS as wrong:
            state, error = JobState.FAILED, worded(wrong)
            _log.warning("job %s (%s) failed: %s", job.id, job.kind, wrong)
        except Exception as wrong:
            state, error = JobState.FAILED, worded(wrong)
            _log.exception("job %s (%s) failed", job.id, job.kind)
        with session_scope(self._engine) as session:
            JobStore(session).finish(run, state, result=result, error=error)

    def _actor(self, job: Job) -> Actor:
        if job.asked_by == SYSTEM.id:
            return SYSTEM
        actor = self._actors(job.asked_by)
        if actor is None:
            raise JobFailed(
                "下达任务的账号已停用", "the account that ordered the job is closed by now"
            )
        return actor if job.scopes is None else replace(actor, scopes=job.scopes)


_GIVEN_UP = (
    "任务多次使服务中断，已停止执行；请检查服务日志（如内存不足）后再重试",
    "the job ended the service several times and was given up; look into the service's log"
    " (out of memory?) before you retry it",
)
