"""Cases: taking a match up, following it, and what is learnt from its end."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, update

from data.access.case_errors import CaseEnded, NotOpen, PairTaken
from data.access.case_values import CaseFilter, EventKind
from data.access.errors import Changed, NotAcceptable
from data.audit import entries
from data.decisions import DecisionRepository
from data.match_runs import MatchRun, MatchRunRepository
from data.policy.actor import Actor
from data.policy.errors import Forbidden, IllegalStep, Unseen
from data.policy.operation import Operation
from data.policy.stages import IllegalMove, Stage
from data.policy.subject import View
from data.repositories import AchievementRepository
from data.session import session_scope
from data.tables import AuditRow, NeedRow, UserRow
from matcher.decision import ReasonCode, Verdict
from matcher.types import Status
from tests.data.access.case_city import (
    ADMINISTRATOR,
    BROKER,
    BROKER_ELSEWHERE,
    BROKER_OF_BIOTECH,
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
from tests.data.builders import MOMENT, make_achievement

FORWARD = (Stage.CLARIFYING, Stage.VALIDATING, Stage.NEGOTIATING)


@pytest.fixture
def city(engine: Engine) -> Engine:
    store_city(engine)
    return engine


@pytest.fixture
def sqlite_city(sqlite_engine: Engine) -> Engine:
    """Enough for rules, which no database changes."""
    store_city(sqlite_engine)
    return sqlite_engine


def take_up(engine: Engine, need: str = "n1", actor: Actor = BROKER) -> str:
    with desk_of(engine, actor) as desk:
        return desk.cases.take_up(need, "a1").id


def move(engine: Engine, case_id: str, *stages: Stage) -> None:
    with desk_of(engine, BROKER) as desk:
        for stage in stages:
            desk.cases.go_to(case_id, stage)


def decisions(engine: Engine) -> list[tuple[Verdict | None, int | None, ReasonCode | None, str]]:
    with session_scope(engine, write=False) as session:
        stored = DecisionRepository(session).all()
    return [(d.verdict, d.level, d.reason, d.who) for d in stored]


def status_of(engine: Engine, need: str) -> str | None:
    with session_scope(engine, write=False) as session:
        return session.scalar(select(NeedRow.status).where(NeedRow.id == need))


def test_taking_a_match_up_opens_a_case_accepts_the_match_and_moves_the_need(city: Engine):
    shown = {"matches": [{"document_id": "a2", "rank": 1}, {"document_id": "a1", "rank": 2}]}
    with session_scope(city) as session:
        run = MatchRun(
            id="r1",
            created_at=MOMENT,
            query_kind="need",
            query_id="n1",
            model="m",
            config={},
            data_version=1,
            result=shown,
        )
        MatchRunRepository(session).add(run)

    with desk_of(city, BROKER) as desk:
        case = desk.cases.take_up("n1", "a1")

    assert (case.stage, case.broker, case.view) == (Stage.CONTACTING, "broker", View.FULL)
    assert (case.run_id, case.rank, case.etag) == ("r1", 2, "1")
    assert case.need_status is Status.IN_CONTACT
    assert status_of(city, "n1") == "in_contact"
    assert decisions(city) == [(Verdict.ACCEPT, None, None, "broker")]
    with session_scope(city, write=False) as session:
        stored = DecisionRepository(session).all()[0]
    assert (stored.query_id, stored.document_id, stored.rank) == ("n1", "a1", 2)


def test_a_masked_need_opens_to_the_broker_who_takes_it_up_and_to_no_other(city: Engine):
    with desk_of(city, BROKER) as desk:
        before = desk.needs.get("n2")
    take_up(city, "n2")

    with desk_of(city, BROKER) as desk:
        after = desk.needs.get("n2")
    with desk_of(city, SECOND_BROKER) as desk:
        other = desk.needs.get("n2")
    assert (before.view, after.view, other.view) == (View.SUMMARY, View.FULL, View.SUMMARY)


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [
        (ENTERPRISE, Forbidden),
        (RIVAL, Forbidden),
        (UNIVERSITY, Forbidden),
        (OFFICE, Forbidden),
        (ADMINISTRATOR, Forbidden),
        (BROKER_OF_U1, Forbidden),
        (BROKER_ELSEWHERE, Forbidden),
        (BROKER_OF_BIOTECH, Forbidden),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_only_a_broker_within_his_limits_and_not_of_the_supplier_takes_a_match_up(
    sqlite_city: Engine, actor: Actor, refusal: type[Exception]
):
    with pytest.raises(refusal), desk_of(sqlite_city, actor) as desk:
        desk.cases.take_up("n1", "a1")

    assert decisions(sqlite_city) == []
    assert status_of(sqlite_city, "n1") == "published"


def test_what_a_broker_cannot_see_he_cannot_take_up(sqlite_city: Engine):
    for need, achievement in (("n-draft", "a1"), ("n1", "nothing"), ("nothing", "a1")):
        with pytest.raises(Unseen), desk_of(sqlite_city, BROKER) as desk:
            desk.cases.take_up(need, achievement)


def test_a_posting_that_looks_for_no_partner_is_not_taken_up(sqlite_city: Engine):
    with session_scope(sqlite_city) as session:
        session.execute(update(NeedRow).values(status=Status.CLOSED.value))

    with pytest.raises(NotOpen) as caught, desk_of(sqlite_city, BROKER) as desk:
        desk.cases.take_up("n1", "a1")

    assert (caught.value.posting_id, caught.value.status) == ("n1", Status.CLOSED)


def test_a_match_in_somebodys_hands_is_taken_and_only_he_is_told_the_case(sqlite_city: Engine):
    case_id = take_up(sqlite_city)

    with pytest.raises(PairTaken) as own, desk_of(sqlite_city, BROKER) as desk:
        desk.cases.take_up("n1", "a1")
    with pytest.raises(PairTaken) as other, desk_of(sqlite_city, SECOND_BROKER) as desk:
        desk.cases.take_up("n1", "a1")

    assert (own.value.case_id, other.value.case_id) == (case_id, None)
    assert case_id not in str(other.value)
    assert len(decisions(sqlite_city)) == 1


def test_of_two_brokers_who_take_the_same_match_at_once_exactly_one_gets_it(city: Engine):
    barrier = threading.Barrier(4)
    outcomes: list[str] = []

    def attempt(number: int) -> None:
        barrier.wait()
        try:
            take_up(city, actor=(BROKER, SECOND_BROKER)[number % 2])
            outcomes.append("taken")
        except PairTaken:
            outcomes.append("refused")

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["refused", "refused", "refused", "taken"]
    assert len(decisions(city)) == 1


def test_a_second_achievement_for_a_need_in_contact_is_another_case(sqlite_city: Engine):
    take_up(sqlite_city)

    with desk_of(sqlite_city, SECOND_BROKER) as desk:
        case = desk.cases.take_up("n1", "a2")

    assert case.need_status is Status.IN_CONTACT


def test_signing_takes_a_value_signs_the_need_and_says_strong(city: Engine):
    case_id = take_up(city)
    move(city, case_id, *FORWARD)

    with desk_of(city, BROKER) as desk:
        case = desk.cases.go_to(case_id, Stage.SIGNED, value_cny=1_200_000)

    assert (case.stage, case.value_cny, case.need_status) == (
        Stage.SIGNED,
        1_200_000,
        Status.SIGNED,
    )
    assert decisions(city)[-1] == (Verdict.ACCEPT, 4, None, "broker")


def test_signing_needs_a_value_or_the_word_that_it_is_not_disclosed(sqlite_city: Engine):
    case_id = take_up(sqlite_city)
    move(sqlite_city, case_id, *FORWARD)

    for both in ({}, {"value_cny": 1, "undisclosed": True}):
        with pytest.raises(NotAcceptable) as caught, desk_of(sqlite_city, BROKER) as desk:
            desk.cases.go_to(case_id, Stage.SIGNED, **both)
        assert caught.value.field == "value_cny"
    with desk_of(sqlite_city, BROKER) as desk:
        assert desk.cases.go_to(case_id, Stage.SIGNED, undisclosed=True).value_cny is None


@pytest.mark.parametrize(("said", "kept"), [(None, 500), (0, 0), (700, 700)])
def test_what_was_expected_is_signed_for_unless_another_value_is_named(
    sqlite_city: Engine, said: int | None, kept: int
):
    case_id = take_up(sqlite_city)
    with desk_of(sqlite_city, BROKER) as desk:
        desk.cases.plan(case_id, {"value_cny": 500}, expected="1")
    move(sqlite_city, case_id, *FORWARD)

    with desk_of(sqlite_city, BROKER) as desk:
        assert desk.cases.go_to(case_id, Stage.SIGNED, value_cny=said).value_cny == kept


def test_dropping_takes_a_reason_rejects_the_match_and_leaves_the_need_in_contact(city: Engine):
    case_id = take_up(city)

    with pytest.raises(NotAcceptable), desk_of(city, BROKER) as desk:
        desk.cases.go_to(case_id, Stage.DROPPED)
    with desk_of(city, BROKER) as desk:
        case = desk.cases.go_to(case_id, Stage.DROPPED, reason=ReasonCode.PRICE, note="太贵")

    assert (case.stage, case.reason) == (Stage.DROPPED, ReasonCode.PRICE)
    assert case.need_status is Status.IN_CONTACT
    assert decisions(city)[1:] == [(Verdict.REJECT, None, ReasonCode.PRICE, "broker")]


def test_a_dropped_match_may_be_taken_up_by_another_broker(city: Engine):
    case_id = take_up(city)
    with desk_of(city, BROKER) as desk:
        desk.cases.go_to(case_id, Stage.DROPPED, reason=ReasonCode.OTHER)

    assert take_up(city, actor=SECOND_BROKER) != case_id


def test_closing_a_signed_case_leaves_the_need_signed(sqlite_city: Engine):
    case_id = take_up(sqlite_city)
    move(sqlite_city, case_id, *FORWARD)
    with desk_of(sqlite_city, BROKER) as desk:
        desk.cases.go_to(case_id, Stage.SIGNED, value_cny=5)
        case = desk.cases.go_to(case_id, Stage.CLOSED)

    assert (case.stage, case.need_status, case.value_cny) == (Stage.CLOSED, Status.SIGNED, 5)


def test_the_second_case_of_a_need_can_be_signed_as_well(sqlite_city: Engine):
    first = take_up(sqlite_city)
    with desk_of(sqlite_city, BROKER) as desk:
        second = desk.cases.take_up("n1", "a2").id

    for case_id in (first, second):
        move(sqlite_city, case_id, *FORWARD)
        with desk_of(sqlite_city, BROKER) as desk:
            desk.cases.go_to(case_id, Stage.SIGNED, value_cny=5)

    assert status_of(sqlite_city, "n1") == "signed"


def test_a_need_that_was_withdrawn_cannot_be_signed_and_nothing_is_stored(city: Engine):
    case_id = take_up(city)
    move(city, case_id, *FORWARD)
    with desk_of(city, ENTERPRISE) as desk:
        desk.needs.step("n1", Operation.STEP_WITHDRAW)

    with pytest.raises(IllegalStep), desk_of(city, BROKER) as desk:
        desk.cases.go_to(case_id, Stage.SIGNED, value_cny=5)

    with desk_of(city, BROKER) as desk:
        assert desk.cases.get(case_id).stage is Stage.NEGOTIATING
    assert len(decisions(city)) == 1


def test_a_step_back_takes_a_note_and_stands_in_the_history(sqlite_city: Engine):
    case_id = take_up(sqlite_city)
    move(sqlite_city, case_id, Stage.CLARIFYING)

    with pytest.raises(NotAcceptable), desk_of(sqlite_city, BROKER) as desk:
        desk.cases.go_to(case_id, Stage.CONTACTING, note="  ")
    with desk_of(sqlite_city, BROKER) as desk:
        desk.cases.go_to(case_id, Stage.CONTACTING, note="联系人换了")
        last = desk.cases.events(case_id, limit=1).items[0]

    assert (last.kind, last.text) == (EventKind.STAGE, "联系人换了")
    assert last.facts == {"before": "clarifying", "stage": "contacting"}


@pytest.mark.parametrize(
    "said", [{"reason": ReasonCode.PRICE}, {"value_cny": 1}, {"undisclosed": True}]
)
def test_a_move_takes_nothing_that_only_another_one_asks_for(sqlite_city: Engine, said: dict):
    case_id = take_up(sqlite_city)

    with pytest.raises(NotAcceptable), desk_of(sqlite_city, BROKER) as desk:
        desk.cases.go_to(case_id, Stage.CLARIFYING, **said)


def test_stages_cannot_be_skipped(sqlite_city: Engine):
    case_id = take_up(sqlite_city)

    with pytest.raises(IllegalMove), desk_of(sqlite_city, BROKER) as desk:
        desk.cases.go_to(case_id, Stage.SIGNED, value_cny=1)


def test_a_plan_is_changed_only_by_who_read_the_latest(city: Engine):
    case_id = take_up(city)
    day = date(2027, 1, 31)

    with desk_of(city, BROKER) as desk:
        changed = desk.cases.plan(case_id, {"next_action": "约技术会", "due": day}, expected="1")
    with pytest.raises(Changed), desk_of(city, BROKER) as desk:
        desk.cases.plan(case_id, {"due": None}, expected="1")

    assert (changed.next_action, changed.due, changed.etag) == ("约技术会", day, "2")
    with desk_of(city, BROKER) as desk:
        event = desk.cases.events(case_id, limit=1).items[0]
        assert (event.text, event.facts) == ("约技术会", {"due": "2027-01-31"})


def test_a_plan_that_says_nothing_new_changes_nothing(sqlite_city: Engine):
    case_id = take_up(sqlite_city)

    with desk_of(sqlite_city, BROKER) as desk:
        assert desk.cases.plan(case_id, {"due": None}, expected="1").etag == "1"
        assert len(desk.cases.events(case_id, limit=9).items) == 1


def test_an_ended_case_stays_as_it_is(sqlite_city: Engine):
    case_id = take_up(sqlite_city)
    with desk_of(sqlite_city, BROKER) as desk:
        desk.cases.go_to(case_id, Stage.DROPPED, reason=ReasonCode.OTHER)

    for change in (
        lambda cases: cases.plan(case_id, {"due": None}, expected="2"),
        lambda cases: cases.note(case_id, "还有"),
    ):
        with pytest.raises(CaseEnded), desk_of(sqlite_city, BROKER) as desk:
            change(desk.cases)
    with pytest.raises(CaseEnded), desk_of(sqlite_city, OFFICE) as desk:
        desk.cases.assign(case_id, "second")
    with pytest.raises(IllegalMove), desk_of(sqlite_city, BROKER) as desk:
        desk.cases.go_to(case_id, Stage.CONTACTING, note="再试")


def test_a_case_is_overdue_when_its_day_has_passed_and_it_has_not_ended(sqlite_city: Engine):
    case_id = take_up(sqlite_city)
    day = date(2026, 5, 10)
    with desk_of(sqlite_city, BROKER) as desk:
        case = desk.cases.plan(case_id, {"due": day}, expected="1")

    assert not case.overdue(day)
    assert case.overdue(day + timedelta(days=1))
    with desk_of(sqlite_city, BROKER) as desk:
        late = CaseFilter(overdue_on=day + timedelta(days=1))
        assert [c.id for c in desk.cases.page(late, limit=5).items] == [case_id]
        assert desk.cases.page(CaseFilter(overdue_on=day), limit=5).items == []
        dropped = desk.cases.go_to(case_id, Stage.DROPPED, reason=ReasonCode.OTHER)
        assert not dropped.overdue(day + timedelta(days=1))
        assert desk.cases.page(late, limit=5).items == []


@pytest.mark.parametrize(
    ("actor", "view"),
    [
        (BROKER, View.FULL),
        (OFFICE, View.FULL),
        (ADMINISTRATOR, View.FULL),
        (ENTERPRISE, View.SUMMARY),
        (UNIVERSITY, View.SUMMARY),
        (RIVAL, None),
        (OTHER_UNIVERSITY, None),
        (SECOND_BROKER, None),
        (BROKER_OF_U1, None),
    ],
    ids=lambda value: getattr(value, "id", str(value)),
)
def test_a_case_is_seen_in_full_as_a_summary_or_not_at_all(
    sqlite_city: Engine, actor: Actor, view: View | None
):
    case_id = take_up(sqlite_city)
    plan = {"next_action": "秘密", "due": date(2026, 1, 1), "value_cny": 9}
    with desk_of(sqlite_city, BROKER) as desk:
        desk.cases.plan(case_id, plan, expected="1")

    with desk_of(sqlite_city, actor) as desk:
        listed = desk.cases.page(CaseFilter(), limit=5).items
        late = desk.cases.page(CaseFilter(overdue_on=date(2026, 9, 9)), limit=5).items
        if view is None:
            assert listed == late == []
            with pytest.raises(Unseen):
                desk.cases.get(case_id)
            with pytest.raises(Unseen):
                desk.cases.events(case_id, limit=5)
            return
        case = desk.cases.get(case_id)
        assert [case] == listed
        assert case.view is view
        if view is View.SUMMARY:
            assert (case.next_action, case.due, case.value_cny) == ("", None, None)
            assert late == []
            with pytest.raises(Forbidden):
                desk.cases.events(case_id, limit=5)
        else:
            assert (case.next_action, case.value_cny) == ("秘密", 9)
            assert late == [case]


def test_both_sides_are_told_the_value_of_their_contract_and_not_why_a_case_was_dropped(
    sqlite_city: Engine,
):
    signed = take_up(sqlite_city)
    move(sqlite_city, signed, *FORWARD)
    with desk_of(sqlite_city, BROKER) as desk:
        desk.cases.go_to(signed, Stage.SIGNED, value_cny=70)
    dropped = take_up(sqlite_city, "n2")
    with desk_of(sqlite_city, BROKER) as desk:
        desk.cases.go_to(dropped, Stage.DROPPED, reason=ReasonCode.NOT_MATURE)

    with desk_of(sqlite_city, UNIVERSITY) as desk:
        assert desk.cases.get(signed).value_cny == 70
        assert desk.cases.get(dropped).reason is None


@pytest.mark.parametrize("actor", [ENTERPRISE, UNIVERSITY, OFFICE, ADMINISTRATOR])
def test_only_the_broker_in_charge_changes_a_case(sqlite_city: Engine, actor: Actor):
    case_id = take_up(sqlite_city)

    for change in (
        lambda cases: cases.plan(case_id, {"due": None}, expected="1"),
        lambda cases: cases.note(case_id, "。"),
        lambda cases: cases.go_to(case_id, Stage.CLARIFYING),
    ):
        with pytest.raises(Forbidden), desk_of(sqlite_city, actor) as desk:
            change(desk.cases)
    with pytest.raises(Unseen), desk_of(sqlite_city, SECOND_BROKER) as desk:
        desk.cases.note(case_id, "。")


def test_the_office_puts_a_case_into_other_hands_and_the_former_ones_lose_it(city: Engine):
    case_id = take_up(city, "n2")

    with desk_of(city, OFFICE) as desk:
        case = desk.cases.assign(case_id, "second")

    assert case.broker == "second"
    with desk_of(city, SECOND_BROKER) as desk:
        assert desk.cases.get(case_id).view is View.FULL
        assert desk.needs.get("n2").view is View.FULL
    with pytest.raises(Unseen), desk_of(city, BROKER) as desk:
        desk.cases.get(case_id)


def test_a_case_goes_only_to_a_broker_who_could_have_taken_the_match_up(sqlite_city: Engine):
    case_id = take_up(sqlite_city)
    with session_scope(sqlite_city) as session:
        gone = update(UserRow).where(UserRow.id == "second")
        session.execute(gone.values(disabled_at=datetime.now(UTC)))

    for account in ("second", "nobody", "office", "partial", "elsewhere", "biotech", "of-u1"):
        with pytest.raises(NotAcceptable) as caught, desk_of(sqlite_city, OFFICE) as desk:
            desk.cases.assign(case_id, account)
        assert caught.value.field == "broker"


@pytest.mark.parametrize("actor", [BROKER, ENTERPRISE])
def test_who_sees_a_case_without_running_the_office_assigns_nothing(
    sqlite_city: Engine, actor: Actor
):
    case_id = take_up(sqlite_city)

    with pytest.raises(Forbidden), desk_of(sqlite_city, actor) as desk:
        desk.cases.assign(case_id, "second")


def test_cases_are_listed_newest_first_page_by_page_and_filtered(city: Engine):
    with session_scope(city) as session:
        many = [make_achievement(f"x{i}", organization="u2") for i in range(5)]
        AchievementRepository(session).upsert_many(many)
    made = []
    for i in range(5):
        with desk_of(city, (BROKER, SECOND_BROKER)[i % 2]) as desk:
            made.append(desk.cases.take_up("n1", f"x{i}").id)
    with desk_of(city, BROKER) as desk:
        desk.cases.go_to(made[0], Stage.CLARIFYING)

    seen, cursor = [], None
    with desk_of(city, OFFICE) as desk:
        while True:
            page = desk.cases.page(CaseFilter(), limit=2, cursor=cursor)
            seen += [case.id for case in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break

        def listed(**wanted: object) -> list[str]:
            return [c.id for c in desk.cases.page(CaseFilter(**wanted), limit=9).items]

        assert seen == made[::-1]
        assert listed(stage=Stage.CLARIFYING) == [made[0]]
        assert listed(achievement="x3") == [made[3]]
        assert listed(need="n2") == []
        assert listed(broker="second") == [made[3], made[1]]


@pytest.mark.parametrize(
    "cursor", ["x", "WyJ4Il0=", "W10=", "bnVsbA==", "é", "W10", "eyJhIjoxfQ=="]
)
def test_a_made_up_cursor_is_refused(sqlite_city: Engine, cursor: str):
    with pytest.raises(NotAcceptable) as caught, desk_of(sqlite_city, OFFICE) as desk:
        desk.cases.page(CaseFilter(), limit=2, cursor=cursor)

    assert caught.value.field == "cursor"


def test_every_change_of_a_case_stands_in_the_audit(sqlite_city: Engine):
    case_id = take_up(sqlite_city)
    with desk_of(sqlite_city, BROKER) as desk:
        desk.cases.plan(case_id, {"due": date(2027, 1, 1)}, expected="1")
        desk.cases.note(case_id, "只写给自己看")
        desk.cases.go_to(case_id, Stage.CLARIFYING)
    with desk_of(sqlite_city, OFFICE) as desk:
        desk.cases.assign(case_id, "second")

    with session_scope(sqlite_city, write=False) as session:
        about = select(AuditRow.__table__).where(AuditRow.item == case_id).order_by(AuditRow.seq)
        noted = list(entries(session, about))
    assert [entry.operation for entry in noted] == [
        "case.create",
        "case.update",
        "case.update",
        "case.update",
        "case.assign",
    ]
    assert "只写给自己看" not in str(noted)
