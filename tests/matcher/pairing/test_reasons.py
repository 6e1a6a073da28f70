"""Reasons, checked by hand on the small city; its table stands in ``small_city.py``."""

from dataclasses import replace

import numpy as np
import pytest

from matcher.pairing.plan import Solver, Team
from matcher.pairing.problem import Fixed, Forbidden, Hub, Role, Supplier
from matcher.pairing.reasons import explain
from matcher.pairing.reasons_types import (
    Basis,
    Elsewhere,
    NeedChange,
    OneMore,
    PairReason,
    Reasons,
    WhyOpen,
    WhyOut,
)
from matcher.pairing.solve import solve
from tests.matcher.pairing.small_city import WORTH, make_city, make_plan


def pair_of(reasons: Reasons, hub: str, supplier: str) -> PairReason:
    return next(p for p in reasons.pairs if (p.hub, p.supplier) == (hub, supplier))


def rounded(more: OneMore) -> tuple[str, float, Basis, tuple[tuple[str, str], ...]]:
    return more.subject, round(more.gain, 6), more.basis, more.seats


def test_the_plan_worked_out_by_hand_is_the_one_that_the_solver_finds():
    plan = solve(make_city())

    assert plan.teams == make_plan().teams
    assert plan.objective.total == pytest.approx(WORTH)


def test_a_pair_tells_the_needs_that_it_covers_and_with_what():
    reasons = explain(make_city(), make_plan())

    motors = pair_of(reasons, "motors", "P")
    assert motors.role is Role.LEAD
    assert [(c.need, c.level, c.without) for c in motors.covers] == [
        ("m1", 0.9, 0.0),
        ("m2", 0.8, 0.6),
    ]
    assert motors.covers[0].evidence == ("a-sleeve", "a-rotor")
    assert [p.supplier for p in reasons.pairs] == ["P", "Q", "R", "S"]


def test_a_pair_tells_what_would_be_lost_without_it():
    reasons = explain(make_city(), make_plan())

    # P takes 1.7 of motors with it, of which Q covers 0.6 of m2; the lead falls by 0.06
    assert pair_of(reasons, "motors", "P").adds == pytest.approx(1.16)
    assert pair_of(reasons, "motors", "Q").adds == pytest.approx(0.5)
    assert pair_of(reasons, "batteries", "R").adds == pytest.approx(0.99)


def test_a_team_whose_rest_must_not_lead_is_priced_without_a_lead():
    hubs = (*make_city().hubs[:2], Hub(id="textiles", max_partners=1))
    joins = Fixed(hub="textiles", supplier="Q", role=Role.PARTNER)
    teams = (*make_plan().teams[:2], Team("textiles", "S", ("Q",)))

    reasons = explain(make_city(hubs=hubs, fixed=(joins,)), make_plan(teams=teams))

    # 0.6 of t1 and the lead of S; Q keeps covering t2 and leads nobody
    assert pair_of(reasons, "textiles", "S").adds == pytest.approx(0.66)


def test_swaps_are_told_as_swaps():
    reasons = explain(make_city(), make_plan())

    batteries = pair_of(reasons, "batteries", "R").runner_up
    assert batteries is not None
    # 0.6 and its tenth instead of 0.9 and its tenth
    assert (batteries.suppliers, batteries.basis) == (("Q",), Basis.SWAP)
    assert batteries.cost == pytest.approx(0.33)
    assert batteries.changes == (NeedChange("b2", 0.4, 0.0), NeedChange("b1", 0.5, 0.6))
    # nobody with capacity left has anything for motors
    motors = pair_of(reasons, "motors", "P").runner_up
    assert motors is not None
    assert motors.suppliers == ()
    assert motors.cost == pytest.approx(1.16)


def test_solving_again_finds_cheaper_ways_that_move_other_teams():
    reasons = explain(make_city(), make_plan(), solve=solve)

    batteries = pair_of(reasons, "batteries", "R").runner_up
    assert batteries is not None
    # Q takes batteries for 0.66, and R is free to lead textiles for 0.77 instead of S for 0.66
    assert (batteries.suppliers, batteries.moved) == (("Q",), ("textiles",))
    assert (batteries.cost, batteries.basis) == (pytest.approx(0.22), Basis.SOLVED)
    # P goes to batteries, R to textiles: 4.02 - 3.19
    motors = pair_of(reasons, "motors", "P").runner_up
    assert motors is not None
    assert (motors.suppliers, motors.moved) == ((), ("batteries", "textiles"))
    assert motors.cost == pytest.approx(0.83)


