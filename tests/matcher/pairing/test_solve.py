from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy import sparse

from matcher.pairing.exact import solve_whole
from matcher.pairing.gains import Gains
from matcher.pairing.idle import without_idle
from matcher.pairing.infeasible import Infeasible
from matcher.pairing.model import compile_problem
from matcher.pairing.plan import Plan, Solver, gap_of
from matcher.pairing.problem import (
    Coupling,
    Fixed,
    Hub,
    HubKind,
    OpenNeed,
    Problem,
    Role,
    Supplier,
    Weights,
)
from matcher.pairing.score import Choice, objective_of
from matcher.pairing.seating import seating_of
from matcher.pairing.solve import solve
from tests.matcher.pairing.pairing_builders import best_by_trying, make_problem, problems

quick = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
plain = Weights(lead=0, cooperation=0, distance_per_100km=0, overload=0, coupling=0)


def solved(problem: Problem) -> Plan:
    try:
        return solve(problem, gap=1e-9)
    except Infeasible:
        assume(False)
        raise


@quick
@given(problems())
def test_the_plan_is_as_good_as_trying_everything(problem: Problem):
    best = best_by_trying(problem)

    if best is None:
        with pytest.raises(Infeasible):
            solve(problem)
    else:
        plan = solve(problem, gap=1e-9)
        assert plan.objective.total == pytest.approx(best, abs=1e-6)
        assert plan.bound == pytest.approx(best, abs=1e-6)
        assert plan.solver is Solver.EXACT


@quick
@given(problems())
def test_one_programme_for_everything_finds_the_same(problem: Problem):
    plan = solved(problem)
    model = compile_problem(problem)

    choice, bound = solve_whole(model, time_limit_s=30, gap=1e-9)

    assert choice is not None
    assert objective_of(model, choice).total == pytest.approx(plan.objective.total, abs=1e-5)
    assert bound == pytest.approx(plan.objective.total, abs=1e-5)


@quick
@given(problems())
def test_every_rule_is_kept(problem: Problem):
    plan = solved(problem)

    suppliers = {s.id: s for s in problem.suppliers}
    for hub, team in zip(problem.hubs, plan.teams, strict=True):
        local = [suppliers[m].local for m in team.members]
        assert len(team.partners) <= hub.max_partners
        assert team.lead is None or len(team.partners) >= hub.min_partners
        assert team.lead is not None or not (hub.lead_required or team.partners)
        assert sum(local) >= hub.min_local
        assert not hub.local_lead or team.lead is None or suppliers[team.lead].local
    for supplier in problem.suppliers:
        teams = [t for t in plan.teams if supplier.id in t.members]
        assert supplier.min_hubs <= len(teams) <= supplier.max_hubs
        led = sum(t.lead == supplier.id for t in teams)
        assert supplier.max_leads is None or led <= supplier.max_leads
    for fixed in problem.fixed:
        team = plan.team(fixed.hub)
        assert fixed.supplier in team.members
        assert fixed.role is None or (fixed.role is Role.LEAD) == (team.lead == fixed.supplier)
    for ban in problem.forbidden:
        team = plan.team(ban.hub)
        assert ban.supplier != team.lead
        assert ban.lead_only or ban.supplier not in team.members


@quick
@given(problems(), st.floats(0.01, 1000))
def test_scaling_the_weights_changes_nothing(problem: Problem, factor: float):
    plan = solved(problem)

    scaled = tuple(replace(need, weight=need.weight * factor) for need in problem.needs)

    assert solve(replace(problem, needs=scaled), gap=1e-9).objective.total == pytest.approx(
        plan.objective.total, abs=1e-6
    )


@quick
@given(problems(), st.lists(st.integers(0, 10), min_size=6, max_size=6))
def test_another_university_never_lowers_the_optimum(problem: Problem, tenths: list[int]):
    plan = solved(problem)

    column = sparse.csr_array(np.array(tenths)[:, None] / 10)
    more = replace(
        problem,
        suppliers=(*problem.suppliers, Supplier(id="new")),
        levels=sparse.csr_array(sparse.hstack([problem.levels, column])),
        cooperation=None if problem.cooperation is None else _widened(problem.cooperation),
        distance_km=None if problem.distance_km is None else _widened(problem.distance_km),
    )

    assert solve(more, gap=1e-9).objective.total >= plan.objective.total - 1e-6


