"""One's own account: password, second factor, keys."""

from datetime import timedelta

import pyotp
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import Engine

from api.accounts.accounts import ACCOUNT_PATIENCE, Accounts
from api.accounts.invitations import make_link
from api.accounts.local import local_desk
from api.accounts.passwords import Passwords
from api.seal import Seals
from api.service_settings import ServiceSettings
from data.policy.actor import Role
from tests.api.accounts.people import PASSWORD, Clock, cheap_hasher, joined, make_accounts, make_app

EMAIL = "li.gong@example.com"
NEW = "五月的槐花香-2031"


class Person:
    """Somebody who is signed in."""

    def __init__(self, client: TestClient, email: str = EMAIL, **more) -> None:
        body = {"email": email, "password": PASSWORD} | more
        self.client = client
        self.session = client.post("/v1/session", json=body)
        token = self.session.json().get("access_token")
        self.headers = {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, body=None, **headers: str) -> Response:
        return self.client.request(method, f"/v1{path}", json=body, headers=self.headers | headers)

    def keyed(self, key: str) -> "Person":
        other = object.__new__(Person)
        other.client, other.headers = self.client, {"X-API-Key": key}
        return other


@pytest.fixture
def person(client: TestClient, engine: Engine, accounts: Accounts) -> Person:
    joined(engine, accounts, EMAIL)
    return Person(client)


def code(secret: str, clock: Clock) -> str:
    return pyotp.TOTP(secret).at(clock.now)


def later_code(secret: str, clock: Clock) -> str:
    """A code that was not used yet."""
    clock.go(seconds=60)
    return code(secret, clock)


def enrolled(person: Person, clock: Clock) -> str:
    """The secret of a second factor that was just put into use."""
    secret = person.ask("POST", "/me/totp", {"password": PASSWORD}).json()["secret"]
    body = {"code": code(secret, clock)}
    assert person.ask("POST", "/me/totp/confirmation", body).status_code == 204
    return secret


def test_one_changes_ones_name_and_nothing_else(person: Person):
    shown = person.ask("GET", "/me")
    etag = shown.headers["etag"]

    renamed = person.ask("PATCH", "/me", {"name": "李工程师"}, **{"If-Match": etag})
    stale = person.ask("PATCH", "/me", {"name": "x"}, **{"If-Match": etag})
    blind = person.ask("PATCH", "/me", {"name": "x"})
    higher = person.ask("PATCH", "/me", {"role": "administrator"}, **{"If-Match": etag})

    assert renamed.json()["name"] == "李工程师"
    assert renamed.headers["etag"] != etag
    assert [a.status_code for a in (stale, blind, higher)] == [412, 428, 422]
    assert "password" not in shown.text


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(
    person: Person, client: TestClient
):
    other = Person(client)

    changed = person.ask("POST", "/me/password", {"password": PASSWORD, "new_password": NEW})

    assert changed.status_code == 204
    assert person.ask("GET", "/me").status_code == 200
    assert other.ask("GET", "/me").status_code == 401
    refresh = {"refresh_token": other.session.json()["refresh_token"]}
    assert client.post("/v1/session/refresh", json=refresh).status_code == 401
    assert Person(client).session.status_code == 401
    assert Person(client, password=NEW).session.status_code == 200


def test_a_new_password_asks_for_the_old_one_and_has_to_be_good(person: Person):
    def change(old: str, new: str) -> tuple[int, str]:
        answer = person.ask("POST", "/me/password", {"password": old, "new_password": new})
        return answer.status_code, answer.json()["code"]

    assert change("not the password", NEW) == (401, "bad-credentials")
    assert change(PASSWORD, "short") == (422, "weak-password")
    assert change(PASSWORD, EMAIL) == (422, "weak-password")
    for _ in range(6):
        last = change("not the password", NEW)
    assert last == (429, "too-many-attempts")


