"""Exports over HTTP: what one may see, and nothing that runs when it is opened."""

import io
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from tests.api.rest.conftest import ClientAs, Voice, eventually


@pytest.fixture(scope="module")
def need_id(rest_client: TestClient) -> str:
    """A need of the firm, with its match list."""
    firm = Voice(rest_client, "enterprise")
    body = {"title": "降低永磁电机的高频噪声", "text": "整机噪声过大。"}
    made = str(firm.post("/needs", json=body).json()["id"])
    eventually(lambda: firm.get(f"/needs/{made}/matches").json()["state"] == "ready", timeout_s=60)
    return made


def test_a_match_list_comes_at_once_as_excel_and_as_json(client_as: ClientAs, need_id: str):
    firm = client_as("enterprise")

    answers = [
        firm.post("/exports", json={"kind": "matches", "need": need_id, "format": format})
        for format in ("xlsx", "json")
    ]
    files = [firm.get(f"/exports/{answer.json()['id']}/file") for answer in answers]

    assert [a.status_code for a in answers] == [201, 201]
    assert {a.json()["state"] for a in answers} == {"ready"}
    listed = firm.get(f"/needs/{need_id}/matches", params={"k": 50}).json()["matches"]
    assert listed
    sheet = load_workbook(io.BytesIO(files[0].content))["匹配清单"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][2] == "成果名称 title"
    assert [row[1] for row in rows[1:]] == [match["document_id"] for match in listed]
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["C"].width > 8
    plain = files[1].json()
    assert [m["document_id"] for m in plain["matches"]] == [m["document_id"] for m in listed]
    assert "attachment" in files[0].headers["content-disposition"]
    assert files[0].headers["x-content-type-options"] == "nosniff"


def test_nobody_exports_what_he_may_not_see_or_fetches_what_others_exported(
    client_as: ClientAs, need_id: str
):
    firm = client_as("enterprise")
    export_id = firm.post("/exports", json={"kind": "matches", "need": need_id}).json()["id"]

    for name in ("rival", "university"):
        voice = client_as(name)
        order = voice.post("/exports", json={"kind": "matches", "need": need_id})
        assert order.status_code in (403, 404)
    for name in ("rival", "broker", "office", "administrator"):
        assert client_as(name).get(f"/exports/{export_id}").status_code == 404
        assert client_as(name).get(f"/exports/{export_id}/file").status_code == 404
        assert export_id not in [e["id"] for e in client_as(name).get("/exports").json()["items"]]
    assert export_id in [e["id"] for e in firm.get("/exports").json()["items"]]


def test_cases_are_exported_by_a_job_each_reader_his_own_and_no_text_is_a_formula(
    client_as: ClientAs, need_id: str
):
    firm, broker, office = (client_as(name) for name in ("enterprise", "broker", "office"))
    office.post(f"/needs/{need_id}/steps", json={"step": "publish"})
    achievement = firm.get(f"/needs/{need_id}/matches").json()["matches"][0]["document_id"]
    taken = broker.post("/cases", json={"need": need_id, "achievement": achievement})
    assert taken.status_code == 201
    action = "=HYPERLINK(1)"
    broker.patch(
        f"/cases/{taken.json()['id']}",
        json={"next_action": action},
        headers={"If-Match": taken.headers["etag"]},
    )

    def cells_of(voice: Voice) -> list[Any]:
        export_id = voice.post("/exports", json={"kind": "cases"}).json()["id"]
        eventually(lambda: voice.get(f"/exports/{export_id}").json()["state"] == "ready")
        content = voice.get(f"/exports/{export_id}/file").content
        return [cell for row in load_workbook(io.BytesIO(content))["跟进"] for cell in row]

    case_id = taken.json()["id"]
    of_broker = cells_of(broker)
    assert case_id in [cell.value for cell in of_broker]
    for posting in (f"/needs/{need_id}", f"/achievements/{achievement}"):
        assert broker.get(posting).json()["title"] in [cell.value for cell in of_broker]
    assert case_id in [cell.value for cell in cells_of(office)]
    assert case_id not in [cell.value for cell in cells_of(client_as("second_broker"))]
    assert case_id not in [cell.value for cell in cells_of(client_as("rival"))]
    found = next(cell for cell in of_broker if cell.value == action)
    assert (found.data_type, found.quotePrefix) == ("s", True)


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "matches"},
        {"kind": "matches", "need": "n-1", "plan": 1},
        {"kind": "plan"},
        {"kind": "cases", "need": "n-1"},
        {"kind": "users"},
        {"kind": "cases", "format": "pdf"},
    ],
)
def test_an_order_names_what_its_kind_is_about(client_as: ClientAs, body: dict[str, Any]):
    assert client_as("office").post("/exports", json=body).status_code == 422


def test_a_plan_that_does_not_exist_fails_the_job_and_a_broker_gets_none(client_as: ClientAs):
    for name in ("office", "broker"):
        voice = client_as(name)
        export = voice.post("/exports", json={"kind": "plan", "plan": 99}).json()
        job = eventually(
            lambda voice=voice, export=export: (
                (found := voice.get(f"/jobs/{export['job']}").json())["state"] == "failed" and found
            )
        )
        assert job["error"]["zh"]
        answer = voice.get(f"/exports/{export['id']}/file")
        assert (answer.status_code, answer.json()["code"]) == (409, "not-made-yet")