def _widened(matrix: np.ndarray) -> np.ndarray:
    return np.hstack([matrix, np.zeros((len(matrix), 1))])


def test_a_partner_that_fills_a_gap_beats_one_that_brings_the_same():
    problem = make_problem(
        {("n1", "strong"): 0.9, ("n1", "twin"): 0.8, ("n2", "other"): 0.3},
        hubs=(Hub(id="c"),),
        suppliers=(Supplier(id="strong"), Supplier(id="twin"), Supplier(id="other")),
        needs=(OpenNeed(id="n1", hubs=("c",)), OpenNeed(id="n2", hubs=("c",))),
    )

    plan = solve(problem)

    assert plan.team("c").members == ("strong", "other")
    assert {(c.need, c.supplier, c.level) for c in plan.coverage} == {
        ("n1", "strong", 0.9),
        ("n2", "other", 0.3),
    }


def test_a_seat_that_brings_nothing_is_given_back_unless_a_rule_keeps_it():
    levels = {("n1", "strong"): 0.9, ("n1", "twin"): 0.9, ("n1", "weak"): 0.2}
    hubs = (Hub(id="c", max_partners=3),)
    suppliers = tuple(Supplier(id=name) for name in ("strong", "twin", "weak", "local"))
    problem = make_problem(
        levels,
        hubs=hubs,
        suppliers=(*suppliers[:3], replace(suppliers[3], local=True)),
        needs=(OpenNeed(id="n1", hubs=("c",)),),
    )
    crowded = Choice(np.ones((1, 4), dtype=bool), np.array([0]))

    def seated(changed: Problem) -> list[bool]:
        model = compile_problem(changed)
        return without_idle(Gains(model), seating_of(model), crowded).seats[0].tolist()

    fixed = (Fixed(hub="c", supplier="weak"),)
    assert seated(problem) == [False, True, False, False]
    assert seated(replace(problem, fixed=fixed)) == [False, True, True, False]
    assert seated(replace(problem, hubs=(replace(hubs[0], min_local=1),)))[3]


def test_a_university_wanted_by_every_chain_goes_where_it_is_needed_most():
    problem = make_problem(
        {("n1", "star"): 0.9, ("n1", "second"): 0.8, ("n2", "star"): 0.9},
        hubs=(Hub(id="c1", max_partners=0), Hub(id="c2", max_partners=0)),
        suppliers=(Supplier(id="star", max_hubs=1), Supplier(id="second", max_hubs=1)),
        needs=(OpenNeed(id="n1", hubs=("c1",)), OpenNeed(id="n2", hubs=("c2",))),
    )

    plan = solve(problem)

    assert [team.lead for team in plan.teams] == ["second", "star"]


def test_a_coupled_county_takes_the_university_of_its_chain_when_it_is_nearly_as_good():
    def leads(strength: float) -> list[str | None]:
        problem = make_problem(
            {("n1", "a"): 0.9, ("n2", "a"): 0.7, ("n2", "b"): 0.8},
            hubs=(
                Hub(id="chain", max_partners=0),
                Hub(id="county", kind=HubKind.COUNTY, max_partners=0),
            ),
            suppliers=(Supplier(id="a"), Supplier(id="b")),
            needs=(OpenNeed(id="n1", hubs=("chain",)), OpenNeed(id="n2", hubs=("county",))),
            couplings=(Coupling(first="chain", second="county", strength=strength),),
        )
        return [team.lead for team in solve(problem).teams]

    assert leads(0.0) == ["a", "b"]
    assert leads(1.0) == ["a", "a"]


