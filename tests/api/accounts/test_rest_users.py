"""Accounts as administrators look after them."""

import socket
from email.message import Message

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.accounts.accounts import Accounts
from data.policy.actor import Role
from tests.api.accounts.people import PASSWORD, joined, make_accounts, make_app
from tests.api.accounts.test_rest_me import Person

BOSS = "boss@example.com"
DRAFT = {"email": "Wang@Example.com", "name": "王工", "role": "broker", "chains": ["nev"]}


@pytest.fixture
def boss(client: TestClient, engine: Engine, accounts: Accounts) -> Person:
    joined(engine, accounts, BOSS, Role.ADMINISTRATOR)
    return Person(client, BOSS)


def test_an_account_is_made_and_its_owner_comes_in_by_the_link(boss: Person, client: TestClient):
    answer = boss.ask("POST", "/users", DRAFT)
    made = answer.json()
    shown = boss.ask("GET", answer.headers["location"].removeprefix("/v1"))

    assert answer.status_code == 201
    assert (made["mailed"], made["user"]["invited"]) == (False, True)
    assert made["link"] == f"http://127.0.0.1:8000/welcome#{made['token']}"
    assert shown.json() == made["user"]
    assert shown.headers["etag"] == answer.headers["etag"]
    client.post(f"/v1/links/{made['token']}", json={"password": PASSWORD})
    assert Person(client, "wang@example.com").session.json()["user"]["chains"] == ["nev"]


def test_a_link_that_went_to_a_wrong_address_ends_when_the_address_is_put_right(
    boss: Person, client: TestClient
):
    def accepted(token: str) -> int:
        return client.post(f"/v1/links/{token}", json={"password": PASSWORD}).status_code

    tokens, places = [], []
    for change in ({"name": "王工程师"}, {"email": "wang.gong@example.com"}):
        made = boss.ask("POST", "/users", DRAFT | {"email": f"wang{len(tokens)}@example.com"})
        tokens.append(made.json()["token"])
        places.append(made.headers["location"].removeprefix("/v1"))
        etag = {"If-Match": made.headers["etag"]}
        assert boss.ask("PATCH", places[-1], change, **etag).status_code == 200

    assert [accepted(token) for token in tokens] == [200, 404]
    assert accepted(boss.ask("POST", f"{places[1]}/invite").json()["token"]) == 200


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"email": BOSS.upper()}, 409, "email"),
        ({"email": "no address"}, 422, "email"),
        ({"role": "enterprise", "chains": []}, 422, "organization"),
        ({"chains": ["no-such-chain"]}, 422, "chains"),
        ({"role": "system", "chains": []}, 422, "role"),
        ({"role": "god"}, 422, "body.role"),
        ({"name": "\u200b\0"}, 422, "body.name"),
        ({"password": PASSWORD}, 422, "body.password"),
    ],
)
def test_accounts_that_cannot_be_are_refused_by_field(boss: Person, change, status, field):
    answer = boss.ask("POST", "/users", DRAFT | change)

    assert answer.status_code == status
    assert answer.json()["errors"][0]["field"] == field


def test_a_change_needs_the_etag_and_takes_effect_at_once(
    boss: Person, client: TestClient, engine: Engine, accounts: Accounts
):
    account = joined(engine, accounts, "wang@example.com", Role.OFFICE)
    wang = Person(client, "wang@example.com")
    before = wang.ask("GET", "/users").status_code
    path = f"/users/{account.id}"
    etag = boss.ask("GET", path).headers["etag"]

    changed = boss.ask("PATCH", path, {"role": "administrator"}, **{"If-Match": etag})
    stale = boss.ask("PATCH", path, {"role": "office"}, **{"If-Match": etag})
    blind = boss.ask("PATCH", path, {"role": "office"})

    assert [a.status_code for a in (changed, stale, blind)] == [200, 412, 428]
    assert changed.json()["name"] == account.name
    assert (before, wang.ask("GET", "/users").status_code) == (403, 200)


def test_a_disabled_account_is_out_at_once_and_signs_in_anew_afterwards(
    boss: Person, client: TestClient, engine: Engine, accounts: Accounts
):
    account = joined(engine, accounts, "wang@example.com")
    wang = Person(client, "wang@example.com")
    assert wang.ask("GET", "/me").status_code == 200

    disabled = boss.ask("POST", f"/users/{account.id}/disable")
    out = wang.ask("GET", "/me").status_code
    enabled = boss.ask("POST", f"/users/{account.id}/enable")

    assert (disabled.json()["enabled"], enabled.json()["enabled"]) == (False, True)
    assert out == 401
    assert wang.ask("GET", "/me").status_code == 401
    assert Person(client, "wang@example.com").session.status_code == 200


