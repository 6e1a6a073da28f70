"""What fuzzing found to go wrong, and how it is answered now."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter

from api.rest import audit, imports, jobs
from api.rest.problems import RESPONSES
from data.errors import StoreFailure
from tests.api.rest.small_app import SmallApp
from tests.data.access.case_city import BROKER, OFFICE
from tests.data.news_city import fresh_city

broken = APIRouter(responses=RESPONSES)


@broken.get("/broken")
def fail() -> None:
    raise StoreFailure("sqlite:////home/geheim/yilian.sqlite", "disk I/O error")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[SmallApp]:
    with fresh_city(tmp_path) as engine:
        yield SmallApp(engine, audit.router, imports.router, jobs.router, broken)


def test_every_method_of_an_address_is_named_to_who_tries_another(app: SmallApp):
    answer = app.ask(OFFICE, "PUT", "/jobs")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"


def test_a_form_of_the_wrong_kind_with_a_key_for_repetition_is_malformed(app: SmallApp):
    answer = app.ask(
        BROKER,
        "POST",
        "/imports",
        content="kind=needs",
        headers={
            "content-type": "Application/X-WWW-form-urlencoded",
            "idempotency-key": "k-1",
        },
    )

    assert answer.status_code == 422


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0.5", "1767225600"]
)
def test_times_that_no_database_holds_and_bare_numbers_are_refused(app: SmallApp, moment: str):
    assert app.ask(OFFICE, "GET", "/audit", params={"since": moment}).status_code == 422


def test_what_ails_the_database_is_not_told_to_callers(app: SmallApp):
    answer = app.ask(OFFICE, "GET", "/broken")

    assert answer.status_code == 503
    assert answer.json()["code"] == "store-failure"
    assert "geheim" not in answer.text
    assert "I/O" not in answer.text