def test_a_university_at_its_limit_tells_what_it_gave_up_elsewhere():
    reasons = explain(make_city(), make_plan())

    assert [(e.supplier, e.hub, e.instead_of) for e in reasons.elsewhere] == [
        ("P", "batteries", "R"),
        ("R", "textiles", "S"),
    ]
    assert [e.gain for e in reasons.elsewhere] == pytest.approx([0.22, 0.11])
    assert [e.alone for e in reasons.elsewhere] == pytest.approx([1.1, 0.7])


def test_one_more_partner_and_one_more_team_are_priced():
    reasons = explain(make_city(), make_plan())

    assert [rounded(one) for one in reasons.partners] == [
        ("motors", 0.0, Basis.SWAP, ()),
        ("batteries", 0.1, Basis.SWAP, (("batteries", "Q"),)),
        ("textiles", 0.3, Basis.SWAP, (("textiles", "Q"),)),
    ]
    assert [rounded(one) for one in reasons.capacity] == [
        ("P", 0.22, Basis.SWAP, (("batteries", "P"),)),
        ("R", 0.11, Basis.SWAP, (("textiles", "R"),)),
        ("S", 0.0, Basis.SWAP, ()),
    ]


def test_solving_again_lets_others_follow_a_new_place():
    reasons = explain(make_city(), make_plan(), solve=solve)

    # with P in batteries R is free for textiles, too
    assert rounded(reasons.capacity[0]) == (
        "P",
        0.33,
        Basis.SOLVED,
        (("batteries", "P"), ("textiles", "R")),
    )
    assert rounded(reasons.partners[2]) == ("textiles", 0.3, Basis.SOLVED, (("textiles", "Q"),))
    assert rounded(reasons.capacity[2]) == ("S", 0.0, Basis.SOLVED, ())


def test_an_open_need_tells_what_would_cover_it():
    reasons = explain(make_city(), make_plan())

    t2, t3 = reasons.open
    assert (t2.need, t2.hub, t2.why) == ("t2", "textiles", WhyOpen.SEATS)
    (remedy,) = t2.remedies
    # 0.66 of S given up for 0.33 of Q
    assert (remedy.supplier, remedy.instead_of, remedy.busy) == ("Q", "S", False)
    assert (remedy.level, remedy.cost) == (0.3, pytest.approx(0.33))
    assert (t3.need, t3.why, t3.remedies) == ("t3", WhyOpen.NO_SUPPLY, ())


def test_of_many_who_could_cover_a_need_the_cheapest_are_named():
    many = [Supplier(id=f"V{i}") for i in range(9)]
    levels = {f"V{i}": {"t2": 0.1} for i in range(8)} | {"V8": {"t1": 0.5, "t2": 0.1}}

    t2 = explain(make_city(many, levels), make_plan()).open[0]

    # V8 for S loses 0.1 of t1 and gains 0.1 of t2; nobody else is as cheap
    assert [remedy.supplier for remedy in t2.remedies[:2]] == ["V8", "Q"]
    assert [remedy.cost for remedy in t2.remedies[:2]] == pytest.approx([0.0, 0.33])


def test_a_need_that_is_covered_too_weakly_is_open_and_only_better_ones_would_help():
    reasons = explain(make_city(), make_plan(), least=0.45)

    weak = {one.need: one for one in reasons.open}
    # t2 would be 0.3 with Q, b2 is 0.4 with R and 0.2 with P
    assert set(weak) == {"b2", "t2", "t3"}
    assert (weak["b2"].level, weak["b2"].why) == (0.4, WhyOpen.NO_SUPPLY)
    assert weak["t2"].remedies == ()


def test_an_open_need_names_the_decision_that_keeps_its_supplier_out():
    ban = Forbidden(hub="textiles", supplier="Q", reason="利益冲突")

    reasons = explain(make_city(forbidden=(ban,)), make_plan())

    assert reasons.open[0].why is WhyOpen.FORBIDDEN
    assert reasons.open[0].remedies[0].ban == "利益冲突"


