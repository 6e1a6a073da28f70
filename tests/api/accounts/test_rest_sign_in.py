"""Signing in, going on, signing out: by token, by cookie, by link."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.accounts.accounts import ADDRESS_PATIENCE, Accounts, Caller
from api.accounts.errors import BadCredentials, TooManyAttempts
from api.accounts.local import local_desk
from api.accounts.proof import prove
from data.policy.actor import Role
from tests.api.accounts.people import (
    HOME,
    PASSWORD,
    SECRET,
    Clock,
    cheap_hasher,
    invited,
    joined,
    make_accounts,
    make_app,
)

EMAIL = "li.gong@example.com"


def sign_in(client: TestClient, email: str = EMAIL, password: str = PASSWORD, **more):
    return client.post("/v1/session", json={"email": email, "password": password} | more)


def me(client: TestClient, token: str):
    return client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})


def problem(response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def test_a_password_opens_a_session(client: TestClient, engine: Engine, accounts: Accounts):
    joined(engine, accounts, EMAIL)

    answer = sign_in(client, " Li.Gong@EXAMPLE.com")
    session = answer.json()

    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert (session["expires_in"], session["csrf_token"]) == (600, None)
    assert me(client, session["access_token"]).json()["email"] == EMAIL
    assert PASSWORD not in answer.text


def test_whatever_is_wrong_the_answer_is_the_same(
    client: TestClient, engine: Engine, accounts: Accounts
):
    joined(engine, accounts, EMAIL)
    invited(engine, "invited@example.com")
    gone = joined(engine, accounts, "gone@example.com")
    with local_desk(engine) as desk:
        desk.users.disable(gone.id)

    wrong = [
        sign_in(client, password="not the password"),
        sign_in(client, password="x" * 999),
        sign_in(client, "nobody@example.com"),
        sign_in(client, "no address at all"),
        sign_in(client, "invited@example.com"),
        sign_in(client, "gone@example.com"),
    ]

    assert {problem(answer) for answer in wrong} == {(401, "bad-credentials")}
    bodies = [answer.json() | {"request_id": None} for answer in wrong]
    assert bodies == [bodies[0]] * len(bodies)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": EMAIL},
        {"email": EMAIL, "password": "x" * 1001},
        {"email": EMAIL, "password": "a\0b"},
        {"email": EMAIL, "password": PASSWORD, "role": "administrator"},
        {"email": [EMAIL], "password": PASSWORD},
    ],
)
def test_malformed_bodies_are_refused_without_echo(client: TestClient, body):
    answer = client.post("/v1/session", json=body)

    assert problem(answer) == (422, "malformed-request")
    assert PASSWORD not in answer.text


def test_failures_lead_to_a_wait_that_the_right_password_does_not_shorten(
    client: TestClient, engine: Engine, accounts: Accounts, clock: Clock
):
    joined(engine, accounts, EMAIL)
    joined(engine, accounts, "other@example.com")

    failures = [sign_in(client, password="wrong password") for _ in range(6)]
    early = sign_in(client)
    other = sign_in(client, "other@example.com")
    clock.go(seconds=1)
    late = sign_in(client)
    again = [sign_in(client, password="wrong password") for _ in range(6)]

    assert [answer.status_code for answer in failures] == [401] * 5 + [429]
    assert problem(early) == (429, "too-many-attempts")
    assert early.headers["retry-after"] == "1"
    assert (other.status_code, late.status_code) == (200, 200)
    # success cleared the account
    assert [answer.status_code for answer in again] == [401] * 5 + [429]


def test_the_wait_survives_a_restart_and_holds_for_accounts_that_do_not_exist(
    client: TestClient, engine: Engine, clock: Clock
):
    for _ in range(5):
        sign_in(client, "nobody@example.com")

    restarted = make_accounts(engine, clock)
    with TestClient(make_app(engine, restarted)) as second:
        assert sign_in(second, "Nobody@example.com").status_code == 429


def test_one_address_cannot_try_everybody(client: TestClient, engine: Engine, accounts: Accounts):
    joined(engine, accounts, EMAIL)
    own = sign_in(client)
    for number in range(30):
        sign_in(client, f"guess{number}@example.com")

    assert own.status_code == 200
    assert sign_in(client).status_code == 429


@pytest.mark.parametrize(
    ("addresses", "last"),
    [
        ([f"2001:db8:1:2::{n:x}" for n in range(1, 31)], "2001:db8:1:2:ffff::1"),
        ([f"::ffff:192.0.2.{n % 2 + 1}" for n in range(60)], "192.0.2.1"),
    ],
)
def test_who_has_many_addresses_of_one_network_cannot_try_everybody_either(
    accounts: Accounts, addresses: list[str], last: str
):
    for number, address in enumerate(addresses):
        with pytest.raises(BadCredentials):
            prove(accounts, f"guess{number}@example.com", PASSWORD, None, Caller(address))

    with pytest.raises(TooManyAttempts):
        prove(accounts, EMAIL, PASSWORD, None, Caller(last))
    with pytest.raises(BadCredentials):
        prove(accounts, EMAIL, PASSWORD, None, Caller("2001:db8:1:3::1"))


def test_a_whole_office_signs_in_from_one_address(engine: Engine, accounts: Accounts):
    joined(engine, accounts, EMAIL)

    for _ in range(ADDRESS_PATIENCE.free + 2):
        assert prove(accounts, EMAIL, PASSWORD, None, HOME).email == EMAIL


def test_a_wrong_clock_neither_opens_the_gate_nor_shuts_it_for_good(
    client: TestClient, engine: Engine, accounts: Accounts, clock: Clock
):
    joined(engine, accounts, EMAIL)
    for _ in range(5):
        sign_in(client, password="wrong password")

    clock.go(days=-3)

    assert sign_in(client).status_code == 429
    clock.go(seconds=2)
    assert sign_in(client).status_code == 200


def test_hundreds_of_guesses_at_once_get_no_more_tries(
    client: TestClient, engine: Engine, accounts: Accounts
):
    joined(engine, accounts, EMAIL)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: sign_in(client, password="a guess it is"), range(24)))

    statuses = [answer.status_code for answer in answers]
    assert sorted(set(statuses)) == [401, 429]
    assert statuses.count(401) == 5


def test_a_stronger_hasher_takes_over_at_sign_in(engine: Engine, accounts: Accounts, client):
    account = joined(engine, accounts, EMAIL)
    accounts.passwords._hasher = cheap_hasher(2)

    sign_in(client)

    with local_desk(engine) as desk:
        own = type(desk)(desk.session, account.actor(), desk.trail)
        assert ",t=2," in own.credentials.of(account.id).password_hash
    assert sign_in(client).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Basic bGk6cGFzcw=="},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer yk_unknown"},
        {"Authorization": "Bearer " + "x" * 5000},
        {"X-API-Key": "unknown"},
        {"Cookie": "yilian_session=unknown"},
    ],
)
def test_who_names_nobody_is_told_how_to(client: TestClient, headers: dict[str, str]):
    answer = client.get("/v1/me", headers=headers)

    assert problem(answer) == (401, "not-signed-in")
    assert answer.headers["www-authenticate"].startswith('Bearer realm="yilian"')


def test_a_token_of_another_epoch_or_account_is_refused(
    client: TestClient, engine: Engine, accounts: Accounts
):
    joined(engine, accounts, EMAIL)
    other = joined(engine, accounts, "other@example.com")
    token = sign_in(client).json()["access_token"]
    said = jwt.decode(token, options={"verify_signature": False})

    def forged(**changes) -> str:
        return jwt.encode(said | changes, SECRET, algorithm="HS256")

    assert me(client, forged()).status_code == 200
    for changes in ({"epoch": 0}, {"epoch": 2}, {"sub": other.id}, {"sid": "s-none"}):
        assert me(client, forged(**changes)).status_code == 401, changes


def test_a_refresh_token_works_once_and_its_replay_ends_the_session_at_once(
    client: TestClient, engine: Engine, accounts: Accounts
):
    joined(engine, accounts, EMAIL)
    first = sign_in(client).json()

    def refresh(session):
        body = {"refresh_token": session["refresh_token"]}
        return client.post("/v1/session/refresh", json=body)

    second = refresh(first).json()
    assert me(client, second["access_token"]).status_code == 200

    assert problem(refresh(first)) == (401, "not-signed-in")
    assert refresh(second).status_code == 401
    assert me(client, second["access_token"]).status_code == 401


def test_the_refresh_token_of_a_disabled_account_is_refused(
    client: TestClient, engine: Engine, accounts: Accounts
):
    account = joined(engine, accounts, EMAIL)
    session = sign_in(client).json()
    with local_desk(engine) as desk:
        desk.users.disable(account.id)

    body = {"refresh_token": session["refresh_token"]}
    assert client.post("/v1/session/refresh", json=body).status_code == 401


def test_signing_out_ends_this_session_and_everywhere_ends_all(
    client: TestClient, engine: Engine, accounts: Accounts
):
    joined(engine, accounts, EMAIL)
    here, there, elsewhere = (sign_in(client).json()["access_token"] for _ in range(3))

    def out(token: str, query: str = "") -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return client.delete(f"/v1/session{query}", headers=headers).status_code

    assert out(here) == 204
    assert [me(client, t).status_code for t in (here, there, elsewhere)] == [401, 200, 200]
    assert out(there, "?everywhere=true") == 204
    assert [me(client, t).status_code for t in (there, elsewhere)] == [401, 401]


def test_a_change_elsewhere_is_followed_within_seconds(
    client: TestClient, engine: Engine, accounts: Accounts
):
    account = joined(engine, accounts, EMAIL)
    token = sign_in(client).json()["access_token"]
    assert me(client, token).status_code == 200

    with local_desk(engine) as desk:
        desk.users.disable(account.id)
    accounts.sessions._fresh_s = 0  # as if seconds had gone by

    assert me(client, token).status_code == 401


def test_a_page_gets_cookies_that_scripts_and_other_sites_cannot_use(
    client: TestClient, engine: Engine, accounts: Accounts
):
    joined(engine, accounts, EMAIL)

    answer = sign_in(client, cookie=True)

    assert (answer.json()["access_token"], answer.json()["refresh_token"]) == (None, None)
    cookies = {c.partition("=")[0]: c for c in answer.headers.get_list("set-cookie")}
    assert "HttpOnly" in cookies["yilian_session"]
    assert "HttpOnly" not in cookies["yilian_csrf"]
    for cookie in cookies.values():
        assert "SameSite=lax" in cookie
        assert "Path=/" in cookie
        # plain HTTP on this very machine
        assert "Secure" not in cookie


@pytest.mark.parametrize("base", ["https://match.example.com", "http://match.example.com"])
def test_cookies_keep_to_tls_under_any_other_name(engine: Engine, accounts: Accounts, base: str):
    joined(engine, accounts, EMAIL)
    with TestClient(make_app(engine, accounts), base_url=base) as client:
        cookies = sign_in(client, cookie=True).headers.get_list("set-cookie")

    assert len(cookies) == 2
    assert all("Secure" in cookie for cookie in cookies)


def test_a_page_reads_by_cookie_and_changes_only_with_its_token(
    client: TestClient, engine: Engine, accounts: Accounts
):
    joined(engine, accounts, EMAIL)
    joined(engine, accounts, "other@example.com")
    foreign = sign_in(client, "other@example.com", cookie=True).json()["csrf_token"]
    token = sign_in(client, cookie=True).json()["csrf_token"]
    shown = client.get("/v1/me")

    def rename(headers):
        sent = headers | {"If-Match": shown.headers["etag"]}
        return client.patch("/v1/me", json={"name": "李工程师"}, headers=sent)

    assert shown.json()["email"] == EMAIL
    assert client.cookies["yilian_csrf"] == token
    for headers in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": foreign}):
        assert problem(rename(headers)) == (403, "bad-csrf-token")
    assert rename({"X-CSRF-Token": token}).status_code == 200


def test_a_page_signs_out_and_its_cookies_go(
    client: TestClient, engine: Engine, accounts: Accounts
):
    joined(engine, accounts, EMAIL)
    token = sign_in(client, cookie=True).json()["csrf_token"]
    stolen = client.cookies["yilian_session"]

    answer = client.delete("/v1/session", headers={"X-CSRF-Token": token})

    assert answer.status_code == 204
    assert "yilian_session" not in client.cookies
    assert me(client, stolen).status_code == 401


def test_an_invitation_lets_its_owner_in_once(client: TestClient, engine: Engine):
    _, token = invited(engine, EMAIL)

    weak = client.post(f"/v1/links/{token}", json={"password": "123"})
    first = client.post(f"/v1/links/{token}", json={"password": PASSWORD})
    second = client.post(f"/v1/links/{token}", json={"password": "another password"})

    assert problem(weak) == (422, "weak-password")
    assert weak.json()["errors"][0]["field"] == "password"
    assert first.json() == {"email": EMAIL}
    assert problem(second) == (404, "bad-link")
    assert sign_in(client).status_code == 200


def test_of_two_who_accept_one_link_at_once_one_sets_the_password(
    client: TestClient, engine: Engine
):
    _, token = invited(engine, EMAIL)
    passwords = ["the first of two passwords", "the second of two passwords"]

    def accept(password: str) -> int:
        return client.post(f"/v1/links/{token}", json={"password": password}).status_code

    with ThreadPoolExecutor(2) as threads:
        statuses = list(threads.map(accept, passwords))

    assert sorted(statuses) == [200, 404]
    winner = passwords[statuses.index(200)]
    assert [sign_in(client, password=p).status_code == 200 for p in passwords] == [
        password == winner for password in passwords
    ]


def test_expired_links_and_those_of_disabled_accounts_do_not_open(
    client: TestClient, engine: Engine, clock: Clock
):
    account, token = invited(engine, EMAIL)
    clock.go(days=8)
    late = client.post(f"/v1/links/{token}", json={"password": PASSWORD})
    clock.go(days=-8)
    with local_desk(engine) as desk:
        desk.users.disable(account.id)
    shut = client.post(f"/v1/links/{token}", json={"password": PASSWORD})
    strange = client.post("/v1/links/%ED%A0%80", json={"password": PASSWORD})

    assert [a.status_code for a in (late, shut)] == [404, 404]
    assert strange.status_code in (404, 422)


def test_asking_for_a_reset_tells_nothing_and_tires(
    client: TestClient, engine: Engine, accounts: Accounts
):
    joined(engine, accounts, EMAIL)

    def ask(email: str):
        return client.post("/v1/password-resets", json={"email": email})

    answers = [ask(email) for email in (EMAIL, "nobody@example.com", "no address")]
    tired = [ask(EMAIL) for _ in range(5)]

    assert {a.status_code for a in answers} == {202}
    assert len({a.text for a in answers}) == 1
    assert tired[-1].status_code == 429
    # and none of that keeps the owner from signing in
    assert sign_in(client).status_code == 200


def test_sign_ins_and_refusals_are_on_record_with_their_address(
    client: TestClient, engine: Engine, accounts: Accounts
):
    account = joined(engine, accounts, EMAIL, Role.ADMINISTRATOR)
    sign_in(client, password="wrong password")
    sign_in(client, "nobody@example.com")
    sign_in(client)

    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT actor, item, address FROM audit_entries WHERE operation = 'session.create'"
            " ORDER BY seq"
        ).all()

    assert [tuple(row) for row in rows] == [
        ("system", account.id, "testclient"),
        ("system", "", "testclient"),
        (account.id, account.id, "testclient"),
    ]


def test_a_token_from_a_clock_ahead_waits_for_its_time(engine: Engine, accounts: Accounts, client):
    joined(engine, accounts, EMAIL)
    token = sign_in(client).json()["access_token"]
    said = jwt.decode(token, options={"verify_signature": False})
    ahead = datetime.now(UTC) + timedelta(hours=2)

    early = jwt.encode(said | {"iat": ahead, "exp": ahead}, SECRET, algorithm="HS256")

    assert me(client, early).status_code == 401