def test_a_second_factor_counts_once_it_is_confirmed(
    person: Person, client: TestClient, clock: Clock
):
    offer = person.ask("POST", "/me/totp", {"password": PASSWORD}).json()
    before = Person(client).session
    wrong = person.ask("POST", "/me/totp/confirmation", {"code": "000000"})
    right = person.ask("POST", "/me/totp/confirmation", {"code": code(offer["secret"], clock)})
    after = Person(client).session

    assert offer["uri"].startswith("otpauth://totp/Yilian:li.gong%40example.com?secret=")
    assert before.status_code == 200
    assert (wrong.status_code, right.status_code) == (422, 204)
    assert (after.status_code, after.json()["code"]) == (401, "code-needed")


def test_a_confirmation_without_an_offer_and_an_offer_without_the_password_are_refused(
    person: Person,
):
    assert person.ask("POST", "/me/totp/confirmation", {"code": "123456"}).status_code == 409
    assert person.ask("POST", "/me/totp", {"password": "not the password"}).status_code == 401


def test_a_code_signs_in_once(person: Person, client: TestClient, clock: Clock):
    secret = enrolled(person, clock)
    used = Person(client, code=code(secret, clock)).session
    clock.go(seconds=60)
    fresh = code(secret, clock)

    first, second = (Person(client, code=fresh).session for _ in range(2))

    # the one that confirmed the enrolment is used, too
    assert (used.status_code, used.json()["code"]) == (401, "bad-credentials")
    assert (first.status_code, second.status_code) == (200, 401)


def test_codes_cannot_be_guessed_forever_but_leaving_them_out_is_no_guess(
    person: Person, client: TestClient, clock: Clock
):
    enrolled(person, clock)

    without = [Person(client).session.status_code for _ in range(10)]
    guesses = [Person(client, code=f"{n:06}").session.status_code for n in range(6)]

    assert without == [401] * 10
    assert guesses == [401] * 5 + [429]


def test_a_second_factor_is_removed_with_password_and_code(
    person: Person, client: TestClient, clock: Clock
):
    secret = enrolled(person, clock)
    clock.go(seconds=60)

    without = person.ask("DELETE", "/me/totp", {"password": PASSWORD})
    body = {"password": PASSWORD, "code": code(secret, clock)}
    removed = person.ask("DELETE", "/me/totp", body)

    assert (without.status_code, removed.status_code) == (401, 204)
    assert Person(client).session.status_code == 200


def test_a_lost_second_factor_is_replaced_by_an_administrators_link_only(
    person: Person, client: TestClient, engine: Engine, clock: Clock
):
    enrolled(person, clock)
    with local_desk(engine) as desk:
        account = desk.users.find(EMAIL)
        token = make_link(desk, account, now=clock.now)

    client.post(f"/v1/links/{token}", json={"password": NEW})

    assert Person(client, password=NEW).session.status_code == 200
    assert person.ask("GET", "/me").status_code == 401


def test_a_second_factor_lies_in_the_store_under_a_seal(
    person: Person, engine: Engine, accounts: Accounts, clock: Clock
):
    secret = enrolled(person, clock)
    offered = person.ask(
        "POST", "/me/totp", {"password": PASSWORD, "code": later_code(secret, clock)}
    ).json()["secret"]

    with engine.connect() as connection:
        columns = "SELECT totp_secret, totp_pending FROM users"
        (row,) = connection.exec_driver_sql(columns).all()
        whole = str(connection.exec_driver_sql("SELECT * FROM audit_entries").all())
    assert secret not in f"{row} {whole}"
    assert offered not in f"{row} {whole}"
    seal = accounts.seals.second_factor
    assert [seal.open(sealed) for sealed in row] == [secret, offered]


