"""Decisions, organisations, experts, chains, runs, pairings and figures over HTTP."""

from typing import Any

import pytest
from pydantic import BaseModel

from api.plans import ordering
from api.rest import (
    case_schemas,
    chains,
    decisions,
    experts,
    figures,
    organizations,
    pairing_schemas,
    runs,
)
from tests.api.rest.conftest import ClientAs, eventually

NEED, ACHIEVEMENT = "n-nev-01", "a-nev-01"


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def patch(voice: Any, path: str, **changes: Any) -> Any:
    etag = voice.get(path).headers["etag"]
    return voice.patch(path, json=changes, headers={"if-match": etag})


def test_a_match_is_judged_by_a_broker_and_never_by_its_supplier(client_as: ClientAs):
    body = {"need": NEED, "achievement": ACHIEVEMENT, "level": 3, "note": "只给同行看"}

    judged = client_as("broker").post("/decisions", json=body)
    by_supplier = client_as("university").post("/decisions", json=body)
    mixed_up = client_as("broker").post("/decisions", json=body | {"verdict": "maybe"})
    nothing = client_as("broker").post(
        "/decisions", json={"need": NEED, "achievement": ACHIEVEMENT}
    )

    assert (judged.status_code, judged.json()["who"]) == (201, "u-broker")
    assert by_supplier.status_code == 403
    assert code(mixed_up) == (422, "malformed-request")
    assert code(nothing) == (422, "bad-decision")
    pair = {"need": NEED, "achievement": ACHIEVEMENT}
    told = client_as("second_broker").get("/decisions", params=pair).json()["items"]
    assert [d["note"] for d in told] == ["只给同行看"]
    assert client_as("rival").get("/decisions", params=pair).json()["items"] == []
    assert client_as("university").get("/decisions", params=pair).status_code == 403


def test_an_enterprise_reads_the_outcome_and_not_the_brokers_note(client_as: ClientAs):
    owner = client_as("office").get(f"/needs/{NEED}").json()["organization"]
    assert owner == "e-nev-1"

    told = client_as("enterprise").get("/decisions", params={"need": NEED})

    assert [(d["level"], d["view"]) for d in told.json()["items"]] == [(3, "summary")]
    assert "只给同行看" not in told.text


def test_an_organisation_is_registered_found_and_kept_right(client_as: ClientAs):
    office = client_as("office")
    body = {"id": "e/新 1", "name": "示例电机有限公司", "kind": "enterprise", "county": "yongkang"}

    made = office.post("/organizations", json=body)
    again = office.post("/organizations", json=body)
    place = made.headers["location"].removeprefix("/v1")

    assert made.status_code == 201, made.text
    assert code(again) == (409, "already-there")
    assert client_as("rival").get(place).json()["id"] == body["id"]
    found = client_as("rival").get("/organizations", params={"q": "电机有限"}).json()["items"]
    assert [o["id"] for o in found] == [body["id"]]
    assert patch(office, place, text="主营电机").json()["text"] == "主营电机"
    assert patch(client_as("enterprise"), place, text="篡改").status_code == 403
    assert patch(client_as("enterprise"), "/organizations/e-nev-1", text="自述").status_code == 200
    assert code(patch(office, place, kind="fund")) == (422, "malformed-request")
    assert code(patch(office, place, county="nowhere")) == (422, "not-acceptable")
    assert client_as("broker").post("/organizations", json=body).status_code == 403


def test_organisations_are_listed_by_kind_county_and_chain(client_as: ClientAs):
    def listed(**params: str) -> set[str]:
        items = client_as("broker").get("/organizations", params=params).json()["items"]
        return {o["id"] for o in items}

    universities = listed(kind="university")
    assert {"u-01", "u-02"} <= universities
    assert not {o for o in universities if o.startswith("e-")}
    assert "u-01" in listed(chain="robot", kind="university")
    assert "u-02" not in listed(chain="robot", kind="university")


def test_a_university_lists_its_experts(client_as: ClientAs):
    university = client_as("university")
    body = {"name": "张示例", "title": "教授", "fields": ["永磁电机"]}

    made = university.post("/experts", json=body)
    path = f"/experts/{made.json()['id']}"

    assert (made.status_code, made.json()["organization"]) == (201, "u-01")
    assert patch(university, path, fields=["噪声"]).json()["fields"] == ["噪声"]
    assert patch(client_as("other_university"), path, title="").status_code == 403
    assert (
        client_as("other_university")
        .post("/experts", json=body | {"organization": "u-01"})
        .status_code
        == 403
    )
    assert client_as("enterprise").post("/experts", json=body).status_code == 403
    assert code(client_as("office").post("/experts", json=body)) == (422, "not-acceptable")
    listed = client_as("rival").get("/experts", params={"organization": "u-01"}).json()["items"]
    assert [e["name"] for e in listed] == ["张示例"]


