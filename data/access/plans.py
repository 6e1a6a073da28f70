"""Pairing plans: the office makes them, brokers read what they may know of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.access.clause import readable
from data.access.errors import AccessError
from data.access.jobs import GuardedJobs
from data.access.trail import Trail
from data.jobs import Job, JobKind, JobStore
from data.plans import Named, PlanEntry, PlanRepository, Staleness, StoredPlan
from data.policy.actor import Actor, Role
from data.policy.decide import require
from data.policy.operation import Operation
from data.policy.subject import View
from data.repository import in_batches
from data.tables import AchievementRow, NeedRow
from data.versions import data_version, lock_version
from matcher.pairing.plan import Plan
from matcher.pairing.problem import Problem

_OFFICE = (Role.OFFICE, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class PlanSeen:
    """A plan as one person may see it.

    Attributes:
        named: Titles and teams of the postings that the reader may see in full.
        whole: Whether that is everybody's, so that inputs and reasons may be shown as well.
    """

    stored: StoredPlan
    staleness: Staleness
    named: Named
    whole: bool


class PlanUnderWay(AccessError):
    """One order is solved at a time: more would keep other work waiting."""

    def __init__(self, job_id: str) -> None:
        super().__init__(
            f"后台正在求解另一个结对方案（任务 {job_id}），请待其完成或取消后再试。"
            f" / another pairing is being solved (job {job_id}); wait for it, or cancel it"
        )
        self.job_id = job_id


class Plans:
    """Pairing plans for one actor in one transaction."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._trail = trail
        self._stored = PlanRepository(session)

    def entries(self) -> tuple[PlanEntry, ...]:
        """Every plan without its inputs, oldest first.

        Raises:
            Forbidden: the actor may not read plans.
        """
        require(self._actor, Operation.PAIRING_READ)
        return self._stored.entries()

    def get(self, version: int) -> PlanSeen:
        """The plan of this version.

        Raises:
            Forbidden: the actor may not read plans.
            UnknownPlan: there is none.
        """
        require(self._actor, Operation.PAIRING_READ)
        stored = self._stored.get(version)
        whole = self._actor.role in _OFFICE
        named = stored.named if whole else self._seen(stored.named)
        return PlanSeen(stored, self._stored.staleness(stored), named, whole)

    def data_version(self) -> int:
        """Version of the data now; to be asked for before a problem is made from it.

        Raises:
            Forbidden: the actor may not make plans.
        """
        require(self._actor, Operation.PAIRING_CREATE)
        return data_version(self._session)

    def add(self, problem: Problem, plan: Plan, named: Named, **about: Any) -> int:
        """Keeps a plan in the actor's name; see ``PlanRepository.add``.

        Args:
            problem: What the plan was made from.
            plan: The plan.
            named: What the ids in both stand for.
            about: ``data_version``, ``name`` and ``note``.

        Raises:
            Forbidden: the actor may not make plans.
        """
        require(self._actor, Operation.PAIRING_CREATE)
        version = self._stored.add(problem, plan, named, author=self._actor.id, **about)
        self._trail.note(Operation.PAIRING_CREATE, "pairing", str(version))
        return version

    def kept_since(self, moment: datetime, plan: Plan, name: str) -> int | None:
        """Version of the same plan by the same actor, if one was kept since then.

        Raises:
            Forbidden: the actor may not make plans.
        """
        require(self._actor, Operation.PAIRING_CREATE)
        return next(
            (
                entry.version
                for entry in self._stored.entries()
                if entry.created_at >= moment
                and (entry.author, entry.name) == (self._actor.id, name)
                and (entry.plan.teams, entry.plan.coverage) == (plan.teams, plan.coverage)
            ),
            None,
        )

    def order(self, asked: Mapping[str, Any]) -> Job:
        """Has a plan solved by a job, in the actor's name.

        Args:
            asked: JSON of the order.

        Raises:
            Forbidden: the actor may not make plans.
            PlanUnderWay: another order is not done yet.
        """
        require(self._actor, Operation.PAIRING_CREATE)
        lock_version(self._session)  # two orders at once meet here
        for job in JobStore(self._session).unfinished():
            if job.kind is JobKind.PAIR:
                raise PlanUnderWay(job.id)
        return GuardedJobs(self._session, self._actor, self._trail).follow(JobKind.PAIR, asked)

    def freeze(self, version: int) -> None:
        """Declares a plan final.

        Raises:
            Forbidden: the actor may not make plans.
            FrozenPlan: it is final already.
            UnknownPlan: there is none.
        """
        require(self._actor, Operation.PAIRING_UPDATE)
        self._stored.freeze(version, who=self._actor.id)
        self._trail.note(Operation.PAIRING_UPDATE, "pairing", str(version), frozen=True)

    def _seen(self, named: Named) -> Named:
        ids = sorted({*named.titles, *named.teams})
        needs = self._in_full(NeedRow, Operation.NEED_READ, ids)
        offers = self._in_full(AchievementRow, Operation.ACHIEVEMENT_READ, ids)
        return Named(
            titles={i: title for i, title in named.titles.items() if i in needs | offers},
            teams={i: people for i, people in named.teams.items() if i in offers},
        )

    def _in_full(self, rows: Any, operation: Operation, ids: Sequence[str]) -> set[str]:
        seen = readable(self._actor, rows, operation, view=View.FULL)
        return {
            found
            for batch in in_batches(ids)
            for found in self._session.scalars(select(rows.id).where(rows.id.in_(batch), seen))
        }
