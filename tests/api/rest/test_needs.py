"""Needs over HTTP: posting, changing, steps, masks, lists."""

import pytest

from tests.api.rest.conftest import ClientAs, eventually

DRAFT = {
    "title": "降低永磁电机高频噪声",
    "text": "现有电机在6000 r/min时噪声72 dB(A)。",
    "status": "draft",
}


def post(client_as: ClientAs, who: str = "enterprise", **fields) -> dict:
    answer = client_as(who).post("/needs", json=DRAFT | fields)
    assert answer.status_code == 201, answer.text
    return answer.json()


def take(client_as: ClientAs, who: str, need: dict, step: str, reason: str = "") -> int:
    body = {"step": step, "reason": reason}
    return client_as(who).post(f"/needs/{need['id']}/steps", json=body).status_code


def test_a_draft_is_seen_by_its_owner_and_by_no_other_enterprise(client_as: ClientAs):
    need = post(client_as)

    assert client_as("enterprise").get(f"/needs/{need['id']}").json()["title"] == DRAFT["title"]
    assert client_as("rival").get(f"/needs/{need['id']}").status_code == 404
    assert client_as("university").get(f"/needs/{need['id']}").status_code == 404


def test_a_need_is_submitted_returned_with_reasons_and_published(client_as: ClientAs):
    need = post(client_as)

    assert take(client_as, "enterprise", need, "publish") == 403
    assert take(client_as, "enterprise", need, "submit") == 200
    assert take(client_as, "office", need, "return") == 422
    assert take(client_as, "office", need, "return", "请写明转速") == 200
    assert take(client_as, "enterprise", need, "submit") == 200
    assert take(client_as, "office", need, "publish") == 200
    assert take(client_as, "office", need, "publish") == 409
    events = client_as("enterprise").get(f"/needs/{need['id']}/events").json()
    assert [e["step"] for e in events][:5] == [
        "create", "step.submit", "step.return", "step.submit", "step.publish",
    ]  # fmt: skip
    assert events[2]["reason"] == "请写明转速"


def test_a_lost_update_is_refused(client_as: ClientAs):
    need = post(client_as)
    path, mine = f"/needs/{need['id']}", client_as("enterprise")
    etag = mine.get(path).headers["etag"]

    first = mine.patch(path, json={"budget_cny": 5}, headers={"if-match": etag})
    second = mine.patch(path, json={"budget_cny": 6}, headers={"if-match": etag})
    blind = mine.patch(path, json={"budget_cny": 7})

    assert [first.status_code, second.status_code, blind.status_code] == [200, 412, 428]
    assert mine.get(path).json()["budget_cny"] == 5
    assert second.json()["code"] == "changed"


def test_nobody_changes_the_need_of_another(client_as: ClientAs):
    need = post(client_as, "office", organization="e-nev-1", status="published")
    path = f"/needs/{need['id']}"
    etag = client_as("rival").get(path).headers["etag"]

    assert (
        client_as("rival")
        .patch(path, json={"budget_cny": 1}, headers={"if-match": etag})
        .status_code
        == 403
    )
    assert client_as("university").post("/needs", json=DRAFT).status_code == 403
    assert (
        client_as("rival").post("/needs", json=DRAFT | {"organization": "e-nev-1"}).status_code
        == 403
    )


def test_the_match_list_is_ready_soon_after_posting(client_as: ClientAs):
    need = post(client_as, status="submitted")

    found = eventually(
        lambda: (
            (body := client_as("enterprise").get(f"/needs/{need['id']}/matches").json())["state"]
            == "ready"
            and body
        )
    )

    assert found["matches"][0]["rank"] == 1
    assert found["matches"][0]["levels"]
    assert found["matches"][0]["paths"] is not None
    assert client_as("rival").get(f"/needs/{need['id']}/matches").status_code == 404


def test_a_masked_need_shows_its_summary_only_and_quotes_nothing_else(client_as: ClientAs):
    secret = "代号金瓯七号的转子护套"
    need = post(
        client_as, text=f"{secret}在高速下噪声72 dB(A)。", must_have=[secret], visibility="masked"
    )
    path = f"/needs/{need['id']}"
    mask = {"title": "求高速电机降噪", "summary": "某企业求电机降噪方案。", "terms": ["金瓯"]}

    assert take(client_as, "enterprise", need, "submit") == 200
    assert take(client_as, "office", need, "publish") == 409
    written = client_as("enterprise").put(f"{path}/mask", json=mask | {"approve": True})
    assert written.json()["warnings"] == []
    assert take(client_as, "office", need, "publish") == 200

    for who in ("rival", "university", "broker"):
        shown = client_as(who).get(path)
        assert (shown.json()["view"], shown.json()["title"]) == ("summary", "求高速电机降噪")
        assert secret not in shown.text
        assert shown.json()["organization"] is None
    listed = eventually(
        lambda: (a := client_as("broker").get(f"{path}/matches")).json()["matches"] and a
    )
    assert "金瓯" not in listed.text
    assert client_as("rival").get(f"{path}/matches").status_code == 403
    assert secret in client_as("office").get(path).text


def test_the_mask_check_warns_of_the_firm_and_of_listed_terms(client_as: ClientAs):
    need = post(client_as, visibility="masked")
    mask = {"title": "求降噪", "summary": "联系13812345678，代号金瓯。", "terms": ["金瓯"]}

    written = client_as("enterprise").put(f"/needs/{need['id']}/mask", json=mask)

    assert {w["kind"] for w in written.json()["warnings"]} == {"phone", "term"}


def test_a_search_finds_words_and_does_not_find_what_a_mask_hides(client_as: ClientAs):
    found = client_as("rival").get("/needs", params={"q": "保险粉"}).json()["items"]
    assert any("保险粉" in need["title"] + need["text"] for need in found)

    hidden = post(
        client_as, "office", organization="e-nev-1", title="求解玄武岩纤维铺放", status="draft"
    )
    assert client_as("rival").get("/needs", params={"q": "玄武岩纤维铺放"}).json()["items"] == []
    assert hidden["id"]


def test_pages_hold_every_need_once(client_as: ClientAs):
    seen, cursor = [], None
    while True:
        page = (
            client_as("broker")
            .get("/needs", params={"limit": 20, "cursor": cursor} if cursor else {"limit": 20})
            .json()
        )
        seen += [need["id"] for need in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) >= 60


def test_a_repeated_post_is_answered_once(client_as: ClientAs):
    headers = {"idempotency-key": "k-1"}
    mine = client_as("enterprise")

    first = mine.post("/needs", json=DRAFT, headers=headers)
    again = mine.post("/needs", json=DRAFT, headers=headers)
    other = mine.post("/needs", json=DRAFT | {"title": "另一个"}, headers=headers)

    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""}, {"title": "a\0b"}, {"title": "\ud800"}, {"budget_cny": -1},
        {"deadline": "9999-12-31"}, {"county": "nowhere"}, {"chains": ["nowhere"]},
        {"unknown": 1}, {"status": "signed"}, {"min_trl": 10},
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_the_field_at_fault(client_as: ClientAs, wrong: dict):
    import json

    body = json.dumps(DRAFT | wrong).encode()
    answer = client_as("enterprise").post(
        "/needs", content=body, headers={"content-type": "application/json"}
    )

    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert next(iter(wrong)) in problem["errors"][0]["field"]
    assert problem["zh"]
    assert problem["en"]
