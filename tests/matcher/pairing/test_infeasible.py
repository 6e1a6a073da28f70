from dataclasses import replace

import pytest

from matcher.pairing.feasible import choice_under
from matcher.pairing.infeasible import Infeasible, smallest_conflict
from matcher.pairing.model import compile_problem
from matcher.pairing.problem import Fixed, Forbidden, Hub, OpenNeed, Problem, Role, Supplier
from matcher.pairing.rules import RuleKind, rules_of
from matcher.pairing.solve import solve
from matcher.pairing.wording import resolve, state
from tests.matcher.pairing.pairing_builders import make_problem


def refusal(problem: Problem) -> Infeasible:
    with pytest.raises(Infeasible) as caught:
        solve(problem)
    return caught.value


def lonely_chain() -> Problem:
    """生命健康 must have a local lead, but both local institutions are forbidden."""
    return make_problem(
        {("n1", "far"): 0.9},
        hubs=(Hub(id="life", name="生命健康", local_lead=True), Hub(id="robot", name="机器人")),
        suppliers=(
            Supplier(id="a", name="甲大学", local=True),
            Supplier(id="b", name="乙研究院", local=True),
            Supplier(id="far", name="丙大学"),
        ),
        needs=(OpenNeed(id="n1", hubs=("life",)), OpenNeed(id="n2", hubs=("robot",))),
        forbidden=(
            Forbidden(hub="life", supplier="a", reason="规则三"),
            Forbidden(hub="life", supplier="b", reason="规则三", lead_only=True),
        ),
    )


def test_the_conflict_names_what_contradicts_and_nothing_else():
    error = refusal(lonely_chain())

    assert sorted((rule.kind, rule.subject) for rule in error.conflict) == [
        (RuleKind.FORBIDDEN, ("life", "a")),
        (RuleKind.FORBIDDEN, ("life", "b")),
        (RuleKind.LEAD, ("life",)),
        (RuleKind.LOCAL_LEAD, ("life",)),
    ]
    assert [reason.zh for reason in error.reasons] == [
        "生命健康 必须有牵头单位",
        "生命健康 必须由本地单位牵头",
        "禁止 甲大学 服务 生命健康（规则三）",
        "禁止 乙研究院 牵头 生命健康（规则三）",
    ]
    assert "乙研究院 must not lead 生命健康 (规则三)" in str(error)


def test_the_report_lists_each_rule_and_each_way_out_on_its_own_line():
    error = refusal(lonely_chain())

    lines = str(error).splitlines()

    assert [f"  • {reason.zh}" for reason in error.reasons] == lines[1:5]
    assert f"  1. {error.relaxations[0].text.zh}" == lines[6]


def test_each_language_can_be_told_without_the_other():
    error = refusal(lonely_chain())

    zh, _, en = str(error).partition(" / ")

    assert (zh.splitlines()[0], en.splitlines()[0]) == (
        "无法结对，下列要求不能同时满足：",
        "no plan is possible; these cannot hold together:",
    )


@pytest.mark.parametrize(
    ("role", "said"),
    [
        (Role.LEAD, "已指定 丙大学 牵头 生命健康"),
        (Role.PARTNER, "已指定 丙大学 协作 生命健康"),
        (None, "已指定 丙大学 服务 生命健康"),
    ],
)
def test_a_fixed_pair_is_told_with_its_role(role: Role | None, said: str):
    problem = replace(
        lonely_chain(), forbidden=(), fixed=(Fixed(hub="life", supplier="far", role=role),)
    )
    rules = [rule for rule in rules_of(compile_problem(problem)) if rule.kind is RuleKind.FIXED]

    assert [notice.zh for notice in state(problem, rules)] == [said]


def test_ways_out_are_ranked_by_cost_and_each_is_enough():
    problem = lonely_chain()
    model = compile_problem(problem)

    ways = refusal(problem).relaxations

    assert [way.text.zh for way in ways][0] == "允许 生命健康 由外地单位牵头"
    assert [way.cost for way in ways] == sorted(way.cost for way in ways)
    assert len(ways) == 3
    for way in ways:
        broken = {(rule.kind, rule.subject) for rule in way.rules}
        kept = [rule for rule in rules_of(model) if (rule.kind, rule.subject) not in broken]
        assert choice_under(model, kept, time_limit_s=10) is not None


def test_capacities_that_do_not_add_up_are_raised_for_several_rather_than_for_one():
    problem = make_problem(
        {},
        hubs=tuple(Hub(id=f"c{i}", max_partners=0) for i in range(4)),
        suppliers=(Supplier(id="a", max_hubs=1), Supplier(id="b", max_hubs=1)),
        needs=(OpenNeed(id="n", hubs=("c0",)),),
    )

    error = refusal(problem)

    assert sum(rule.kind is RuleKind.LEAD for rule in error.conflict) == 3
    cheapest = error.relaxations[0]
    assert [rule.subject for rule in cheapest.rules] == [("a",), ("b",)]
    assert cheapest.amounts == (1, 1)
    assert cheapest.text.en == "let a, b serve 2 instead of 1"
    assert any(set(way.rules[0].subject) <= {"c0", "c1", "c2", "c3"} for way in error.relaxations)


def test_every_kind_of_rule_has_words():
    hub = Hub(id="c", min_partners=1, max_partners=1, min_local=1, local_lead=True)
    problem = make_problem(
        {("n", "a"): 0.5},
        hubs=(hub,),
        suppliers=(
            Supplier(id="a", local=True, max_leads=0, min_hubs=1),
            Supplier(id="b", min_hubs=1),
        ),
        needs=(OpenNeed(id="n", hubs=("c",), county="x"),),
        fixed=(Fixed(hub="c", supplier="b", role=Role.LEAD),),
        min_county_share=0.9,
    )
    model = compile_problem(problem)
    rules = rules_of(model)

    assert {rule.kind for rule in rules} | {RuleKind.FORBIDDEN} == set(RuleKind)
    assert all(text.zh and text.en for text in state(problem, rules))
    changes = resolve(problem, rules, [1.0] * len(rules)).en.split(" and ")
    # the two universities' limits are told together
    assert len(changes) == len(rules) - 2


def test_a_share_that_no_plan_can_reach_is_lowered():
    problem = make_problem(
        {("n1", "a"): 0.4},
        hubs=(Hub(id="c"),),
        suppliers=(Supplier(id="a"),),
        needs=(OpenNeed(id="n1", hubs=("c",), county="east"),),
        min_county_share=0.9,
    )

    error = refusal(problem)

    assert [rule.kind for rule in error.conflict] == [RuleKind.COUNTY_SHARE]
    (way,) = error.relaxations
    assert way.amounts == (pytest.approx(0.5),)
    assert way.text.en == "ask for 40% instead of 90% of the needs of east"


def test_rules_without_contradiction_have_no_conflict():
    model = compile_problem(
        make_problem(
            {},
            hubs=(Hub(id="c"),),
            suppliers=(Supplier(id="a"),),
            needs=(OpenNeed(id="n", hubs=("c",)),),
        )
    )

    assert smallest_conflict(model, rules_of(model)) == ()
