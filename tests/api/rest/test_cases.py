"""Cases over HTTP: taking up, following, files, and what others see of them."""

import itertools
from typing import Any

import pytest

from tests.api.rest.conftest import ClientAs

PDF = b"%PDF-1.7 \xe2\xe3"
TEXT = {"title": "降低高速电机转子涡流损耗", "text": "求可量产的护套。", "status": "published"}
OFFER = {"title": "碳纤维缠绕护套", "text": "预张力缠绕。", "trl": 6, "status": "published"}

_numbers = itertools.count()


@pytest.fixture
def match(client_as: ClientAs) -> dict[str, str]:
    """A published need of e-nev-1 and a published achievement of u-01, new for each test."""
    mark = f"（{next(_numbers)}）"
    need = TEXT | {"title": TEXT["title"] + mark, "organization": "e-nev-1"}
    offer = OFFER | {"title": OFFER["title"] + mark, "organization": "u-01"}
    office = client_as("office")
    return {
        "need": office.post("/needs", json=need).json()["id"],
        "achievement": office.post("/achievements", json=offer).json()["id"],
    }


@pytest.fixture
def case(client_as: ClientAs, match: dict[str, str]) -> dict[str, Any]:
    """That match in the hands of the broker."""
    answer = client_as("broker").post("/cases", json=match)
    assert answer.status_code == 201, answer.text
    return answer.json()


def move(client_as: ClientAs, case: dict[str, Any], stage: str, **said: Any):
    body = {"stage": stage} | said
    return client_as("broker").post(f"/cases/{case['id']}/stage", json=body)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_match_is_followed_from_first_contact_to_signature(
    client_as: ClientAs, case: dict[str, Any]
):
    broker = client_as("broker")
    assert (case["stage"], case["need_status"]) == ("contacting", "in_contact")
    assert case["next_stages"] == ["clarifying", "dropped"]
    assert case["need_title"].startswith(TEXT["title"])
    assert case["achievement_title"].startswith(OFFER["title"])

    for stage in ("clarifying", "validating", "negotiating"):
        assert move(client_as, case, stage).json()["stage"] == stage
    assert code(move(client_as, case, "signed")) == (422, "not-acceptable")
    signed = move(client_as, case, "signed", value_cny=1_200_000)
    closed = move(client_as, case, "closed")

    assert (signed.json()["stage"], signed.json()["need_status"]) == ("signed", "signed")
    assert (closed.json()["value_cny"], closed.json()["need_status"]) == (1_200_000, "signed")
    assert code(move(client_as, case, "contacting")) == (409, "illegal-move")
    read = broker.get(f"/needs/{case['need']}").json()
    assert read["status"] == "signed"
    told = broker.get("/decisions", params={"need": case["need"]}).json()["items"]
    assert [(d["verdict"], d["level"]) for d in told] == [("accept", 4), ("accept", None)]


def test_a_taken_match_is_refused_without_naming_who_has_it(
    client_as: ClientAs, case: dict[str, Any]
):
    pair = {"need": case["need"], "achievement": case["achievement"]}

    other = client_as("second_broker").post("/cases", json=pair)
    own = client_as("broker").post("/cases", json=pair)

    assert code(other) == code(own) == (409, "pair-taken")
    assert case["id"] not in other.text
    assert "u-broker" not in other.text
    assert case["id"] in own.json()["detail"]


@pytest.mark.parametrize(
    ("who", "status"),
    [("enterprise", 403), ("university", 403), ("office", 403), ("administrator", 403)],
)
def test_only_brokers_take_matches_up(
    client_as: ClientAs, match: dict[str, str], who: str, status: int
):
    assert client_as(who).post("/cases", json=match).status_code == status


def test_the_same_request_twice_opens_one_case(client_as: ClientAs, match: dict[str, str]):
    headers = {"idempotency-key": "k-1"}

    first = client_as("broker").post("/cases", json=match, headers=headers)
    again = client_as("broker").post("/cases", json=match, headers=headers)

    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["location"] == f"/v1/cases/{first.json()['id']}"


def test_a_plan_is_changed_with_its_etag_and_an_overdue_case_is_found(
    client_as: ClientAs, case: dict[str, Any]
):
    broker, path = client_as("broker"), f"/cases/{case['id']}"
    etag = broker.get(path).headers["etag"]
    plan = {"next_action": "约技术会", "due": "2020-01-31"}

    changed = broker.patch(path, json=plan, headers={"if-match": etag})
    stale = broker.patch(path, json={"due": None}, headers={"if-match": etag})
    blind = broker.patch(path, json={"due": None})

    assert changed.json()["overdue"] is True
    assert changed.json()["next_action"] == "约技术会"
    assert [stale.status_code, blind.status_code] == [412, 428]
    late = broker.get("/cases", params={"overdue": True, "mine": True}).json()["items"]
    assert case["id"] in [item["id"] for item in late]
    fresh = changed.headers["etag"]
    due = broker.patch(path, json={"due": "2199-12-31"}, headers={"if-match": fresh})
    assert due.json()["overdue"] is False


