"""Runs, chains and plans: who reads them, and what of them."""

import pytest
from sqlalchemy import Engine

from data.access.chains import Place
from data.access.errors import NotAcceptable
from data.errors import FrozenPlan, UnknownPlan
from data.match_runs import MatchRun, MatchRunRepository
from data.plans import Named
from data.policy.actor import Actor
from data.policy.errors import Forbidden, Unseen
from data.session import session_scope
from data.tags import TagRepository
from matcher.graph.schema import NodeKind
from matcher.pairing.plan import Objective, Plan, Solver, Team
from matcher.pairing.problem import Hub, Problem, Supplier, level_matrix
from tests.data.access.case_city import (
    BROKER,
    BROKER_ELSEWHERE,
    BROKER_OF_BIOTECH,
    ENTERPRISE,
    EVERYBODY,
    OFFICE,
    RIVAL,
    UNIVERSITY,
    desk_of,
    store_city,
)
from tests.data.builders import MOMENT


@pytest.fixture
def city(sqlite_engine: Engine) -> Engine:
    store_city(sqlite_engine)
    return sqlite_engine


def keep(engine: Engine, *runs: tuple[str, str, str]) -> None:
    with session_scope(engine) as session:
        for run_id, kind, query in runs:
            run = MatchRun(
                id=run_id,
                created_at=MOMENT,
                query_kind=kind,
                query_id=query,
                model="m",
                config={},
                data_version=1,
                result={"matches": []},
            )
            MatchRunRepository(session).add(run)


