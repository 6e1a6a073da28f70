"""The two sides of a case keep seeing what it is about, and nobody else does."""

import pytest
from sqlalchemy import Engine

from data.access.case_values import CaseFilter
from data.access.desk import Desk
from data.access.posting_pages import Wanted
from data.policy.actor import Actor
from data.policy.errors import Forbidden, Unseen
from data.policy.operation import Operation
from data.policy.stages import Stage
from data.policy.subject import View
from data.session import session_scope
from data.tables import AchievementRow, NeedRow
from matcher.decision import ReasonCode
from matcher.types import Status
from tests.data.access.case_city import (
    BROKER,
    ENTERPRISE,
    OFFICE,
    OTHER_UNIVERSITY,
    RIVAL,
    SECOND_BROKER,
    UNIVERSITY,
    desk_of,
    store_city,
)

FACE = "某企业求轻质护套"
STRANGERS = (RIVAL, OTHER_UNIVERSITY)
OVER = (Status.SIGNED, Status.CLOSED, Status.EXPIRED, Status.WITHDRAWN)


@pytest.fixture
def case_id(sqlite_engine: Engine) -> str:
    """A case on the masked need of e1 with the public achievement of u1."""
    store_city(sqlite_engine)
    with desk_of(sqlite_engine, BROKER) as desk:
        return desk.cases.take_up("n2", "a1").id


def set_status(engine: Engine, status: Status) -> None:
    with session_scope(engine) as session:
        for rows, posting in ((NeedRow, "n2"), (AchievementRow, "a1")):
            session.get_one(rows, posting).status = status.value


def may_read(engine: Engine, actor: Actor, posting: str) -> bool:
    """The posting by its id, which lists and searches agree with."""
    kind, words = ("need", FACE) if posting == "n2" else ("achievement", "碳纤维")
    with desk_of(engine, actor) as desk:
        pages = desk.need_pages if kind == "need" else desk.achievement_pages
        listed = pages.page(Wanted(), limit=9)
        found = pages.page(Wanted(words=words, among=[posting]), limit=9)
        for page in (listed, found):
            assert (posting in {seen.posting.id for seen in page.items}) is _known(desk, posting)
        return _known(desk, posting)


def _known(desk: Desk, posting: str) -> bool:
    try:
        (desk.needs if posting == "n2" else desk.achievements).get(posting)
    except Unseen:
        return False
    return True


@pytest.mark.parametrize("status", OVER)
def test_each_side_reads_the_other_posting_when_it_is_no_longer_open(
    sqlite_engine: Engine, case_id: str, status: Status
):
    set_status(sqlite_engine, status)

    assert may_read(sqlite_engine, UNIVERSITY, "n2")
    assert may_read(sqlite_engine, ENTERPRISE, "a1")
    for stranger in STRANGERS:
        assert not may_read(sqlite_engine, stranger, "n2")
        assert not may_read(sqlite_engine, stranger, "a1")


def test_a_masked_need_stays_masked_for_the_other_side(sqlite_engine: Engine, case_id: str):
    with desk_of(sqlite_engine, UNIVERSITY) as desk:
        open_ = desk.needs.get("n2").posting
    set_status(sqlite_engine, Status.CLOSED)

    with desk_of(sqlite_engine, UNIVERSITY) as desk:
        seen = desk.needs.get("n2")
        titles = [case.need_title for case in desk.cases.page(CaseFilter(), limit=9).items]
        for operation in (Operation.NEED_MATCHES, Operation.NEED_BACKGROUND):
            with pytest.raises(Forbidden):
                desk.needs.get_for("n2", operation)

    assert (seen.view, seen.posting.title, titles) == (View.SUMMARY, FACE, [FACE])
    assert (seen.posting.text, seen.posting.organization) == (open_.text, None)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SUBMITTED, Status.RETURNED])
def test_a_posting_that_begins_anew_is_its_owners_until_it_is_published(
    sqlite_engine: Engine, case_id: str, status: Status
):
    set_status(sqlite_engine, status)

    assert not may_read(sqlite_engine, UNIVERSITY, "n2")
    assert not may_read(sqlite_engine, ENTERPRISE, "a1")


def test_a_dropped_case_shows_its_sides_no_more_than_others_see(
    sqlite_engine: Engine, case_id: str
):
    with desk_of(sqlite_engine, BROKER) as desk:
        desk.cases.go_to(case_id, Stage.DROPPED, reason=ReasonCode.PRICE)
    set_status(sqlite_engine, Status.CLOSED)

    assert not may_read(sqlite_engine, UNIVERSITY, "n2")
    assert not may_read(sqlite_engine, ENTERPRISE, "a1")


def test_only_what_the_case_is_about_is_shown(sqlite_engine: Engine, case_id: str):
    with session_scope(sqlite_engine) as session:
        for need in ("n1", "n2"):
            session.get_one(NeedRow, need).status = Status.CLOSED.value

    with desk_of(sqlite_engine, UNIVERSITY) as desk:
        assert {seen.posting.id for seen in desk.need_pages.page(Wanted(), limit=9).items} == {"n2"}


def test_the_broker_in_charge_reads_what_was_taken_back_and_other_brokers_do_not(
    sqlite_engine: Engine, case_id: str
):
    set_status(sqlite_engine, Status.WITHDRAWN)

    assert [may_read(sqlite_engine, broker, "a1") for broker in (BROKER, SECOND_BROKER)] == [
        True,
        False,
    ]


def test_whoever_the_need_passes_to_sees_its_case_and_who_gave_it_away_does_not(
    sqlite_engine: Engine, case_id: str
):
    set_status(sqlite_engine, Status.PUBLISHED)
    with desk_of(sqlite_engine, OFFICE) as desk:
        etag = desk.needs.get("n2").etag
        desk.needs.update("n2", {"organization": "e2"}, expected=etag)
    set_status(sqlite_engine, Status.CLOSED)

    assert [may_read(sqlite_engine, firm, "a1") for firm in (ENTERPRISE, RIVAL)] == [False, True]
