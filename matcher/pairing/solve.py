"""From a problem to a plan: checked, solved, bounded."""

from time import monotonic

from matcher.pairing.check import check
from matcher.pairing.exact import solve_whole
from matcher.pairing.exchange import improve
from matcher.pairing.feasible import choice_under
from matcher.pairing.gains import Gains
from matcher.pairing.generate import Generator
from matcher.pairing.greedy import greedy, greedy_bound
from matcher.pairing.idle import without_idle
from matcher.pairing.infeasible import explain_conflict
from matcher.pairing.model import compile_problem
from matcher.pairing.plan import Plan, Solver
from matcher.pairing.problem import Problem
from matcher.pairing.rules import rules_of
from matcher.pairing.score import Choice, plan_of
from matcher.pairing.seating import Seating, seating_of


def solve(problem: Problem, *, time_limit_s: float = 60.0, gap: float = 1e-4) -> Plan:
    """The best plan that the time allows, with a proven bound.

    Args:
        problem: What is to be paired.
        time_limit_s: When to stop; a first plan is made in any case.
        gap: Share of the bound within which a plan is as good as the best one.

    Raises:
        BadProblem: the problem cannot be meant as it stands.
        Infeasible: the rules contradict each other; it says which, and what would help.
        NoPlanInTime: the rules are so tight that not even one plan was found in time.
    """
    start = monotonic()
    deadline = start + time_limit_s
    notices = check(problem)
    model = compile_problem(problem)
    gains, seating = Gains(model), seating_of(model)
    choice = first_choice(gains, seating, deadline=deadline)
    bound = greedy_bound(gains, seating, choice.seats)
    choice = improve(gains, seating, choice, deadline=deadline)
    generator = Generator(gains, seating, choice, bound)
    generator.run(gap=gap, deadline=deadline)
    if generator.gap > gap and monotonic() < deadline:
        # teams too large to be listed: ask for everything at once
        left = max(deadline - monotonic(), 0.01)
        generator.take(*solve_whole(model, time_limit_s=left, gap=gap))
    finished = generator.gap <= gap
    unfinished = Solver.LIMITED if generator.priced else Solver.GREEDY
    return plan_of(
        model,
        without_idle(gains, seating, generator.choice),
        bound=generator.bound,
        solver=Solver.EXACT if finished else unfinished,
        seconds=monotonic() - start,
        notices=notices,
    )


def first_choice(gains: Gains, seating: Seating, *, deadline: float) -> Choice:
    """A plan that keeps every rule, seat by seat.

    Raises:
        Infeasible: there is none.
        NoPlanInTime: the time was up before one was found.
    """
    seats = greedy(gains, seating, seating.fixed)
    leads = seating.leads(seats)
    if leads is not None and seating.feasible(seats):
        return Choice(seats, leads)
    model = gains.model
    base = choice_under(model, rules_of(model), time_limit_s=max(deadline - monotonic(), 1.0))
    if base is None:
        raise explain_conflict(model)
    seats = greedy(gains, seating, base.seats)
    leads = seating.leads(seats)
    if leads is not None and seating.feasible(seats):
        return Choice(seats, leads)
    return base