def test_an_open_need_tells_that_only_capacity_is_missing():
    # textiles has a seat for Q, but Q may be in one team only
    city = make_city()
    one_team = tuple(replace(s, max_hubs=1) if s.id == "Q" else s for s in city.suppliers)
    hubs = (*city.hubs[:2], Hub(id="textiles", max_partners=1))

    reasons = explain(replace(city, suppliers=one_team, hubs=hubs), make_plan())

    assert reasons.open[0].why is WhyOpen.CAPACITY
    assert reasons.open[0].remedies[0].cost == pytest.approx(-0.3)


@pytest.mark.parametrize(
    ("supplier", "levels", "bans", "why"),
    [
        (Supplier(id="V"), {}, (), WhyOut.NO_SUPPLY),
        (Supplier(id="V", max_hubs=0), {"t1": 0.9}, (), WhyOut.NO_CAPACITY),
        (Supplier(id="V"), {"t1": 0.9}, ("textiles",), WhyOut.FORBIDDEN),
        (Supplier(id="V"), {"t1": 0.5}, (), WhyOut.NOTHING_NEW),
        (Supplier(id="V"), {"t1": 0.1, "t2": 0.4}, (), WhyOut.WEAKER),
        (Supplier(id="V"), {"t1": 0.9}, (), WhyOut.NOT_BEST),
    ],
)
def test_a_university_left_out_is_told_why(supplier, levels, bans, why):
    forbidden = tuple(Forbidden(hub=hub, supplier="V", reason="停招") for hub in bans)
    city = make_city([supplier], {"V": levels}, forbidden=forbidden)

    (out,) = explain(city, make_plan()).left_out

    assert (out.supplier, out.why) == ("V", why)


def test_the_closest_miss_of_a_weaker_university_is_priced():
    city = make_city([Supplier(id="V")], {"V": {"t1": 0.1, "t2": 0.4}})

    (out,) = explain(city, make_plan()).left_out

    # 0.5 and its tenth instead of 0.6 and its tenth
    assert out.best == Elsewhere("textiles", "V", pytest.approx(0.5), pytest.approx(-0.11), "S")


def test_what_a_far_university_would_add_does_not_pay_for_the_distance():
    hubs = (*make_city().hubs[:2], Hub(id="textiles", max_partners=2))
    km = np.zeros((3, 5))
    km[:, 4] = 2000.0  # 0.02 per 100 km: 0.4
    city = make_city([Supplier(id="V")], {"V": {"t3": 0.3}}, hubs=hubs, distance_km=km)
    teams = (*make_plan().teams[:2], Team("textiles", "S", ("Q",)))

    (out,) = explain(city, make_plan(teams=teams)).left_out

    assert out.why is WhyOut.TOO_COSTLY
    assert out.best is not None
    assert out.best.gain == pytest.approx(-0.1)


@pytest.mark.parametrize(("solver", "cost"), [(None, 0.33), (solve, 0.22)])
def test_a_rule_that_fixes_a_pair_is_set_aside_to_price_it(solver, cost: float):
    city = make_city(fixed=(Fixed(hub="batteries", supplier="R", role=Role.LEAD),))

    pair = pair_of(explain(city, make_plan(), solve=solver), "batteries", "R")

    assert pair.fixed
    assert pair.runner_up is not None
    assert (pair.runner_up.suppliers, pair.runner_up.cost) == (("Q",), pytest.approx(cost))


def test_a_plan_that_is_not_proven_is_compared_by_swaps_only():
    plan = make_plan(solver=Solver.GREEDY, bound=5.0)

    reasons = explain(make_city(), plan, solve=solve)

    told = [pair.runner_up for pair in reasons.pairs]
    assert {one.basis for one in told if one is not None} == {Basis.SWAP}
    assert {one.basis for one in (*reasons.partners, *reasons.capacity)} == {Basis.SWAP}


def test_a_pair_without_which_there_is_no_plan_has_no_runner_up():
    city = make_city(
        hubs=(
            Hub(id="motors", max_partners=1),
            Hub(id="batteries", max_partners=0),
            Hub(id="textiles", max_partners=0, min_local=1),
        )
    )
    local = tuple(replace(s, local=s.id == "S") for s in city.suppliers)

    reasons = explain(replace(city, suppliers=local), make_plan(), solve=solve)

    assert pair_of(reasons, "textiles", "S").runner_up is None
