"""The inbox shows news, and of what they are about no more than its reader may see."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from api.rest import inbox
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from data.tables import AuditRow
from matcher.types import Status, Visibility
from tests.api.rest.small_app import SmallApp
from tests.data.access.case_city import (
    BROKER,
    ENTERPRISE,
    OFFICE,
    RIVAL,
    SECOND_BROKER,
)
from tests.data.builders import make_achievement, make_need
from tests.data.news_city import fresh_city, make_news, subscribe, tell

GONE = {"id": None, "title": "已不可查看 / no longer available", "view": "gone"}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[SmallApp]:
    with fresh_city(tmp_path) as engine:
        subscribe(engine, BROKER)
        yield SmallApp(engine, inbox.router)


def items(app: SmallApp, actor=BROKER, **wanted) -> list[dict]:
    answer = app.ask(actor, "GET", "/inbox", params=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def change_need(app: SmallApp, **changes) -> None:
    values = {"organization": "e1", "visibility": Visibility.PUBLIC} | changes
    with session_scope(app.engine) as session:
        NeedRepository(session).upsert_many([make_need("n1", **values)])


def test_news_are_listed_with_titles_newest_first(app: SmallApp):
    tell(app.engine, make_news("x"))
    tell(app.engine, make_news("y", kind="case_overdue", recipients=frozenset({BROKER.id})))

    newest, oldest = items(app)

    assert newest["kind"] == "case_overdue"
    assert oldest["need"] == {"id": "n1", "title": "电机转子护套减薄", "view": "full"}
    assert oldest["achievement"] == {"id": "a1", "title": "碳纤维缠绕护套", "view": "full"}
    assert (oldest["probability"], oldest["read_at"]) == (0.8, None)


def test_of_a_masked_need_only_its_approved_title_is_shown(app: SmallApp):
    tell(app.engine, make_news("x", need="n2"))

    (item,) = items(app)

    assert item["need"] == {"id": "n2", "title": "某企业求轻质护套", "view": "summary"}


@pytest.mark.parametrize(
    "changes",
    [
        {"status": Status.WITHDRAWN},
        {"status": Status.DRAFT},
        {"visibility": Visibility.MASKED},  # and no summary approved
    ],
)
def test_what_may_no_longer_be_seen_is_not_shown(app: SmallApp, changes: dict):
    tell(app.engine)

    change_need(app, **changes)

    (item,) = items(app)
    assert item["need"] == GONE
    assert item["achievement"]["view"] == "full"
    assert item["probability"] is None


def test_a_posting_that_is_purged_leaves_an_item_without_it(app: SmallApp):
    tell(app.engine)
    with session_scope(app.engine) as session:
        AchievementRepository(session).remove_many(["a1"])

    assert items(app)[0]["achievement"] == GONE


def test_an_enterprise_does_not_see_what_became_for_brokers_only(app: SmallApp):
    tell(app.engine, make_news("x", recipients=frozenset({RIVAL.id, ENTERPRISE.id})))

    change_need(app, visibility=Visibility.BROKER)

    assert items(app, RIVAL)[0]["need"] == GONE
    assert items(app, ENTERPRISE)[0]["need"]["view"] == "full"


def test_a_narrower_remit_narrows_the_inbox(app: SmallApp):
    tell(app.engine)
    broker_only = make_achievement("a1", visibility=Visibility.BROKER)
    with session_scope(app.engine) as session:
        AchievementRepository(session).upsert_many([broker_only])

    moved = replace(BROKER, chains=("textile",))

    assert items(app, moved)[0]["achievement"] == GONE


def test_seeing_a_confidential_posting_in_the_inbox_is_recorded(app: SmallApp):
    tell(app.engine, make_news("x", achievement="a2"))

    items(app)

    with session_scope(app.engine, write=False) as session:
        seen = session.execute(
            select(AuditRow.actor, AuditRow.item).where(AuditRow.operation == "achievement.read")
        ).all()
    assert seen == [(BROKER.id, "a2")]


def test_nobody_reads_or_marks_the_news_of_another(app: SmallApp):
    tell(app.engine)
    (item,) = items(app)

    assert items(app, SECOND_BROKER) == items(app, OFFICE) == []
    for actor in (SECOND_BROKER, OFFICE, ENTERPRISE):
        assert app.ask(actor, "POST", f"/inbox/{item['id']}/read").status_code == 404
        assert app.ask(actor, "POST", "/inbox/read-all", json={}).json()["read"] == 0
    assert items(app)[0]["read_at"] is None


def test_what_is_read_stays_read_and_counts_no_more(app: SmallApp):
    tell(app.engine, make_news("x"), make_news("y"))
    path = f"/inbox/{items(app)[0]['id']}/read"

    first = app.ask(BROKER, "POST", path).json()
    again = app.ask(BROKER, "POST", path).json()

    assert first["read_at"] is not None
    assert again == first
    assert [item["id"] for item in items(app, unread=True)] == [first["id"] - 1]
    assert app.ask(BROKER, "GET", "/inbox").json()["unread"] == 1
    assert app.ask(BROKER, "GET", "/inbox/unread").json() == {"unread": 1}


def test_all_are_read_up_to_the_newest_that_was_seen(app: SmallApp):
    tell(app.engine, make_news("x"), make_news("y"))
    seen = items(app)[0]["id"]
    tell(app.engine, make_news("z"))

    some = app.ask(BROKER, "POST", "/inbox/read-all", json={"until": seen})
    rest = app.ask(BROKER, "POST", "/inbox/read-all", json={})

    assert some.json() == {"read": 2, "unread": 1}
    assert rest.json() == {"read": 1, "unread": 0}


def test_an_item_that_was_only_sent_is_not_listed(app: SmallApp):
    subscribe(app.engine, SECOND_BROKER, inbox=False)
    tell(app.engine)

    assert items(app, SECOND_BROKER) == []
    assert app.ask(SECOND_BROKER, "GET", "/inbox").json()["unread"] == 0


def test_pages_hold_every_item_once_though_more_arrive(app: SmallApp):
    tell(app.engine, *(make_news(str(i)) for i in range(25)))
    seen, cursor = [], None
    while True:
        params = {"limit": 10} | ({"cursor": cursor} if cursor else {})
        page = app.ask(BROKER, "GET", "/inbox", params=params).json()
        seen += [item["id"] for item in page["items"]]
        tell(app.engine, make_news(f"later{len(seen)}"))
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == 25


def test_an_inbox_of_ten_thousand_is_read_at_once(app: SmallApp):
    tell(app.engine, *(make_news(str(i)) for i in range(10_000)))

    page = app.ask(BROKER, "GET", "/inbox", params={"limit": 200}).json()
    marked = app.ask(BROKER, "POST", "/inbox/read-all", json={}).json()

    assert (len(page["items"]), page["unread"]) == (200, 10_000)
    assert marked == {"read": 10_000, "unread": 0}


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/inbox", {"params": {"cursor": "x"}}, 422),
        ("GET", "/inbox", {"params": {"cursor": "%00"}}, 422),
        ("GET", "/inbox", {"params": {"limit": 0}}, 422),
        ("GET", "/inbox", {"params": {"limit": 201}}, 422),
        ("POST", f"/inbox/{2**63 - 1}/read", {}, 404),
        ("POST", f"/inbox/{2**63}/read", {}, 422),
        ("POST", "/inbox/0/read", {}, 422),
        ("POST", "/inbox/' OR 1=1/read", {}, 422),
        ("POST", "/inbox/read-all", {"json": {"until": -1}}, 422),
        ("POST", "/inbox/read-all", {"json": {"account": "x"}}, 422),
    ],
)
def test_what_cannot_be_meant_is_refused(
    app: SmallApp, method: str, path: str, options: dict, status: int
):
    assert app.ask(BROKER, method, path, **options).status_code == status
