"""Names of what a plan is about: chains, needs, achievements, who shares and covers what."""

from collections import defaultdict
from typing import Protocol

from data.plans import Named
from matcher.pairing.plan import Coverage, Plan
from matcher.pairing.problem import Problem
from matcher.pairing.reasons_types import OpenReason, PairReason


class Told(Protocol):
    """A plan, what it was made from, and what its ids stand for."""

    @property
    def plan(self) -> Plan: ...

    @property
    def problem(self) -> Problem: ...

    @property
    def named(self) -> Named: ...


class PlanNames:
    """Looks up what people call the ids of plans.

    Args:
        plans: Whose names are used, the last one's first.
        least: Level below which a need is only covered weakly.
    """

    def __init__(self, *plans: Told, least: float = 0.0) -> None:
        self.least = least
        self._titles: dict[str, str] = {}
        self._teams: dict[str, tuple[str, ...]] = {}
        self._labels: dict[str, str] = {}
        self._best: dict[str, Coverage] = {}
        self._shared: dict[tuple[str, str], list[str]] = {}
        for stored in plans:
            self._titles |= stored.named.titles
            self._teams |= stored.named.teams
            self._labels |= {hub.id: hub.label for hub in stored.problem.hubs}
            self._labels |= {s.id: s.label for s in stored.problem.suppliers}
            by_level = sorted(stored.plan.coverage, key=lambda covered: covered.level)
            self._best |= {covered.need: covered for covered in by_level}
            self._shared |= _shared(stored)

    def label(self, member_id: str) -> str:
        """Name of a chain, county, university or institute."""
        return self._labels.get(member_id, member_id)

    def title(self, record_id: str) -> str:
        """Title of a need or an achievement, or its id where none is known."""
        return self._titles.get(record_id) or record_id

    def need(self, need_id: str) -> str:
        """A need as people can find it."""
        return f"「{self.title(need_id)}」（{need_id}）"

    def proof(self, achievement_id: str) -> str:
        """An achievement with the people behind it."""
        team = "、".join(self._teams.get(achievement_id, ()))
        people = f"，{team}" if team else ""
        return f"「{self.title(achievement_id)}」（{achievement_id}{people}）"

    def shared_with(self, pair: PairReason) -> str:
        """Names of the coupled chains or counties that a supplier serves beside this one."""
        return "、".join(map(self.label, self._shared.get((pair.hub, pair.supplier), ())))

    def covered_elsewhere(self, reason: OpenReason) -> Coverage | None:
        """The other team that covers a need which one team leaves open; None for none."""
        best = self._best.get(reason.need)
        if best is None or best.hub == reason.hub or best.level < max(self.least, reason.level):
            return None
        return best


def _shared(told: Told) -> dict[tuple[str, str], list[str]]:
    """By hub and supplier the hubs coupled with it whose team the supplier is in, too."""
    members = {team.hub: set(team.members) for team in told.plan.teams}
    shared: dict[tuple[str, str], list[str]] = defaultdict(list)
    for c in told.problem.couplings:
        for supplier in members.get(c.first, set()) & members.get(c.second, set()):
            shared[c.first, supplier].append(c.second)
            shared[c.second, supplier].append(c.first)
    return shared
