"""What a plan would be worth under other rules, solved again as a whole."""

from collections.abc import Callable
from dataclasses import replace

from matcher.errors import MatcherError
from matcher.pairing.plan import Plan, Solver
from matcher.pairing.problem import Forbidden, Problem
from matcher.pairing.reasons_types import Basis, NeedChange, OneMore, RunnerUp

Solve = Callable[[Problem], Plan]

ROUNDING = 1e-6


class Resolver:
    """Solves a problem again with one rule changed.

    Everything is None where the solver ran out of time, or where the plan itself is not
    proven: the difference of the two would mean nothing.
    """

    def __init__(self, problem: Problem, plan: Plan, solve: Solve) -> None:
        self._problem, self._plan, self._solve = problem, plan, solve
        self._proven = plan.solver is Solver.EXACT

    def without(self, hub: str, supplier: str) -> RunnerUp | None:
        """The best plan in which a supplier is not in a hub's team; None if there is none."""
        ban = Forbidden(hub=hub, supplier=supplier, reason="")
        others = tuple(f for f in self._problem.fixed if (f.hub, f.supplier) != (hub, supplier))
        changed = replace(self._problem, forbidden=(*self._problem.forbidden, ban), fixed=others)
        plan = self._solved(changed)
        if plan is None:
            return None
        stayed = set(self._plan.team(hub).members)
        return RunnerUp(
            suppliers=tuple(m for m in plan.team(hub).members if m not in stayed),
            cost=self._plan.objective.total - plan.objective.total,
            basis=Basis.SOLVED,
            changes=self._changes(hub, plan),
            moved=tuple(
                team.hub
                for team in plan.teams
                if team.hub != hub and set(team.members) != set(self._plan.team(team.hub).members)
            ),
        )

    def with_partner(self, hub: str) -> OneMore | None:
        """What one more partner of a hub would bring."""
        hubs = tuple(
            replace(h, max_partners=h.max_partners + 1) if h.id == hub else h
            for h in self._problem.hubs
        )
        return self._more(hub, replace(self._problem, hubs=hubs))

    def with_team(self, supplier: str) -> OneMore | None:
        """What it would bring that a supplier may be in one more team."""
        suppliers = tuple(
            replace(s, max_hubs=s.max_hubs + 1) if s.id == supplier else s
            for s in self._problem.suppliers
        )
        return self._more(supplier, replace(self._problem, suppliers=suppliers))

    def _more(self, subject: str, changed: Problem) -> OneMore | None:
        plan = self._solved(changed)
        if plan is None:
            return None
        gain = plan.objective.total - self._plan.objective.total
        if gain <= max(ROUNDING, self._plan.bound - self._plan.objective.total):
            return OneMore(subject, 0.0, Basis.SOLVED, ())
        new = tuple(
            (team.hub, member)
            for team in plan.teams
            for member in team.members
            if member not in self._plan.team(team.hub).members
        )
        return OneMore(subject, gain, Basis.SOLVED, new)

    def _solved(self, changed: Problem) -> Plan | None:
        if not self._proven:
            return None
        try:
            plan = self._solve(changed)
        except MatcherError:
            # no plan keeps the changed rules, or none was found in time
            return None
        return plan if plan.solver is Solver.EXACT else None

    def _changes(self, hub: str, plan: Plan) -> tuple[NeedChange, ...]:
        before = {c.need: c.level for c in self._plan.coverage if c.hub == hub}
        after = {c.need: c.level for c in plan.coverage if c.hub == hub}
        changed = [
            NeedChange(need, before.get(need, 0.0), after.get(need, 0.0))
            for need in dict.fromkeys((*before, *after))
            if abs(before.get(need, 0.0) - after.get(need, 0.0)) > ROUNDING
        ]
        return tuple(sorted(changed, key=lambda change: change.after - change.before))