@pytest.mark.parametrize(
    ("actor", "seen"),
    [
        (OFFICE, {"r1", "r2", "r3", "text"}),
        (BROKER, {"r1", "r2", "r3"}),
        (ENTERPRISE, {"r1", "r2"}),
        (UNIVERSITY, {"r3"}),
        (RIVAL, set()),
        (BROKER_ELSEWHERE, set()),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_a_run_is_for_those_who_may_see_the_matches_of_what_it_asked(
    city: Engine, actor: Actor, seen: set[str]
):
    keep(
        city,
        ("r1", "need", "n1"),
        ("r2", "need", "n2"),
        ("r3", "achievement", "a1"),
        ("text", "text", "q"),
    )
    found = set()

    for run_id in ("r1", "r2", "r3", "text", "nothing"):
        try:
            with desk_of(city, actor) as desk:
                found.add(desk.runs.get(run_id).run.id)
        except (Unseen, Forbidden):
            continue

    assert found == seen


def test_runs_of_one_need_are_listed_page_by_page(city: Engine):
    keep(city, *((f"r{i}", "need", "n1") for i in range(3)), ("other", "need", "n2"))

    with desk_of(city, BROKER) as desk:
        first = desk.runs.page("need", "n1", limit=2)
        rest = desk.runs.page("need", "n1", limit=2, cursor=first.next_cursor)

    assert [run.id for run in (*first.items, *rest.items)] == ["r2", "r1", "r0"]
    with pytest.raises(Forbidden), desk_of(city, RIVAL) as desk:
        desk.runs.page("need", "n1", limit=2)


def test_everybody_reads_the_chains(city: Engine):
    for actor in EVERYBODY:
        with desk_of(city, actor) as desk:
            assert "nev" in [chain.id for chain in desk.chains.all()]
            assert desk.chains.get("nev").id == "nev"
    with pytest.raises(Unseen), desk_of(city, OFFICE) as desk:
        desk.chains.get("nothing")


def test_the_office_says_where_an_item_belongs_and_a_brokers_limits_follow(city: Engine):
    with pytest.raises(Forbidden), desk_of(city, BROKER_OF_BIOTECH) as desk:
        desk.cases.take_up("n1", "a1")

    with desk_of(city, OFFICE) as desk:
        segment = desk.chains.get("life-health").segments[0].id
        said = desk.chains.say(NodeKind.NEED, "n1", [Place("life-health", segment), Place("nev")])

    assert [(tag.chain, tag.segment) for tag in said.tags] == [
        ("life-health", segment),
        ("nev", None),
    ]
    with session_scope(city, write=False) as session:
        assert TagRepository(session).said(NodeKind.NEED)["n1"] == said
    with desk_of(city, BROKER_OF_BIOTECH) as desk:
        assert desk.cases.take_up("n1", "a1").broker == BROKER_OF_BIOTECH.id


def test_only_chains_and_segments_that_exist_are_said_of_items_that_exist(city: Engine):
    for places in (
        [Place("nothing")],
        [Place("nev", "nothing")],
        [Place("nev"), Place("nev")],
    ):
        with pytest.raises(NotAcceptable), desk_of(city, OFFICE) as desk:
            desk.chains.say(NodeKind.NEED, "n1", places)
    with pytest.raises(Unseen), desk_of(city, OFFICE) as desk:
        desk.chains.say(NodeKind.NEED, "a1", [])
    for actor in (BROKER, ENTERPRISE, UNIVERSITY):
        with pytest.raises(Forbidden), desk_of(city, actor) as desk:
            desk.chains.say(NodeKind.NEED, "n1", [])


def add_plan(engine: Engine, actor: Actor = OFFICE) -> int:
    suppliers = (Supplier(id="u1"),)
    problem = Problem(
        hubs=(Hub(id="nev"),),
        suppliers=suppliers,
        needs=(),
        levels=level_matrix((), suppliers, ()),
        cooperation=None,
    )
    plan = Plan(
        teams=(Team("nev", "u1"),),
        coverage=(),
        objective=Objective(coverage=0.0),
        bound=0.0,
        solver=Solver.EXACT,
        seconds=0.1,
    )
    titles = {"n1": "电机护套", "n2": "机密标题", "n-draft": "草稿", "a1": "成果", "gone": "已删"}
    named = Named(titles=titles, teams={"a1": ("张工",), "gone": ("李工",)})
    with desk_of(engine, actor) as desk:
        seen = desk.plans.data_version()
        return desk.plans.add(problem, plan, named, data_version=seen, name="甲")


def test_a_plan_names_to_a_broker_only_what_he_may_read_in_full(city: Engine):
    version = add_plan(city)

    with desk_of(city, BROKER) as desk:
        told = desk.plans.get(version)
    with desk_of(city, OFFICE) as desk:
        whole = desk.plans.get(version)

    assert set(told.named.titles) == {"n1", "a1"}
    assert dict(told.named.teams) == {"a1": ("张工",)}
    assert not told.whole
    assert whole.whole
    assert "机密标题" in whole.named.titles.values()
    assert (whole.stored.author, whole.stored.name, whole.staleness.stale) == (
        "office",
        "甲",
        False,
    )


def test_plans_are_made_and_frozen_by_the_office(city: Engine):
    version = add_plan(city)

    for actor in (BROKER, ENTERPRISE, UNIVERSITY):
        with pytest.raises(Forbidden):
            add_plan(city, actor)
        with pytest.raises(Forbidden), desk_of(city, actor) as desk:
            desk.plans.freeze(version)
    with desk_of(city, OFFICE) as desk:
        desk.plans.freeze(version)
    with pytest.raises(FrozenPlan), desk_of(city, OFFICE) as desk:
        desk.plans.freeze(version)
    with desk_of(city, BROKER) as desk:
        assert [entry.frozen_by for entry in desk.plans.entries()] == ["office"]


@pytest.mark.parametrize("actor", [ENTERPRISE, RIVAL, UNIVERSITY], ids=lambda actor: actor.id)
def test_enterprises_and_universities_read_no_plans(city: Engine, actor: Actor):
    version = add_plan(city)

    with pytest.raises(Forbidden), desk_of(city, actor) as desk:
        desk.plans.entries()
    with pytest.raises(Forbidden), desk_of(city, actor) as desk:
        desk.plans.get(version)
    with pytest.raises(UnknownPlan), desk_of(city, BROKER) as desk:
        desk.plans.get(version + 1)
