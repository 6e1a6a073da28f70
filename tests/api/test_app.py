"""The REST interface."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from tests.api.conftest import settings_for


@pytest.fixture
def client(sample_home: Path, model_folder: Path) -> Iterator[TestClient]:
    with TestClient(create_app(settings_for(sample_home, model_folder))) as client:
        yield client


def test_health_counts_what_is_stored(client: TestClient):
    body = client.get("/healthz").json()

    assert body["status"] == "ok"
    assert body["counts"]["needs"] >= 60


def test_a_need_and_an_achievement_find_each_other(client: TestClient):
    need = client.get("/v1/needs/n-textile-01/matches", params={"k": 2}).json()
    achievement = client.get("/v1/achievements/a-textile-02/matches", params={"k": 1}).json()

    assert "a-textile-02" in [m["document_id"] for m in need["matches"]]
    assert achievement["matches"][0]["document_id"] == "n-textile-01"


def test_free_text_is_matched(client: TestClient):
    body = client.post("/v1/match", json={"text": "靛蓝染色不用保险粉", "k": 1}).json()

    assert len(body["matches"]) == 1


@pytest.mark.parametrize("path", ["/v1/needs/a-textile-02/matches", "/v1/needs/x/matches"])
def test_an_id_of_another_kind_or_of_none_is_not_found(client: TestClient, path: str):
    answer = client.get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


@pytest.mark.parametrize("body", [{"text": ""}, {"text": "电机", "k": 0}, {"text": "？！"}, {}])
def test_a_question_that_cannot_be_answered_is_refused(client: TestClient, body: dict):
    answer = client.post("/v1/match", json=body)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_id_may_hold_a_slash(client: TestClient):
    answer = client.get("/v1/needs/JH/2024-1/matches")

    assert answer.status_code == 404
    assert "JH/2024-1" in answer.json()["detail"]


def test_health_names_the_model(client: TestClient):
    assert client.get("/healthz").json()["model"]


def test_what_is_not_public_is_not_shown_to_strangers(client: TestClient):
    """The samples hold a need for brokers only in every chain."""
    shown = client.get("/v1/achievements/a-nev-01/matches", params={"k": 500}).json()["matches"]
    counts = client.get("/healthz").json()["counts"]

    hidden = counts["needs"] - len(shown)
    assert hidden >= 10