def test_both_sides_follow_a_summary_and_strangers_nothing(
    client_as: ClientAs, case: dict[str, Any]
):
    path = f"/cases/{case['id']}"
    broker = client_as("broker")
    plan = {"next_action": "只有经纪人知道", "due": "2020-01-31", "value_cny": 77_777}
    broker.patch(path, json=plan, headers={"if-match": f'"{case["etag"]}"'})
    broker.post(f"{path}/notes", json={"text": "企业资金紧张"})

    for who in ("enterprise", "university"):
        seen = client_as(who).get(path)
        assert (seen.status_code, seen.json()["view"]) == (200, "summary")
        for secret in ("只有经纪人知道", "77777", "2020-01-31", "资金"):
            assert secret not in seen.text
        assert client_as(who).get(f"{path}/events").status_code == 403
        assert client_as(who).get(f"{path}/files").status_code == 403
        moved = client_as(who).post(f"{path}/stage", json={"stage": "clarifying"})
        assert moved.status_code == 403
    for who in ("rival", "other_university", "second_broker"):
        voice = client_as(who)
        paths = (path, f"{path}/events", f"{path}/files")
        assert [voice.get(one).status_code for one in paths] == [404, 404, 404]
        assert case["id"] not in voice.get("/cases").text
    assert client_as("office").get(path).json()["next_action"] == "只有经纪人知道"
    events = client_as("office").get(f"{path}/events").json()["items"]
    assert [e["kind"] for e in events] == ["note", "action", "stage"]


def test_a_file_is_filed_once_and_comes_back_as_a_harmless_attachment(
    client_as: ClientAs, case: dict[str, Any]
):
    broker, path = client_as("broker"), f"/cases/{case['id']}/files"
    sent = {"file": ("合同 1.pdf", PDF, "text/html")}
    headers = {"idempotency-key": "f-1"}

    filed = broker.post(path, files=sent, headers=headers)
    again = broker.post(path, files=sent, headers=headers)
    other = broker.post(path, files={"file": ("b.pdf", PDF)}, headers=headers)
    loaded = client_as("office").get(f"{path}/{filed.json()['id']}")

    assert filed.status_code == 201, filed.text
    assert again.json() == filed.json()
    assert code(other) == (422, "key-reused")
    assert len(broker.get(path).json()["items"]) == 1
    assert loaded.content == PDF
    assert loaded.headers["content-type"] == "application/pdf"
    assert loaded.headers["x-content-type-options"] == "nosniff"
    assert loaded.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E5")


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.html", b"<script>alert(1)</script>", (415, "unsupported-file")),
        ("a.pdf", b"<script>", (415, "unsupported-file")),
        ("a.pdf", PDF + b"x" * (10 * 2**20), (413, "file-too-large")),
    ],
    ids=["html", "disguised", "large"],
)
def test_a_file_that_is_unfit_is_refused(
    client_as: ClientAs, case: dict[str, Any], name: str, content: bytes, problem: tuple
):
    path = f"/cases/{case['id']}/files"

    assert code(client_as("broker").post(path, files={"file": (name, content)})) == problem


def test_a_dropped_case_says_why_and_the_match_is_free_again(
    client_as: ClientAs, case: dict[str, Any]
):
    pair = {"need": case["need"], "achievement": case["achievement"]}

    dropped = move(client_as, case, "dropped", reason="price", note="报价过高")

    assert (dropped.json()["reason"], dropped.json()["need_status"]) == ("price", "in_contact")
    taken = client_as("second_broker").post("/cases", json=pair)
    assert taken.status_code == 201
    told = client_as("office").get("/decisions", params=pair).json()["items"]
    assert [(d["verdict"], d["reason"]) for d in told] == [
        ("accept", None),
        ("reject", "price"),
        ("accept", None),
    ]


def test_cases_are_filtered_by_stage_need_and_achievement(
    client_as: ClientAs, case: dict[str, Any]
):
    def listed(**params: str) -> list[str]:
        answer = client_as("broker").get("/cases", params=params)
        return [item["id"] for item in answer.json()["items"]]

    assert listed(need=case["need"]) == [case["id"]]
    assert listed(achievement=case["achievement"], stage="contacting") == [case["id"]]
    assert listed(achievement=case["achievement"], stage="signed") == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/cases", {"need": "n", "achievement": "a\0"}),
        ("/cases", {"need": "n", "achievement": "a", "broker": "me"}),
        ("/cases", {"need": "n"}),
    ],
)
def test_a_malformed_body_is_refused(client_as: ClientAs, path: str, body: dict):
    assert code(client_as("broker").post(path, json=body)) == (422, "malformed-request")


@pytest.mark.parametrize(
    "body",
    [
        {"stage": "won"},
        {"stage": "dropped", "reason": "rude"},
        {"stage": "signed", "value_cny": -1},
        {"stage": "signed", "value_cny": 10**30},
    ],
)
def test_an_unknown_stage_reason_or_value_is_refused(
    client_as: ClientAs, case: dict[str, Any], body: dict
):
    answer = client_as("broker").post(f"/cases/{case['id']}/stage", json=body)

    assert code(answer) == (422, "malformed-request")


def test_the_office_assigns_to_brokers_only(client_as: ClientAs, case: dict[str, Any]):
    path = f"/cases/{case['id']}/assign"

    assert client_as("broker").post(path, json={"broker": "u-broker-2"}).status_code == 403
    refused = client_as("office").post(path, json={"broker": "u-office"})
    assert code(refused) == (422, "not-acceptable")
    assert refused.json()["errors"][0]["field"] == "broker"
