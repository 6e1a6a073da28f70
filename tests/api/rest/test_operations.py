"""What machines ask about the service, and what stands around every answer."""

import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.live.following import Lag
from data.backup import back_up, restore
from data.errors import CannotConnect
from data.session import make_engine
from tests.api.rest.conftest import WHO, ClientAs


@pytest.fixture
def here(rest_client: TestClient, rest_app: FastAPI) -> TestClient:
    """Asks from this very machine."""
    return TestClient(rest_app, client=("127.0.0.1", 50000))


@pytest.fixture
def stand_in(rest_app: FastAPI) -> Iterator[SimpleNamespace]:
    """A service whose parts a test may break."""
    whole = rest_app.state.service
    rest_app.state.service = SimpleNamespace(engine=whole.engine, encoder=whole.encoder)
    yield rest_app.state.service
    rest_app.state.service = whole


def test_the_process_says_that_it_is_alive_without_asking_anything_else(
    rest_client: TestClient, rest_app: FastAPI
):
    answer = rest_client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_service_with_all_its_parts_is_ready(rest_client: TestClient):
    answer = rest_client.get("/readyz")

    assert answer.status_code == 200
    told = answer.json()
    assert (told["ready"], told["mode"], told["health"]) == (True, "full", "good")
    assert [part["name"] for part in told["parts"]] == ["database", "model", "match_lists"]


def test_without_its_model_the_service_is_ready_for_lexical_matching(
    rest_client: TestClient, stand_in: SimpleNamespace
):
    stand_in.model_problem = "no such file: /srv/model"

    answer = rest_client.get("/readyz")

    assert answer.status_code == 200
    assert (answer.json()["mode"], answer.json()["health"]) == ("lexical", "degraded")
    assert "/srv/model" not in answer.text


def test_without_its_database_the_service_is_not_ready_and_names_no_host(
    rest_client: TestClient, rest_app: FastAPI, monkeypatch: pytest.MonkeyPatch
):
    def away(_: object) -> None:
        raise CannotConnect("postgresql://db.internal/yilian", "refused")

    monkeypatch.setattr("api.operations.readiness.check", away)
    answer = rest_client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    database = answer.json()["parts"][0]
    assert (database["health"], "CannotConnect" in database["words"]) == ("broken", True)
    assert "db.internal" not in answer.text


def test_match_lists_that_stay_behind_are_told_and_do_not_stop_the_service(
    rest_client: TestClient, rest_app: FastAPI, monkeypatch: pytest.MonkeyPatch
):
    behind = Lag(waiting=9, since_s=4000.0)
    monkeypatch.setattr(rest_app.state.follower, "lag", lambda: behind)

    answer = rest_client.get("/readyz")

    assert (answer.status_code, answer.json()["health"]) == (200, "degraded")


def test_figures_count_requests_by_template_and_never_by_id(here: TestClient, client_as: ClientAs):
    client_as("office").get("/needs/n-nobody-has-this")
    here.get("/wp-admin/setup.php")

    figures = here.get("/metrics").text

    assert 'route="/v1/needs/{' in figures
    assert 'route="unmatched",status="404"' in figures
    assert "n-nobody-has-this" not in figures
    assert "wp-admin" not in figures


def test_figures_tell_of_queues_jobs_indexes_and_memory(here: TestClient):
    figures = here.get("/metrics").text

    for name in (
        "yilian_match_lists_waiting",
        "yilian_match_lists_lag_seconds",
        'yilian_index_entries{kind="achievements"}',
        "yilian_audit_entries",
        "process_resident_memory_bytes",
        "yilian_http_request_duration_seconds_bucket",
    ):
        assert name in figures


def test_figures_are_for_this_machine_and_for_administrators(
    rest_client: TestClient, here: TestClient
):
    def status(client: TestClient, **headers: str) -> int:
        return client.get("/metrics", headers=headers).status_code

    assert status(here) == 200
    assert status(rest_client, **{WHO: "administrator"}) == 200
    assert status(rest_client, **{WHO: "office"}) == 403
    # a proxy on this machine passes on what comes from elsewhere
    assert status(here, **{"x-forwarded-for": "192.0.2.7", WHO: "broker"}) == 403


def test_every_answer_bears_the_id_of_its_request(rest_client: TestClient):
    sent = rest_client.get("/healthz", headers={"x-request-id": "abc-1.x_Y"})
    first, second = rest_client.get("/healthz"), rest_client.get("/healthz")

    assert sent.headers["x-request-id"] == "abc-1.x_Y"
    assert len({first.headers["x-request-id"], second.headers["x-request-id"]}) == 2


@pytest.mark.parametrize("unfit", ["", "a b", "x" * 65, "a\tb", "é", "a;b"])
def test_an_id_unfit_for_a_log_is_replaced(rest_client: TestClient, unfit: str):
    headers = {"x-request-id": unfit.encode("latin-1")}

    answer = rest_client.get("/healthz", headers=headers)

    assert answer.headers["x-request-id"] != unfit


def test_a_problem_quotes_the_id_of_its_request(client_as: ClientAs):
    answer = client_as("office").get("/needs/none", headers={"x-request-id": "r-17"})

    assert answer.json()["request_id"] == "r-17"


def test_the_log_has_one_line_a_request_with_who_and_how_it_ended(
    client_as: ClientAs, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.INFO, logger="yilian.access"):
        client_as("office").get("/needs/none?q=geheim", headers={"authorization": "Bearer xyz"})

    (line,) = [r for r in caplog.records if r.name == "yilian.access"]
    told = vars(line)
    assert (told["method"], told["path"], told["status"]) == ("GET", "/v1/needs/none", 404)
    assert (told["actor"], told["client"]) == ("u-office", "testclient")
    assert told["duration_ms"] > 0
    assert "geheim" not in str(told)
    assert "xyz" not in str(told)


def test_answers_tell_browsers_to_be_careful(client_as: ClientAs, rest_client: TestClient):
    answer = client_as("office").get("/needs?limit=1")

    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in answer.headers


def test_a_body_over_the_limit_is_refused_as_a_problem(client_as: ClientAs):
    answer = client_as("enterprise").post("/needs", content=b" " * (2 * 2**20 + 1))

    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


def test_a_running_service_answers_from_a_restored_database(
    rest_app: FastAPI, client_as: ClientAs, tmp_path: Path
):
    def post(title: str) -> str:
        made = client_as("enterprise").post("/needs", json={"title": title, "text": "高速轴承"})
        assert made.status_code == 201
        return f"/needs/{made.json()['id']}"

    engine = rest_app.state.service.engine
    before = post("轴承降噪")
    back_up(engine, tmp_path / "b.tar.gz")
    after = post("轴承减重")
    # as ``yilian restore`` does beside the service
    beside = make_engine(engine.url)
    restore(beside, tmp_path / "b.tar.gz")
    beside.dispose()

    assert client_as("enterprise").get(before).status_code == 200
    assert client_as("enterprise").get(after).status_code == 404
    post("轴承润滑")
    asked = client_as("office").post("/match", json={"text": "降低电机噪声"})
    assert (asked.status_code, len(asked.json()["matches"]) > 0) == (200, True)
    assert client_as("office").get("/audit?operation=store.restore").json()["items"]
