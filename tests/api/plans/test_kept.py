"""Plans kept, explained again, compared, exported."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine

from api.plans.age import age_of
from api.plans.comparison import LevelChange, compare_plans
from api.plans.files import WRITERS
from api.plans.kept import load_plans, open_plan, stored_plans
from api.plans.page import plan_page
from api.plans.tables import sheets_of
from api.plans.words import PlanWords
from data.errors import CannotWriteFile, UnknownPlan
from data.repositories import NeedRepository
from data.session import session_scope
from matcher.pairing.problem import (
    Coupling,
    Fixed,
    Forbidden,
    Hub,
    Role,
    Supplier,
    Weights,
)
from matcher.pairing.reasons_types import Basis
from matcher.pairing.solve import solve
from matcher.types import Need, Status
from tests.api.plans.city import keep, make_store
from tests.matcher.pairing.small_city import make_city, make_plan


@pytest.fixture
def engine(tmp_path: Path):
    engine = make_store(f"sqlite:///{tmp_path / 'y.db'}")
    yield engine
    engine.dispose()


def sentences(engine: Engine, version: int, **options: object) -> str:
    explained = open_plan(engine, version, least=0.0, **options)
    words = PlanWords(explained.stored, least=explained.least)
    pairs = [str(one) for _, said in words.pairs(explained.reasons) for one in said]
    return "\n".join(pairs)


def test_a_kept_plan_remembers_what_its_ids_stood_for(engine: Engine):
    version = keep(engine)
    with session_scope(engine) as session:
        NeedRepository(session).upsert_many([Need(id="m1", title="改名了")])

    stored = open_plan(engine, version).stored

    assert stored.named.titles["m1"] == "需求m1"
    assert stored.named.titles["a-rotor"] == "转子动平衡"
    assert stored.named.teams == {"a-sleeve": ("张工（示例）",)}


def test_a_plan_tells_that_it_is_stale_and_by_what(engine: Engine):
    version = keep(engine)
    fresh = open_plan(engine, version)
    with session_scope(engine) as session:
        NeedRepository(session).upsert_many(
            [Need(id="m1", title="需求m1", status=Status.WITHDRAWN), Need(id="new", title="新")]
        )

    stale = open_plan(engine, version)

    assert age_of(fresh.staleness) is None
    said = age_of(stale.staleness)
    assert said is not None
    assert "1 项需求已撤回（m1）" in said.zh
    assert "1 new needs not in it（new）" in said.en
    entries, now = stored_plans(engine)
    assert entries[0].data_version < now


def test_the_reasons_of_a_pair_read_as_sentences(engine: Engine):
    said = sentences(engine, keep(engine))

    assert "由它覆盖 2 项需求，合计价值 1.70" in said
    assert "「需求m1」（m1） 90% ← 「碳纤维护套」（a-sleeve，张工（示例））" in said
    assert "「需求m2」（m2） 80%；队内其他 others 60%" in said
    assert "若退出且无人顶替，方案损失 1.16 项需求" in said
    assert "次选：席位空缺（无合适替补），代价 1.16 项需求（只动此处、其余不变）" in said
    assert "名额已满，因此放弃 batteries：若再多服务一处，可换下 R，方案增加 0.22 项需求" in said
    assert "runner-up: Q, at a cost of 0.33 needs (only this changes)" in said
    assert "「需求b2」（b2） 40% 失去覆盖" in said


def test_whole_plans_are_solved_for_the_reasons_when_asked(engine: Engine):
    solved: list[int] = []

    said = sentences(
        engine, keep(engine), solve_again=True, advance=lambda done, total: solved.append(done)
    )

    # four pairs, three hubs, three at their limit
    assert solved == list(range(1, 11))
    assert "次选：Q，代价 0.22 项需求（全案重新求解）" in said
    assert "textiles 的队伍随之调整" in said


def test_what_a_university_gave_up_is_told_once(engine: Engine):
    # P leads motors and textiles, and is at its limit
    city = make_city()
    suppliers = (replace(city.suppliers[0], max_hubs=2), *city.suppliers[1:])
    hubs = (*city.hubs[:2], replace(city.hubs[2], max_partners=1))
    teams = (*make_plan().teams[:2], replace(make_plan().teams[2], partners=("P",)))
    problem = replace(city, suppliers=suppliers, hubs=hubs)

    said = sentences(engine, keep(engine, problem, make_plan(teams=teams)))

    assert said.count("因此放弃 batteries") == 1


def test_weak_coverage_is_told_in_one_sentence(engine: Engine):
    explained = open_plan(engine, keep(engine), least=0.55)
    words = PlanWords(explained.stored, least=explained.least)

    said = [one.zh for _, told in words.pairs(explained.reasons) for one in told]

    assert "另有 2 项只是弱覆盖：「需求b1」（b1） 50%、「需求b2」（b2） 40%" in said
    assert not any(one.startswith("「需求b1」") for one in said)


def test_a_need_left_open_here_may_be_covered_by_another_team(engine: Engine):
    city = make_city(levels={"P": {"m1": 0.9, "m2": 0.8, "b1": 0.9, "b2": 0.2, "t3": 0.7}})
    needs = (*city.needs[:-1], replace(city.needs[-1], hubs=("motors", "textiles")))
    problem = replace(city, needs=needs)

    explained = open_plan(engine, keep(engine, problem, solve(problem)), least=0.5)

    words = PlanWords(explained.stored, least=explained.least)
    said = {r.need: words.open_need(r) for r in explained.reasons.open if r.hub == "textiles"}
    assert said["t3"].zh.endswith("；motors 的队伍已覆盖 70%")
    assert said["t3"].en.endswith("; the team of motors covers 70%")
    assert "已覆盖" not in said["t2"].zh


def test_serving_a_chain_and_the_county_that_belongs_with_it_is_a_reason(engine: Engine):
    coupled = (Coupling(first="batteries", second="textiles", strength=1.0),)
    city = make_city()
    suppliers = tuple(replace(s, max_hubs=2) for s in city.suppliers)
    problem = replace(city, suppliers=suppliers, couplings=coupled)
    teams = (*make_plan().teams[:2], replace(make_plan().teams[2], lead="R"))

    said = sentences(engine, keep(engine, problem, make_plan(teams=teams)))

    assert "链县协同，同时服务 textiles" in said
    assert "链县协同，同时服务 batteries" in said
    assert "链县协同，同时服务 motors" not in said


def test_open_needs_and_those_left_out_are_worded(engine: Engine):
    city = make_city(
        [Supplier(id="V", name="V学院"), Supplier(id="W")],
        {"V": {"t1": 0.1, "t2": 0.4}, "W": {"t1": 0.9}},
        forbidden=(Forbidden(hub="textiles", supplier="W", reason="停招"),),
    )

    explained = open_plan(engine, keep(engine, city), least=0.0)

    words = PlanWords(explained.stored)
    out = [words.left_out(one).zh for one in explained.reasons.left_out]
    assert out == [
        "席位有限，不如现有成员；最接近入选的是 textiles（换下 S），代价 0.11 项需求",
        "所有能服务的链或县均被禁止（停招）",
    ]
    t2, t3 = explained.reasons.open
    assert words.open_need(t2).zh == "席位有限，换人得不偿失"
    assert [str(r) for r in words.remedies(t2)] == [
        "V学院 可覆盖 40%：换下 S，代价 0.11 / V学院 would cover 40%: replaces S, costs 0.11",
        "Q 可覆盖 30%：换下 S，代价 0.33 / Q would cover 30%: replaces S, costs 0.33",
    ]
    assert "揭榜挂帅" in next(words.remedies(t3)).zh


def test_comparing_tells_who_changed_what_is_lost_and_which_rules_differ(engine: Engine):
    ban = Forbidden(hub="batteries", supplier="R", reason="利益冲突")
    other = make_city(forbidden=(ban,), weights=Weights(lead=0.1, overload=1.0))
    first, second = load_plans(engine, keep(engine), keep(engine, other, solve(other)))

    found = compare_plans(first, second)

    batteries, textiles = found.teams
    assert (batteries.lead, batteries.joined, batteries.left) == (("R", "Q"), ("Q",), ("R",))
    assert batteries.value == pytest.approx(0.6 - 0.9)
    assert textiles.lead == ("S", "R")
    assert found.levels == (
        LevelChange("b2", "batteries", 0.4, 0.0),
        LevelChange("b1", "batteries", 0.5, 0.6),
        LevelChange("t1", "textiles", 0.6, 0.7),
    )
    assert found.inputs == ("weights", "forbidden")
    assert found.objective["total"] == pytest.approx((4.02, 3.80))


def test_a_plan_compared_with_itself_is_the_same(engine: Engine):
    (stored,) = load_plans(engine, keep(engine))

    found = compare_plans(stored, stored)

    changes = (found.teams, found.levels, found.inputs, found.needs_gone, found.needs_new)
    assert set(changes) == {()}


def test_comparing_tells_that_only_the_levels_differ(engine: Engine):
    other = make_city(levels={"S": {"t1": 0.61}})
    first, second = load_plans(engine, keep(engine), keep(engine, other))

    assert compare_plans(first, second).inputs == ("levels",)


def test_comparing_names_needs_that_came_and_went(engine: Engine):
    fewer = make_city()
    fewer = replace(fewer, needs=fewer.needs[:-1], levels=fewer.levels[:-1])
    first, second = load_plans(engine, keep(engine), keep(engine, fewer))

    found = compare_plans(first, second)

    assert (found.needs_gone, found.needs_new) == (("t3",), ())
    assert found.inputs == ("needs",)


def test_a_workbook_holds_pairs_reasons_open_needs_and_rules(engine: Engine, tmp_path: Path):
    city = make_city(
        fixed=(Fixed(hub="motors", supplier="P", role=Role.LEAD),),
        forbidden=(Forbidden(hub="textiles", supplier="P", reason="利益冲突"),),
        hubs=(Hub(id="motors", name="电机", max_partners=1, min_local=0), *make_city().hubs[1:]),
    )
    path = tmp_path / "plan.xlsx"

    WRITERS[".xlsx"](open_plan(engine, keep(engine, city)), path)

    book = load_workbook(path)
    assert book.sheetnames == [
        *("说明", "结对方案", "理由", "未覆盖需求", "未入选单位", "名额敏感性", "约束"),
    ]
    rows = list(book["结对方案"].iter_rows(min_row=2, values_only=True))
    assert [row[:4:3] for row in rows] == [
        ("电机", "P"),
        ("电机", "Q"),
        ("batteries", "R"),
        ("textiles", "S"),
    ]
    rules = list(book["约束"].iter_rows(min_row=2, values_only=True))
    assert ("禁止 forbidden", "textiles—P", "不得参与 must not join", "利益冲突") in rules
    assert ("指定 fixed", "电机—P", "牵头 lead", None) in rules
    # b1 and b2 are below 3/7 of the highest level, or nobody's
    open_ids = [row[1] for row in book["未覆盖需求"].iter_rows(min_row=2, values_only=True)]
    assert open_ids == ["b2", "t2", "t3"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "=HYPERLINK(0)"])
def test_no_text_becomes_a_formula(engine: Engine, tmp_path: Path, text: str):
    city = make_city(forbidden=(Forbidden(hub="textiles", supplier="P", reason=text),))
    path = tmp_path / "plan.xlsx"

    WRITERS[".xlsx"](open_plan(engine, keep(engine, city, name=text, note=text)), path)

    book = load_workbook(path)
    for sheet in book.worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            assert cell.data_type in ("s", "n")
            assert cell.quotePrefix or not isinstance(cell.value, str)
    reasons = [row[3] for row in book["约束"].iter_rows(min_row=2, values_only=True)]
    assert reasons[0] == text.strip()


def test_json_holds_everything_and_can_be_read_by_anybody(engine: Engine, tmp_path: Path):
    path = tmp_path / "plan.json"

    WRITERS[".json"](open_plan(engine, keep(engine)), path)

    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["plan"]["teams"][0] == {"hub": "motors", "lead": "P", "partners": ["Q"]}
    assert found["reasons"]["pairs"][2]["runner_up"]["basis"] == Basis.SWAP.value
    assert found["inputs"]["hubs"][0]["id"] == "motors"
    assert (found["staleness"]["stale"], found["titles"]["m1"]) == (False, "需求m1")


def test_a_page_fetches_nothing_and_obeys_no_markup(engine: Engine):
    version = keep(engine, name="<script>alert(1)</script>")

    page = plan_page(open_plan(engine, version))

    assert "<script" not in page
    assert not re.search(r"(?:src|href)=\"(?!data:)", page)
    assert "default-src 'none'" in page
    assert page.count("data:image/svg+xml") == 2
    assert "「碳纤维护套」（a-sleeve，张工（示例））" in page


def test_a_stale_plan_warns_on_its_page(engine: Engine):
    version = keep(engine)
    with session_scope(engine) as session:
        NeedRepository(session).remove_many(["m1"])

    assert 'role="alert">方案已过时' in plan_page(open_plan(engine, version))


@pytest.mark.parametrize("suffix", sorted(WRITERS))
def test_a_file_that_cannot_be_written_leaves_nothing_behind(
    engine: Engine, tmp_path: Path, suffix: str
):
    with pytest.raises(CannotWriteFile):
        WRITERS[suffix](open_plan(engine, keep(engine)), tmp_path / "no" / f"plan{suffix}")


def test_every_sheet_is_as_wide_as_its_headings(engine: Engine):
    for sheet in sheets_of(open_plan(engine, keep(engine))):
        assert {len(row) for row in sheet.rows} <= {len(sheet.columns)}


def test_an_unknown_version_is_said_to_be_unknown(engine: Engine):
    with pytest.raises(UnknownPlan, match="yilian plan list"):
        open_plan(engine, 7)
