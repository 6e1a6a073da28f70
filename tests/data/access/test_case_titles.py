"""A list of cases says what each is about, in the words that its reader may see."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, event, select, update

from data.access.case_values import CaseFilter
from data.policy.actor import Actor
from data.policy.stages import Stage
from data.repositories import AchievementRepository
from data.session import session_scope
from data.tables import AuditRow, PostingMaskRow
from matcher.decision import ReasonCode
from tests.data.access.case_city import (
    BROKER,
    ENTERPRISE,
    OFFICE,
    OTHER_UNIVERSITY,
    RIVAL,
    desk_of,
    store_city,
)
from tests.data.builders import make_achievement

NEED, FACE, OFFER = "电机转子护套减薄", "某企业求轻质护套", "碳纤维缠绕护套"


def take_up_secrets(engine: Engine) -> str:
    """A case on a masked need, with an achievement that only brokers are shown."""
    store_city(engine)
    with desk_of(engine, BROKER) as desk:
        return desk.cases.take_up("n2", "a2").id


@pytest.fixture
def case_id(sqlite_engine: Engine) -> str:
    return take_up_secrets(sqlite_engine)


def titles(engine: Engine, actor: Actor) -> list[tuple[str | None, str | None]]:
    with desk_of(engine, actor) as desk:
        page = desk.cases.page(CaseFilter(), limit=9)
    return [(case.need_title, case.achievement_title) for case in page.items]


def test_each_reader_gets_the_titles_that_he_may_see(engine: Engine):
    case_id = take_up_secrets(engine)

    assert titles(engine, BROKER) == titles(engine, OFFICE) == [(NEED, OFFER)]
    assert titles(engine, ENTERPRISE) == [(NEED, None)]
    assert titles(engine, OTHER_UNIVERSITY) == [(FACE, OFFER)]
    assert titles(engine, RIVAL) == []
    with desk_of(engine, OTHER_UNIVERSITY) as desk:
        assert desk.cases.get(case_id).need_title == FACE


def test_a_broker_who_gave_the_case_up_is_back_to_the_masks_title(
    sqlite_engine: Engine, case_id: str
):
    with desk_of(sqlite_engine, BROKER) as desk:
        dropped = desk.cases.go_to(case_id, Stage.DROPPED, reason=ReasonCode.PRICE)

    assert (dropped.need_title, dropped.achievement_title) == (FACE, OFFER)


def test_a_mask_that_nobody_approved_names_nothing(sqlite_engine: Engine, case_id: str):
    with session_scope(sqlite_engine) as session:
        session.execute(update(PostingMaskRow).values(approved_at=None))

    assert titles(sqlite_engine, OTHER_UNIVERSITY) == [(None, OFFER)]
    assert titles(sqlite_engine, ENTERPRISE) == [(NEED, None)]


def test_a_key_for_cases_only_is_told_no_titles(sqlite_engine: Engine, case_id: str):
    key = replace(BROKER, scopes=frozenset({"case.read"}))

    assert titles(sqlite_engine, key) == [(None, None)]


def test_who_is_shown_a_confidential_title_stands_in_the_audit(sqlite_engine: Engine, case_id: str):
    def noted() -> list[tuple[str, str, str]]:
        row = AuditRow
        columns = (row.actor, row.operation, row.item)
        statement = select(*columns).where(row.operation.endswith(".read")).order_by(row.seq)
        with session_scope(sqlite_engine, write=False) as session:
            return [tuple(found) for found in session.execute(statement)]

    before = len(noted())
    for actor in (OFFICE, ENTERPRISE, OTHER_UNIVERSITY, BROKER):
        titles(sqlite_engine, actor)

    assert noted()[before:] == [
        ("office", "need.read", "n2"),
        ("office", "achievement.read", "a2"),
    ]


def test_a_page_of_many_cases_takes_as_many_questions_as_one_of_one(
    sqlite_engine: Engine, case_id: str
):
    def asked(limit: int) -> int:
        statements: list[str] = []

        def note(*told: str) -> None:
            statements.append(told[2])

        with desk_of(sqlite_engine, OFFICE) as desk:
            event.listen(sqlite_engine, "before_cursor_execute", note)
            page = desk.cases.page(CaseFilter(), limit=limit)
            event.remove(sqlite_engine, "before_cursor_execute", note)
        assert len(page.items) == limit
        return len(statements)

    with session_scope(sqlite_engine) as session:
        many = [make_achievement(f"x{i}", organization="u2") for i in range(5)]
        AchievementRepository(session).upsert_many(many)
    for i in range(5):
        with desk_of(sqlite_engine, BROKER) as desk:
            desk.cases.take_up("n1", f"x{i}")

    assert asked(6) == asked(1)
