"""Brokers and the office say what they want to hear of; others cannot."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.rest import subscriptions
from api.service_settings import ServiceSettings
from tests.api.rest.small_app import SmallApp
from tests.data.access.case_city import (
    BROKER,
    BROKER_ELSEWHERE,
    BROKER_OF_BIOTECH,
    ENTERPRISE,
    OFFICE,
    SECOND_BROKER,
    UNIVERSITY,
)
from tests.data.news_city import fresh_city

MINE = "/subscriptions/mine"
WANTED = {
    "chains": ["nev"],
    "counties": ["yongkang", "yongkang"],
    "min_probability": 0.7,
    "channels": ["inbox", "mail"],
}


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Engine]:
    with fresh_city(tmp_path) as engine:
        yield engine


@pytest.fixture
def app(city: Engine) -> SmallApp:
    mailing = ServiceSettings(smtp_host="mail.intranet")
    return SmallApp(city, subscriptions.router, settings=mailing)


def put(app: SmallApp, actor=BROKER, etag: str = '"0"', **wanted):
    return app.ask(actor, "PUT", MINE, json=WANTED | wanted, headers={"if-match": etag})


@pytest.mark.parametrize("actor", [BROKER, OFFICE])
def test_what_was_asked_for_is_kept_and_nobody_elses(app: SmallApp, actor):
    before = app.ask(actor, "GET", MINE)
    written = put(app, actor, before.headers["etag"])
    after = app.ask(actor, "GET", MINE)

    assert before.json()["events"] == []
    assert written.status_code == 200, written.text
    assert after.json() == written.json()
    assert after.headers["etag"] == written.headers["etag"] != before.headers["etag"]
    assert after.json() | {"updated_at": None} == {
        "chains": ["nev"],
        "counties": ["yongkang"],
        "events": ["strong_match"],
        "min_probability": 0.7,
        "channels": ["inbox", "mail"],
        "updated_at": None,
    }
    assert app.ask(SECOND_BROKER, "GET", MINE).json()["chains"] == []


@pytest.mark.parametrize("actor", [ENTERPRISE, UNIVERSITY, replace(BROKER, scopes=frozenset())])
def test_who_may_not_hear_of_others_postings_cannot_subscribe(app: SmallApp, actor):
    assert put(app, actor).status_code == 403
    assert app.ask(actor, "GET", MINE).status_code == 403


def test_a_lost_update_is_refused(app: SmallApp):
    first, second = put(app), put(app, chains=[])

    blind = app.ask(BROKER, "PUT", MINE, json=WANTED)

    assert [first.status_code, second.status_code, blind.status_code] == [200, 412, 428]
    assert app.ask(BROKER, "GET", MINE).json()["chains"] == ["nev"]
    assert put(app, etag=first.headers["etag"], chains=[]).json()["chains"] == []
    assert put(app, etag=first.headers["etag"]).status_code == 412


@pytest.mark.parametrize("etag", ['"-1"', '"1"', '"x"', "99999999999999999999", '"²"', '""'])
def test_an_etag_that_was_never_given_is_refused(app: SmallApp, etag: str):
    assert put(app, etag=etag.encode()).status_code == 412


@pytest.mark.parametrize(
    ("actor", "field", "wrong"),
    [
        (BROKER, "chains", ["nowhere"]),
        (BROKER, "counties", ["nowhere"]),
        (BROKER, "counties", ["永康"]),
        (BROKER_OF_BIOTECH, "chains", [*BROKER_OF_BIOTECH.chains, "nev"]),
        (BROKER_ELSEWHERE, "counties", ["yongkang"]),
    ],
)
def test_a_chain_or_county_that_is_not_ones_own_is_refused(
    app: SmallApp, actor, field: str, wrong: list[str]
):
    answer = put(app, actor, **({"chains": [], "counties": []} | {field: wrong}))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_a_limited_broker_may_leave_the_choice_to_his_limits(app: SmallApp):
    assert put(app, BROKER_OF_BIOTECH, chains=[], counties=[]).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_probability": 1.01},
        {"min_probability": -0.1},
        {"min_probability": "NaN"},
        {"events": ["everything"]},
        {"channels": ["pigeon"]},
        {"chains": ["a\0b"]},
        {"chains": ["nev"] * 101},
        {"account": "somebody-else"},
    ],
)
def test_what_cannot_be_meant_is_refused(app: SmallApp, wrong: dict):
    assert put(app, **wrong).status_code == 422


def test_mail_cannot_be_asked_for_where_none_is_sent(city: Engine):
    app = SmallApp(city, subscriptions.router)

    answer = put(app)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "channels"
