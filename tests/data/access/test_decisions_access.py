"""Decisions: who judges a match, and who reads of it."""

import pytest
from sqlalchemy import Engine, update

from data.access.decisions import Judgement
from data.access.errors import NotAcceptable
from data.match_runs import MatchRun, MatchRunRepository
from data.policy.actor import Actor, Role
from data.policy.errors import Forbidden, Unseen
from data.policy.subject import View
from data.session import session_scope
from data.tables import AchievementRow
from matcher.decision import BadDecision, ReasonCode, Verdict
from matcher.types import Status
from tests.data.access.case_city import (
    ADMINISTRATOR,
    BROKER,
    BROKER_ELSEWHERE,
    BROKER_OF_U1,
    ENTERPRISE,
    OFFICE,
    OTHER_UNIVERSITY,
    RIVAL,
    SECOND_BROKER,
    UNIVERSITY,
    desk_of,
    store_city,
)
from tests.data.builders import MOMENT

FAIR = Judgement(level=3)
UNIVERSITY_AS_ASKER = Actor(id="of-e1-u", role=Role.UNIVERSITY, organization="e1")


@pytest.fixture
def city(sqlite_engine: Engine) -> Engine:
    store_city(sqlite_engine)
    return sqlite_engine


def judge(engine: Engine, actor: Actor, said: Judgement = FAIR, need: str = "n1"):
    with desk_of(engine, actor) as desk:
        return desk.decisions.judge(need, "a1", said)


def read(engine: Engine, actor: Actor, **wanted: str) -> list:
    with desk_of(engine, actor) as desk:
        return desk.decisions.page(limit=50, **wanted).items


def keep_run(engine: Engine, run_id: str, *documents: str, need: str = "n1") -> None:
    matches = [{"document_id": one, "rank": i} for i, one in enumerate(documents, 1)]
    run = MatchRun(
        id=run_id,
        created_at=MOMENT,
        query_kind="need",
        query_id=need,
        model="m",
        config={},
        data_version=1,
        result={"matches": matches},
    )
    with session_scope(engine) as session:
        MatchRunRepository(session).add(run)


@pytest.mark.parametrize(
    "actor", [BROKER, OFFICE, ADMINISTRATOR, ENTERPRISE], ids=lambda actor: actor.id
)
def test_brokers_the_office_and_the_needs_own_enterprise_judge(city: Engine, actor: Actor):
    decision = judge(city, actor)

    assert (decision.who, decision.level, decision.run_id) == (actor.id, 3, None)
    assert [seen.decision for seen in read(city, OFFICE)] == [decision]


@pytest.mark.parametrize(
    "actor",
    [UNIVERSITY, OTHER_UNIVERSITY, RIVAL, BROKER_OF_U1, BROKER_ELSEWHERE, UNIVERSITY_AS_ASKER],
    ids=lambda actor: actor.id,
)
def test_suppliers_their_brokers_and_strangers_do_not_judge(city: Engine, actor: Actor):
    with pytest.raises(Forbidden):
        judge(city, actor)

    assert read(city, OFFICE) == []


def test_a_broker_of_one_university_judges_the_matches_of_another(city: Engine):
    with desk_of(city, BROKER_OF_U1) as desk:
        assert desk.decisions.judge("n1", "a2", FAIR).who == BROKER_OF_U1.id


def test_what_one_cannot_see_one_cannot_judge(city: Engine):
    for actor, need, achievement in (
        (BROKER, "n-draft", "a1"),
        (ENTERPRISE, "n1", "a2"),
        (BROKER, "n1", "nothing"),
    ):
        with pytest.raises(Unseen), desk_of(city, actor) as desk:
            desk.decisions.judge(need, achievement, FAIR)


def test_a_judgement_that_contradicts_itself_is_refused(city: Engine):
    for said in (Judgement(), Judgement(level=1, verdict=Verdict.ACCEPT)):
        with pytest.raises(BadDecision):
            judge(city, BROKER, said)


def test_a_judgement_keeps_the_place_where_the_match_was_shown(city: Engine):
    keep_run(city, "r1", "a1")
    keep_run(city, "r2", "a2", "a1", need="n2")

    shown = judge(city, BROKER)
    named = judge(city, BROKER, Judgement(level=2, run_id="r2"), need="n2")

    assert (shown.run_id, shown.rank) == ("r1", 1)
    assert (named.run_id, named.rank) == ("r2", 2)
    for run_id in ("r2", "nothing"):
        with pytest.raises(NotAcceptable) as caught:
            judge(city, BROKER, Judgement(level=2, run_id=run_id))
        assert caught.value.field == "run_id"


def test_an_enterprise_reads_its_own_reasons_and_of_others_the_outcome(city: Engine):
    note = Judgement(level=2, reason=ReasonCode.NOT_MATURE, note="样机不成熟")
    judge(city, BROKER, note)
    own = judge(city, ENTERPRISE, Judgement(level=2, note="我们自己的话"))

    seen = {s.decision.who: s.view for s in read(city, ENTERPRISE)}

    assert seen == {"broker": View.SUMMARY, own.who: View.FULL}
    assert {s.view for s in read(city, SECOND_BROKER)} == {View.FULL}


@pytest.mark.parametrize(
    ("actor", "count"),
    [
        (OFFICE, 3),
        (BROKER, 3),
        (ENTERPRISE, 2),
        (RIVAL, 0),
        (UNIVERSITY, 0),
        (OTHER_UNIVERSITY, 0),
        (BROKER_ELSEWHERE, 0),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_decisions_are_read_where_both_sides_may_be_read(city: Engine, actor: Actor, count: int):
    judge(city, BROKER)
    judge(city, BROKER, need="n2")
    with desk_of(city, BROKER) as desk:
        desk.decisions.judge("n1", "a2", FAIR)

    assert len(read(city, actor)) == count


def test_decisions_are_filtered_and_come_newest_first_page_by_page(city: Engine):
    made = [judge(city, BROKER, Judgement(level=level)).id for level in (1, 2, 3, 4)]
    judge(city, BROKER, need="n2")

    with desk_of(city, OFFICE) as desk:
        first = desk.decisions.page(need="n1", limit=3)
        rest = desk.decisions.page(need="n1", limit=3, cursor=first.next_cursor)

    assert [s.decision.id for s in (*first.items, *rest.items)] == made[::-1]
    assert rest.next_cursor is None
    assert read(city, OFFICE, achievement="a2") == []
    assert len(read(city, OFFICE, achievement="a1")) == 5


def test_a_decision_on_an_achievement_that_was_taken_back_is_no_longer_told(city: Engine):
    judge(city, BROKER)
    with session_scope(city) as session:
        session.execute(update(AchievementRow).values(status=Status.WITHDRAWN.value))

    assert read(city, BROKER) == []
    assert len(read(city, OFFICE)) == 1