def test_the_chains_and_their_map_are_read_by_everybody_and_name_nothing(client_as: ClientAs):
    chains = client_as("rival").get("/chains").json()["items"]
    assert "nev" in [chain["id"] for chain in chains]
    assert client_as("rival").get("/chains/nev").json()["segments"]
    assert client_as("rival").get("/chains/nothing").status_code == 404

    answer = client_as("rival").get("/chains/nev/map")

    entry = answer.json()
    assert answer.status_code == 200, answer.text
    assert entry["total"]["needs"] >= 1
    assert entry["total"]["achievements"] >= 1
    assert len(entry["segments"]) == len(client_as("rival").get("/chains/nev").json()["segments"])
    for secret in ("n-nev", "a-nev", "e-nev", "u-0"):
        assert secret not in answer.text
    assert client_as("rival").get("/chains/nothing/map").status_code == 404


def test_the_office_says_where_an_item_belongs(client_as: ClientAs):
    path, body = f"/chain-tags/need/{NEED}", {"places": [{"chain": "nev"}]}

    said = client_as("office").put(path, json=body)

    assert (said.status_code, said.json()["places"]) == (200, [{"chain": "nev", "segment": None}])
    assert client_as("broker").put(path, json=body).status_code == 403
    wrong = client_as("office").put(path, json={"places": [{"chain": "nothing"}]})
    assert code(wrong) == (422, "not-acceptable")
    assert client_as("office").put("/chain-tags/chain/nev", json=body).status_code == 422


def test_a_run_is_read_as_far_as_its_reader_may_see_what_it_asked(client_as: ClientAs):
    mine, office = client_as("enterprise"), client_as("office")
    secret = "代号苍鹭的转子"
    need = {
        "title": f"{secret}高速永磁电机降噪",
        "text": f"{secret}在转速60000 r/min时噪声过大，须不大于65 dB(A)。",
        "organization": "e-nev-1",
        "visibility": "masked",
        "status": "submitted",
    }
    made = mine.post("/needs", json=need).json()["id"]
    mask = {"title": "求电机降噪", "summary": "高速永磁电机降噪。", "approve": True}
    assert mine.put(f"/needs/{made}/mask", json=mask).status_code == 200
    assert office.post(f"/needs/{made}/steps", json={"step": "publish"}).status_code == 200

    wanted = {"need": made}
    runs = eventually(lambda: mine.get("/runs", params=wanted).json()["items"], timeout_s=60)
    path = f"/runs/{runs[0]['id']}"
    own, others = mine.get(path), client_as("broker").get(path)

    assert (runs[0]["query_kind"], runs[0]["query_id"]) == ("need", made)
    assert own.status_code == office.get(path).status_code == others.status_code == 200
    assert [match["rank"] for match in own.json()["matches"]][:2] == [1, 2]
    assert secret in own.text
    for word in (secret, "65 dB", "e-nev-1"):
        assert word not in others.text
    assert client_as("rival").get(path).status_code == 403
    assert client_as("rival").get("/runs", params=wanted).status_code == 403


def test_runs_are_asked_for_by_need_or_achievement(client_as: ClientAs):
    office = client_as("office")

    assert office.get("/runs/nothing").status_code == 404
    assert code(office.get("/runs")) == (422, "not-acceptable")
    both = {"need": NEED, "achievement": ACHIEVEMENT}
    assert code(office.get("/runs", params=both)) == (422, "not-acceptable")


