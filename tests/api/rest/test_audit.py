"""The audit over HTTP."""

import pytest
from fastapi import FastAPI

from data.audit_check import verify
from tests.api.rest.conftest import ClientAs


def test_the_office_sees_who_did_what(client_as: ClientAs):
    made = client_as("enterprise").post(
        "/needs", json={"title": "轴承降噪", "text": "高速轴承噪声大"}
    )
    assert made.status_code == 201

    found = client_as("office").get("/audit", params={"item": made.json()["id"]})

    assert found.status_code == 200
    entry = found.json()["items"][-1]
    assert (entry["actor"], entry["role"], entry["operation"]) == (
        "u-enterprise", "enterprise", "need.create",
    )  # fmt: skip
    assert entry["request"] == made.headers["x-request-id"]
    assert entry["address"] == "testclient"
    assert "高速轴承" not in found.text


def test_pages_follow_one_another_without_gap_or_repetition(client_as: ClientAs):
    for _ in range(3):
        client_as("office").get("/audit")

    first = client_as("administrator").get("/audit", params={"limit": 2}).json()
    second = (
        client_as("administrator")
        .get("/audit", params={"limit": 2, "cursor": first["next_cursor"]})
        .json()
    )

    numbers = [entry["seq"] for entry in first["items"] + second["items"]]
    assert numbers == list(range(numbers[0], numbers[0] - 4, -1))


def test_filters_by_who_what_and_when(client_as: ClientAs):
    client_as("administrator").get("/audit")
    wanted = {"actor": "u-administrator", "operation": "audit.read"}

    found = client_as("office").get("/audit", params=wanted).json()["items"]
    none = client_as("office").get("/audit", params={**wanted, "until": "2001-01-01T00:00:00Z"})

    assert {(e["actor"], e["operation"]) for e in found} == {("u-administrator", "audit.read")}
    assert none.json()["items"] == []


@pytest.mark.parametrize("name", ["enterprise", "university", "broker"])
def test_nobody_else_reads_it(client_as: ClientAs, name: str):
    assert client_as(name).get("/audit").status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"cursor": "x"}, {"operation": "need.steal"}, {"since": "2026-01-01T00:00:00"},
        {"until": "yesterday"}, {"limit": 0}, {"actor": "a\0b"}, {"item": "x" * 201},
    ],
)  # fmt: skip
def test_filters_that_mean_nothing_are_refused(client_as: ClientAs, wrong: dict[str, object]):
    assert client_as("office").get("/audit", params=wrong).status_code == 422


def test_the_chain_stays_whole_under_requests(rest_app: FastAPI, client_as: ClientAs):
    client_as("office").get("/audit")

    assert verify(rest_app.state.service.engine).broken is None
