"""Jobs over HTTP: who may start, see and stop which."""

from typing import Any

import pytest

from tests.api.rest.conftest import ClientAs, eventually
from tests.api.rest.test_imports import csv_of, upload


def ended(voice: Any, job_id: str) -> dict[str, Any]:
    """The job once it has ended."""
    return eventually(
        lambda: (
            (job := voice.get(f"/jobs/{job_id}").json())["state"] not in ("queued", "running")
            and job
        )
    )


@pytest.mark.parametrize("kind", ["reindex", "rematch"])
def test_the_office_starts_work_of_the_whole_service(client_as: ClientAs, kind: str):
    office = client_as("office")

    answer = office.post("/jobs", json={"kind": kind})
    job = ended(office, answer.json()["id"])

    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/jobs/{job['id']}"
    assert (job["state"], job["kind"], job["asked_by"]) == ("done", kind, "u-office")
    assert job["result"]
    assert job["finished_at"] >= job["started_at"] >= job["created_at"]


def test_training_on_too_little_fails_with_the_reason_and_may_be_retried(client_as: ClientAs):
    office = client_as("administrator")

    job = ended(office, office.post("/jobs", json={"kind": "train"}).json()["id"])
    retried = office.post(f"/jobs/{job['id']}/retry")
    again = ended(office, job["id"])

    assert job["state"] == "failed"
    assert job["error"]["zh"]
    assert job["error"]["en"]
    assert retried.status_code == 200
    assert (again["state"], again["attempt"]) == ("failed", 2)


@pytest.mark.parametrize("name", ["enterprise", "university", "broker"])
def test_nobody_else_may_start_it_or_see_it(client_as: ClientAs, name: str):
    job_id = client_as("office").post("/jobs", json={"kind": "rematch"}).json()["id"]
    voice = client_as(name)

    assert voice.post("/jobs", json={"kind": "rematch"}).status_code == 403
    assert voice.get(f"/jobs/{job_id}").status_code == 404
    assert voice.post(f"/jobs/{job_id}/cancel").status_code == 404
    assert voice.post(f"/jobs/{job_id}/retry").status_code == 404
    assert job_id not in [job["id"] for job in voice.get("/jobs").json()["items"]]


@pytest.mark.parametrize("kind", ["import", "expire", "nonsense"])
def test_other_kinds_are_not_for_starting_by_hand(client_as: ClientAs, kind: str):
    assert client_as("office").post("/jobs", json={"kind": kind}).status_code == 422


def test_the_owner_follows_his_own_job_and_the_office_every_one(client_as: ClientAs):
    firm, office = client_as("enterprise"), client_as("office")
    import_id = upload(firm, csv_of(("job-1", "轴承座共振", "", "", "草稿", ""))).json()["id"]

    job_id = firm.post(f"/imports/{import_id}/confirm").json()["job"]
    job = ended(firm, job_id)

    assert (job["kind"], job["state"], job["done"], job["total"]) == ("import", "done", 1, 1)
    assert job["message"]["zh"]
    for voice in (firm, office):
        assert job_id in [found["id"] for found in voice.get("/jobs").json()["items"]]
    assert firm.post(f"/jobs/{job_id}/cancel").json()["code"] == "job-has-ended"
    assert firm.post(f"/jobs/{job_id}/retry").json()["code"] == "job-not-retried"


def test_a_list_of_jobs_comes_page_by_page(client_as: ClientAs):
    office = client_as("office")
    for _ in range(3):
        ended(office, office.post("/jobs", json={"kind": "rematch"}).json()["id"])

    first = office.get("/jobs", params={"limit": 2, "kind": "rematch"}).json()
    second = office.get(
        "/jobs", params={"limit": 2, "kind": "rematch", "cursor": first["next_cursor"]}
    ).json()

    assert len(first["items"]) == 2
    assert not {job["id"] for job in first["items"]} & {job["id"] for job in second["items"]}
    assert {job["kind"] for job in first["items"] + second["items"]} == {"rematch"}
    assert office.get("/jobs", params={"cursor": "nonsense"}).status_code == 422