def test_a_pairing_is_solved_kept_read_frozen_and_compared(client_as: ClientAs):
    office = client_as("office")
    body = {"kinds": ["chain"], "chains": ["nev", "robot"], "time_limit_s": 1, "name": "甲案"}

    made = office.post("/pairings", json=body)
    assert made.status_code == 201, made.text
    place = made.headers["location"].removeprefix("/v1")
    second = office.post("/pairings", json=body | {"partners": 0}).json()

    assert {team["hub"] for team in made.json()["teams"]} == {"nev", "robot"}
    assert made.json()["reasons"]
    read = client_as("broker").get(place).json()
    assert read["teams"] == made.json()["teams"]
    assert (read["reasons"], read["inputs"]) == (None, None)
    assert client_as("enterprise").get(place).status_code == 403
    assert office.post(f"{place}/freeze").json()["frozen_by"] == "u-office"
    assert code(office.post(f"{place}/freeze")) == (409, "frozen-plan")
    assert client_as("broker").post(f"{place}/freeze").status_code == 403
    told = client_as("broker").get(f"{place}/comparison", params={"other": second["version"]})
    assert (told.json()["first"], told.json()["second"]) == (
        made.json()["version"],
        second["version"],
    )
    listed = client_as("broker").get("/pairings").json()["items"]
    assert [entry["name"] for entry in listed] == ["甲案", "甲案"]
    assert code(office.get("/pairings/999")) == (404, "unknown-plan")


def test_a_pairing_whose_rules_cannot_be_meant_is_refused(client_as: ClientAs):
    rule = {"hub": "nev", "supplier": "nobody"}

    answer = client_as("office").post("/pairings", json={"fixed": [rule], "chains": ["nev"]})

    assert code(answer) == (422, "pairing-refused")
    assert client_as("broker").post("/pairings", json={}).status_code == 403


def test_one_pairing_is_solved_at_a_time(client_as: ClientAs):
    with ordering._solving:
        busy = client_as("office").post("/pairings", json={"chains": ["nev"]})

    assert code(busy) == (409, "pairing-busy")
    assert busy.headers["retry-after"] == "30"


def test_a_large_city_has_its_pairing_solved_by_a_job(
    client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
):
    office = client_as("office")
    body = {"chains": ["robot"], "time_limit_s": 1, "name": "乙案", "note": "夜间求解"}
    monkeypatch.setattr(ordering, "MOST_AT_ONCE", 3)

    assert code(office.post("/pairings", json=body)) == (422, "pairing-too-large")
    assert client_as("broker").post("/pairing-orders", json=body).status_code == 403
    with ordering._solving:  # the job waits until the second order was refused
        ordered = office.post("/pairing-orders", json=body)
        assert code(office.post("/pairing-orders", json=body)) == (409, "plan-under-way")
    place = ordered.headers["location"].removeprefix("/v1")
    eventually(lambda: office.get(place).json()["state"] == "done")

    job = office.get(place).json()
    assert (ordered.status_code, job["kind"]) == (201, "pair")
    plan = office.get(f"/pairings/{job['result']['version']}").json()
    assert (plan["name"], plan["note"], plan["author"]) == ("乙案", "夜间求解", "u-office")
    assert [team["hub"] for team in plan["teams"]] == ["robot"]


def test_a_job_whose_rules_cannot_be_meant_says_so(client_as: ClientAs):
    office = client_as("office")
    body = {"chains": ["nev"], "fixed": [{"hub": "nev", "supplier": "nobody"}]}

    place = office.post("/pairing-orders", json=body).headers["location"].removeprefix("/v1")
    eventually(lambda: office.get(place).json()["state"] == "failed")

    assert "nobody" in office.get(place).json()["error"]["zh"]


@pytest.mark.parametrize(("who", "status"), [("office", 200), ("broker", 200), ("rival", 403)])
def test_the_figures_are_for_the_office_and_brokers(client_as: ClientAs, who: str, status: int):
    answer = client_as(who).get("/figures")

    assert answer.status_code == status
    if status == 200:
        assert answer.json()["needs"]["matching"] >= 1


def test_every_operation_is_described_with_examples_that_its_schema_accepts(
    client_as: ClientAs,
):
    schema = client_as("office").client.app.openapi()
    ours = ("cases", "decisions", "organizations", "experts", "chains", "chain-tags", "runs",
            "pairings", "figures")  # fmt: skip
    seen = set()

    for path, item in schema["paths"].items():
        if path.split("/")[2:3] not in [[one] for one in ours]:
            continue
        for operation in item.values():
            assert " / " in operation["summary"]
            assert operation["description"]
            seen.add(operation["operationId"])
    assert {"move_case", "create_decision", "read_chain_map", "compare_pairings"} <= seen
    for module in (case_schemas, chains, decisions, experts, figures, organizations,
                   pairing_schemas, runs):  # fmt: skip
        for model in vars(module).values():
            if isinstance(model, type) and issubclass(model, BaseModel):
                for example in (model.model_config.get("json_schema_extra") or {}).get(
                    "examples", ()
                ):
                    model.model_validate(example)
