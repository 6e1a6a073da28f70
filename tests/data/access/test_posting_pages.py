"""Lists of postings: all that may be read, nothing else, and no answer between the lines."""

import base64
import json

import pytest
from sqlalchemy import Engine, select

from data.access.errors import NotAcceptable
from data.access.posting_pages import Sort, Wanted
from data.policy.actor import Actor
from data.policy.operation import Operation
from data.tables import PostingMaskRow
from matcher.types import Status, Visibility
from tests.data.access.shelf_of_postings import (
    FACE,
    KINDS,
    SECRET,
    desk_for,
    posting_id,
    store_postings,
)
from tests.data.policy import golden
from tests.data.policy.people import CHAIN, HOME, people

SORTS: tuple[Sort, ...] = (
    "created_at", "-created_at", "updated_at", "-updated_at", "id", "-id",
)  # fmt: skip


def listed(engine: Engine, actor: Actor, kind: str = "need", limit: int = 7, **wanted) -> list[str]:
    """Ids of all pages."""
    found: list[str] = []
    cursor = None
    while True:
        with desk_for(engine, actor, write=False) as desk:
            pages = desk.need_pages if kind == "need" else desk.achievement_pages
            page = pages.page(Wanted(**wanted), limit=limit, cursor=cursor)
        found += [seen.posting.id for seen in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found
        assert len(page.items) == limit


def readable(kind: str, who: str) -> set[str]:
    return {
        posting_id(kind, visibility, status)
        for visibility in Visibility
        for status in Status
        if golden.expected(Operation(f"{kind}.read"), who, visibility, status) != "-"
    }


def test_lists_hold_exactly_what_may_be_read_in_any_order(engine: Engine):
    store_postings(engine)
    for kind in KINDS:
        for who, actor in people(of_achievement=kind == "achievement").items():
            for sort in SORTS if who in ("owner", "broker") else ("-updated_at",):
                found = listed(engine, actor, kind, sort=sort)
                assert len(found) == len(set(found))
                assert set(found) == readable(kind, who), (who, sort)


@pytest.fixture
def stored(sqlite_engine: Engine) -> Engine:
    store_postings(sqlite_engine)
    return sqlite_engine


RIVAL = people(of_achievement=False)["rival"]
BROKER = people(of_achievement=False)["broker"]
OWNER = people(of_achievement=False)["owner"]


@pytest.mark.parametrize("actor", [RIVAL, BROKER], ids=["rival", "broker"])
@pytest.mark.parametrize("narrow", [{"organization": "e1"}, {"counties": (HOME,)}])
def test_narrowing_by_what_a_summary_hides_leaves_summaries_out(stored, actor, narrow):
    shown = listed(stored, actor)
    narrowed = listed(stored, actor, **narrow)

    assert {i for i in shown if "masked" in i}
    assert set(narrowed) == {i for i in shown if "masked" not in i}


def test_narrowing_by_what_a_summary_shows_keeps_summaries(stored: Engine):
    masked = listed(stored, RIVAL, visibilities=(Visibility.MASKED,), chains=(CHAIN,))

    assert set(masked) == {i for i in readable("need", "rival") if "masked" in i}


@pytest.mark.parametrize(
    ("actor", "words", "found"),
    [
        (RIVAL, SECRET, "public"),
        (RIVAL, "72", "public"),
        (RIVAL, FACE, "masked"),
        (RIVAL, "%", ""),
        (OWNER, SECRET, "public broker masked"),
        (OWNER, FACE, ""),
    ],
)
def test_words_are_found_where_they_may_be_read(stored, actor, words: str, found: str):
    every = [posting_id("need", v, s) for v in Visibility for s in Status]

    ids = listed(stored, actor, words=words, among=every)

    assert {i.split("-")[1] for i in ids} == set(found.split())


def test_own_postings_are_those_of_ones_own_organisation(stored: Engine):
    assert len(listed(stored, OWNER, own=True)) == 30
    assert listed(stored, RIVAL, own=True) == []


def test_no_cursor_names_a_posting_that_is_not_shown(stored: Engine):
    with desk_for(stored, OWNER) as desk:
        for mask in desk.session.scalars(select(PostingMaskRow)):
            mask.approved_at = None
    for limit in (1, 2, 3):
        cursor = None
        while True:
            with desk_for(stored, RIVAL, write=False) as desk:
                page = desk.need_pages.page(Wanted(sort="id"), limit=limit, cursor=cursor)
            cursor = page.next_cursor
            if cursor is None:
                break
            assert len(page.items) == limit
            assert page.items[-1].posting.id in base64.urlsafe_b64decode(cursor).decode()
            assert "masked" not in base64.urlsafe_b64decode(cursor).decode()


def test_a_posting_that_changes_keeps_its_place_in_the_order_of_posting(stored: Engine):
    before = listed(stored, OWNER, sort="created_at")
    with desk_for(stored, OWNER) as desk:
        etag = desk.needs.get(before[3]).etag
        if before[3].split("-")[2] in golden.STEPS["withdraw"][1]:
            desk.needs.update(before[3], {"budget_cny": 9}, expected=etag)

    assert listed(stored, OWNER, sort="created_at") == before


@pytest.mark.parametrize(
    "value",
    [
        "x",
        base64.urlsafe_b64encode(b"[]").decode(),
        base64.urlsafe_b64encode(json.dumps(["need.id", "a\0b"]).encode()).decode(),
        base64.urlsafe_b64encode(json.dumps(["needs.updated_at", "9999", "a"]).encode()).decode(),
        base64.urlsafe_b64encode(json.dumps(["id", "\ud800", "a"]).encode()).decode(),
    ],
)
def test_a_cursor_that_somebody_made_up_is_refused(stored: Engine, value: str):
    with pytest.raises(NotAcceptable), desk_for(stored, RIVAL, write=False) as desk:
        desk.need_pages.page(Wanted(), limit=5, cursor=value)