def test_a_second_factor_from_elsewhere_is_told_as_such_until_it_is_reset(
    person: Person, client: TestClient, engine: Engine, clock: Clock
):
    secret = enrolled(person, clock)
    elsewhere = Accounts(
        engine,
        ServiceSettings(),
        secret="another secret of thirty-two characters",
        passwords=Passwords(cheap_hasher()),
        clock=clock,
    )
    with TestClient(make_app(engine, elsewhere)) as restored:
        known = [
            Person(restored, code=later_code(secret, clock)).session
            for _ in range(ACCOUNT_PATIENCE.free + 1)
        ]
        guessed = Person(restored, password="not the password", code="123456").session
        with local_desk(engine) as desk:
            token = make_link(desk, desk.users.find(EMAIL), now=clock.now)
        restored.post(f"/v1/links/{token}", json={"password": NEW})
        helped = Person(restored, password=NEW).session

    assert {(a.status_code, a.json()["code"]) for a in known} == {(409, "second-factor-unreadable")}
    assert "yilian user link" in known[0].json()["en"]
    # whoever does not know the password learns nothing
    assert (guessed.status_code, guessed.json()["code"]) == (401, "bad-credentials")
    assert helped.status_code == 200


def test_an_offer_from_elsewhere_has_to_be_made_again(
    person: Person, engine: Engine, accounts: Accounts, clock: Clock
):
    offer = person.ask("POST", "/me/totp", {"password": PASSWORD}).json()
    accounts.seals = Seals.of("another secret of thirty-two characters")

    answer = person.ask("POST", "/me/totp/confirmation", {"code": code(offer["secret"], clock)})

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing-to-confirm")


def test_a_forgotten_password_is_replaced_and_the_second_factor_stays(
    person: Person, client: TestClient, accounts: Accounts, clock: Clock
):
    from api.accounts.invitations import ask_for_reset
    from tests.api.accounts.people import HOME

    enrolled(person, clock)
    _, token = ask_for_reset(accounts, EMAIL, HOME)

    client.post(f"/v1/links/{token}", json={"password": NEW})

    assert Person(client, password=NEW).session.json()["code"] == "code-needed"


def test_where_it_is_demanded_an_office_enrols_before_anything_else(engine: Engine, clock: Clock):
    accounts = make_accounts(engine, clock, require_totp=True)
    joined(engine, accounts, "boss@example.com", Role.ADMINISTRATOR)
    joined(engine, accounts, "broker@example.com", Role.BROKER)
    with TestClient(make_app(engine, accounts)) as client:
        boss = Person(client, "boss@example.com")
        broker = Person(client, "broker@example.com")
        before = [boss.ask("GET", path).status_code for path in ("/me", "/users")]
        key = boss.ask("POST", "/me/api-keys", {"name": "x", "scopes": ["user.*"]})
        enrolled(boss, clock)
        after = boss.ask("GET", "/users")

    assert boss.session.json()["second_factor_due"]
    assert not broker.session.json()["second_factor_due"]
    assert before == [200, 403]
    assert key.status_code == 403
    assert after.status_code == 200


def made(person: Person, *scopes: str, **more) -> dict:
    answer = person.ask("POST", "/me/api-keys", {"name": "OA", "scopes": list(scopes)} | more)
    assert answer.status_code == 201
    return answer.json()


def test_a_key_is_shown_once_and_acts_within_its_scopes(
    client: TestClient, engine: Engine, accounts: Accounts
):
    joined(engine, accounts, EMAIL, Role.ADMINISTRATOR)
    person = Person(client)

    key = made(person, "user.read", "me.*")
    machine = person.keyed(key["key"])
    bearer = {"Authorization": f"Bearer {key['key']}"}

    assert key["key"].startswith(key["hint"])
    assert key["key"] not in person.ask("GET", "/me/api-keys").text
    assert machine.ask("GET", "/users").status_code == 200
    assert client.get("/v1/users", headers=bearer).status_code == 200
    draft = {"email": "x@example.com", "name": "x", "role": "administrator"}
    assert machine.ask("POST", "/users", draft).status_code == 403


