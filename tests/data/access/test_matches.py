"""Whom the precedent of a match may be told."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine

from data.policy.actor import Actor
from tests.data.access.shelf_of_postings import SECRET, desk_for, store_postings
from tests.data.policy.people import people

EVERYBODY = people(of_achievement=False)
UNIVERSITY = EVERYBODY["partner"]


@pytest.fixture
def stored(sqlite_engine: Engine) -> Engine:
    store_postings(sqlite_engine)
    return sqlite_engine


def match(need: str | None, achievement: str | None, title: str = SECRET) -> dict[str, Any]:
    def item(kind: str, key: str | None) -> dict[str, Any]:
        posting = key and f"{kind}-{key}"
        return {"id": posting, "title": title if posting else None}

    precedent = {"need": item("need", need), "achievement": item("achievement", achievement)}
    return {"document_id": "d", "precedent": precedent}


def told(engine: Engine, actor: Actor, cited: dict[str, Any]) -> bool:
    with desk_for(engine, actor, write=False) as desk:
        return desk.matches.citable([cited, {"document_id": "e", "precedent": None}]) == {"d"}


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("owner", True), ("office", True), ("administrator", True), ("broker", True),
        ("rival", False), ("partner", False), ("far", False), ("foreign", False),
        ("counterparty", False),
    ],
)  # fmt: skip
def test_a_precedent_is_a_decision_and_told_to_those_who_read_decisions(stored, who, may):
    public = match("public-published", "public-published")

    assert told(stored, EVERYBODY[who], public) is may


@pytest.mark.parametrize(
    "cited",
    [
        match("masked-published", "public-published"),
        match("public-published", "masked-published"),
        match("public-published", "broker-draft"),
        match("public-published", "public-published", title="从前的标题"),
        match("gone", "public-published"),
    ],
)
def test_a_precedent_names_nothing_that_the_reader_may_not_read_now(stored, cited):
    assert told(stored, EVERYBODY["office"], cited) is (
        cited["precedent"]["need"]["id"] != "need-gone"
        and cited["precedent"]["need"]["title"] == SECRET
    )
    assert not told(stored, EVERYBODY["broker"], cited)


def test_a_precedent_without_names_is_told_to_the_staff(stored: Engine):
    nameless = match(None, None)

    assert told(stored, EVERYBODY["broker"], nameless)
    assert not told(stored, UNIVERSITY, nameless)
    assert not told(stored, EVERYBODY["owner"], nameless)


def test_a_key_without_the_scope_is_told_nothing(stored: Engine):
    key = replace(EVERYBODY["office"], scopes=frozenset({"need.read", "achievement.read"}))

    assert not told(stored, key, match("public-published", "public-published"))