def test_nobody_disables_himself_or_the_last_administrator(boss: Person):
    me = boss.ask("GET", "/me").json()["id"]
    etag = boss.ask("GET", "/me").headers["etag"]

    disabled = boss.ask("POST", f"/users/{me}/disable")
    lowered = boss.ask("PATCH", f"/users/{me}", {"role": "office"}, **{"If-Match": etag})

    assert (disabled.status_code, disabled.json()["code"]) == (409, "oneself-not-allowed")
    assert lowered.status_code == 409
    assert boss.ask("GET", "/users").status_code == 200


@pytest.mark.parametrize("role", [Role.BROKER, Role.OFFICE])
def test_others_learn_nothing_of_accounts(client, engine, accounts, role: Role):
    other = joined(engine, accounts, BOSS, Role.ADMINISTRATOR)
    joined(engine, accounts, "li@example.com", role)
    person = Person(client, "li@example.com")

    answers = [
        person.ask("GET", "/users"),
        person.ask("POST", "/users", DRAFT),
        person.ask("GET", f"/users/{other.id}"),
        person.ask("PATCH", f"/users/{other.id}", {"name": "x"}, **{"If-Match": "2"}),
        person.ask("POST", f"/users/{other.id}/disable"),
        person.ask("POST", f"/users/{other.id}/invite"),
    ]

    assert [answer.status_code for answer in answers] == [403] * 6


def test_accounts_are_listed_page_by_page(boss: Person, engine: Engine, accounts: Accounts):
    for number in range(3):
        joined(engine, accounts, f"o{number}@example.com")

    first = boss.ask("GET", "/users?limit=3").json()
    second = boss.ask("GET", f"/users?limit=3&cursor={first['next_cursor']}").json()
    offices = boss.ask("GET", "/users?role=office&q=O1@").json()
    strange = boss.ask("GET", "/users?q=%00%25' OR 1=1 --").json()

    assert (len(first["items"]), len(second["items"]), second["next_cursor"]) == (3, 1, None)
    assert len({item["id"] for item in first["items"] + second["items"]}) == 4
    assert [item["email"] for item in offices["items"]] == ["o1@example.com"]
    assert strange["items"] == []


def test_another_invitation_replaces_the_first(boss: Person, client: TestClient):
    made = boss.ask("POST", "/users", DRAFT).json()

    again = boss.ask("POST", f"/users/{made['user']['id']}/invite").json()

    old, new = (
        client.post(f"/v1/links/{token}", json={"password": PASSWORD}).status_code
        for token in (made["token"], again["token"])
    )
    assert (old, new) == (404, 200)


class Postman:
    """Takes messages instead of an SMTP server."""

    def __init__(self, *, broken: bool = False) -> None:
        self.posted: list[Message] = []
        self.broken = broken

    def post(self, message: Message) -> None:
        if self.broken:
            raise ConnectionRefusedError
        self.posted.append(message)


def test_a_link_goes_to_its_owner_only_once_mail_is_set_up(
    boss: Person, client: TestClient, monkeypatch: pytest.MonkeyPatch
):
    postman = Postman()
    monkeypatch.setattr("api.rest.users.make_mailer", lambda settings: postman)
    monkeypatch.setattr("api.rest.sign_in.make_mailer", lambda settings: postman)

    made = boss.ask("POST", "/users", DRAFT).json()
    client.post("/v1/password-resets", json={"email": BOSS})
    client.post("/v1/password-resets", json={"email": "nobody@example.com"})

    assert (made["mailed"], made["token"], made["link"]) == (True, None, None)
    invitation, reset = postman.posted
    assert (invitation["To"], reset["To"]) == ("王工 <wang@example.com>", "李工 <boss@example.com>")
    link = reset.get_content().split("http://127.0.0.1:8000/welcome#")[1].split()[0]
    answer = client.post(f"/v1/links/{link}", json={"password": "六月的荷塘月色-2031"})
    assert answer.json() == {"email": BOSS}


def test_where_mail_fails_the_administrator_is_shown_the_link(
    boss: Person, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("api.rest.users.make_mailer", lambda settings: Postman(broken=True))

    made = boss.ask("POST", "/users", DRAFT).json()

    assert (made["mailed"], bool(made["token"])) == (False, True)


def test_mail_goes_through_the_server_that_the_settings_name(engine: Engine):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = taken.getsockname()[1]
    accounts = make_accounts(engine, smtp_host="127.0.0.1", smtp_port=closed)
    joined(engine, accounts, BOSS, Role.ADMINISTRATOR)
    with TestClient(make_app(engine, accounts)) as client:
        made = Person(client, BOSS).ask("POST", "/users", DRAFT).json()

    assert made["mailed"] is False