def test_a_need_of_a_chain_and_a_county_is_shared_between_them():
    problem = make_problem(
        {("n", "a"): 1.0},
        hubs=(Hub(id="chain"), Hub(id="county", kind=HubKind.COUNTY)),
        suppliers=(Supplier(id="a"), Supplier(id="b")),
        needs=(OpenNeed(id="n", hubs=("chain", "county")),),
        weights=plain,
    )

    plan = solve(problem)

    assert [c.value for c in plan.coverage] == [0.5, 0.5]
    assert plan.objective.total == pytest.approx(1.0)


def test_the_balance_moves_a_university_to_the_county_that_has_nothing():
    def served(balance: float) -> str | None:
        problem = make_problem(
            {("n1", "a"): 0.9, ("n2", "a"): 0.6, ("n1", "b"): 0.5},
            hubs=(Hub(id="c1", max_partners=0), Hub(id="c2", max_partners=0, lead_required=False)),
            suppliers=(Supplier(id="a", max_hubs=1), Supplier(id="b", max_hubs=1)),
            needs=(
                OpenNeed(id="n1", hubs=("c1",), county="rich", weight=3),
                OpenNeed(id="n2", hubs=("c2",), county="poor"),
            ),
            weights=Weights(balance=balance),
        )
        return solve(problem).team("c2").lead

    assert served(0.0) is None
    assert served(1.0) == "a"


def test_an_overloaded_university_is_spared():
    def load(cost: float) -> int:
        problem = make_problem(
            {("n1", "a"): 0.9, ("n2", "a"): 0.9, ("n2", "b"): 0.6},
            hubs=(Hub(id="c1", max_partners=0), Hub(id="c2", max_partners=0)),
            suppliers=(Supplier(id="a", comfortable_hubs=1), Supplier(id="b")),
            needs=(OpenNeed(id="n1", hubs=("c1",)), OpenNeed(id="n2", hubs=("c2",))),
            weights=Weights(overload=cost),
        )
        return sum(team.lead == "a" for team in solve(problem).teams)

    assert (load(0.0), load(0.5)) == (2, 1)


def test_teams_too_large_to_list_are_still_solved(monkeypatch):
    monkeypatch.setattr("matcher.pairing.generate.MOST_COLUMNS", 0)
    rng = np.random.default_rng(0)
    needs = tuple(OpenNeed(id=f"n{i}", hubs=(f"c{i % 3}",)) for i in range(60))
    suppliers = tuple(Supplier(id=f"u{j}") for j in range(12))
    problem = make_problem(
        [(n.id, s.id, float(rng.random())) for n in needs for s in suppliers if rng.random() < 0.4],
        hubs=tuple(Hub(id=f"c{h}", max_partners=2) for h in range(3)),
        suppliers=suppliers,
        needs=needs,
    )

    plan = solve(problem, gap=1e-6)

    assert (plan.solver, plan.gap) == (Solver.EXACT, pytest.approx(0, abs=1e-6))


def test_without_time_there_is_a_labelled_plan_with_its_gap():
    rng = np.random.default_rng(0)
    needs = tuple(OpenNeed(id=f"n{i}", hubs=(f"c{i % 9}",)) for i in range(400))
    suppliers = tuple(Supplier(id=f"u{j}", max_hubs=1) for j in range(60))
    problem = make_problem(
        [(n.id, s.id, float(rng.random())) for n in needs for s in suppliers if rng.random() < 0.3],
        hubs=tuple(Hub(id=f"c{h}", max_partners=3) for h in range(9)),
        suppliers=suppliers,
        needs=needs,
    )

    plan = solve(problem, time_limit_s=1e-6)

    assert plan.solver is Solver.GREEDY
    assert 0 < plan.gap < 1
    assert all(team.lead for team in plan.teams)


@pytest.mark.parametrize(
    ("value", "bound", "gap"), [(9, 10, 0.1), (10, 10, 0), (0, 10, 1), (0, 0, 0), (10.1, 10, 0)]
)
def test_the_gap_is_a_share_of_the_bound(value: float, bound: float, gap: float):
    assert gap_of(value=value, bound=bound) == pytest.approx(gap)