def test_a_key_makes_no_keys_and_touches_no_password(person: Person):
    machine = person.keyed(made(person, "me.*")["key"])

    refused = [
        machine.ask("POST", "/me/api-keys", {"name": "more", "scopes": ["need.*"]}),
        machine.ask("POST", "/me/password", {"password": PASSWORD, "new_password": NEW}),
        machine.ask("POST", "/me/totp", {"password": PASSWORD}),
        machine.ask("DELETE", "/me/totp", {"password": PASSWORD}),
    ]

    assert [answer.json()["code"] for answer in refused] == ["only-in-person"] * 4
    assert machine.ask("GET", "/me").status_code == 200


def test_a_repeated_request_gets_its_answer_without_the_key(person: Person, engine: Engine):
    body = {"name": "OA", "scopes": ["need.read"]}

    first = person.ask("POST", "/me/api-keys", body, **{"Idempotency-Key": "once"})
    second = person.ask("POST", "/me/api-keys", body, **{"Idempotency-Key": "once"})

    assert first.json()["key"].startswith("yk_")
    assert second.json() == first.json() | {"key": None}
    assert len(person.ask("GET", "/me/api-keys").json()["items"]) == 1
    with engine.connect() as connection:
        whole = connection.exec_driver_sql("SELECT * FROM idempotency_keys").all()
        whole += connection.exec_driver_sql("SELECT * FROM api_keys").all()
    assert first.json()["key"] not in str(whole)


def test_a_revoked_or_expired_key_is_refused_at_once(person: Person, clock: Clock):
    revoked, expired = made(person, "me.read"), made(person, "me.read", expires_in_days=1)
    before = [person.keyed(k["key"]).ask("GET", "/me").status_code for k in (revoked, expired)]

    clock.go(days=1)
    late = person.keyed(expired["key"]).ask("GET", "/me").status_code
    answer = person.ask("DELETE", f"/me/api-keys/{revoked['id']}")

    assert (before, late) == ([200, 200], 401)
    assert answer.json()["revoked_at"] is not None
    assert person.keyed(revoked["key"]).ask("GET", "/me").status_code == 401


def test_the_last_use_of_a_key_is_noted(person: Person, clock: Clock):
    key = made(person, "me.read")
    clock.go(hours=2)

    for _ in range(3):
        person.keyed(key["key"]).ask("GET", "/me")

    (shown,) = person.ask("GET", "/me/api-keys").json()["items"]
    assert shown["last_used_at"].startswith(f"{clock.now - timedelta():%Y-%m-%dT%H:%M}")


def test_a_key_still_opens_when_its_use_cannot_be_noted(
    person: Person, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
):
    from data.access.api_keys import ApiKeys
    from data.errors import DiskFull

    def full(*_, **__):
        raise DiskFull("yilian.sqlite")

    machine = person.keyed(made(person, "me.read")["key"])
    monkeypatch.setattr(ApiKeys, "note_use", full)

    assert machine.ask("GET", "/me").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"name": "OA", "scopes": []},
        {"name": "OA", "scopes": ["*"]},
        {"name": "OA", "scopes": ["need.fly"]},
        {"name": "OA", "scopes": ["me.*", "session.*"]},
        {"name": " ", "scopes": ["need.read"]},
        {"name": "OA", "scopes": ["need.read"], "expires_in_days": 0},
        {"name": "OA", "scopes": ["need.read"], "key": "yk_mine"},
    ],
)
def test_keys_without_a_meaning_are_refused(person: Person, body):
    assert person.ask("POST", "/me/api-keys", body).status_code == 422


def test_keys_of_others_are_unseen(person: Person, client: TestClient, engine, accounts):
    key = made(person, "me.read")
    joined(engine, accounts, "other@example.com")
    other = Person(client, "other@example.com")

    assert other.ask("DELETE", f"/me/api-keys/{key['id']}").status_code == 404
    assert other.ask("GET", "/me/api-keys").json()["items"] == []
