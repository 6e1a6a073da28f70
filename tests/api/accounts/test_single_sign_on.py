"""Signing in at an OpenID Connect provider, against one on loopback."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import Engine

from api.accounts.errors import ProviderUnreachable
from api.accounts.local import local_desk
from api.accounts.provider import Provider
from data.access.users import UserFilter
from data.policy.actor import Role
from tests.api.accounts.fake_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    CODE,
    FakeProvider,
    running_provider,
)
from tests.api.accounts.people import Clock, joined, make_accounts, make_app

EMAIL = "li.gong@example.com"
HOUR = timedelta(hours=1)


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with running_provider() as provider:
        yield provider


def settings(provider: FakeProvider, **more: Any) -> dict[str, Any]:
    return {
        "oidc_issuer": provider.url,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "public_url": "http://localhost",
    } | more


@pytest.fixture
def browser(engine: Engine, provider: FakeProvider, clock: Clock) -> Iterator[TestClient]:
    """A browser at a service that knows the provider and one account."""
    accounts = make_accounts(engine, clock, require_totp=True, **settings(provider))
    joined(engine, accounts, EMAIL)
    with open_browser(engine, accounts) as client:
        yield client


def open_browser(engine: Engine, accounts) -> TestClient:
    app = make_app(engine, accounts)
    return TestClient(app, base_url="http://localhost", follow_redirects=False)


def come_back(browser: TestClient, provider: FakeProvider, **changes: str) -> Response:
    """Goes to the provider and comes back with the code and the state."""
    gone = browser.get("/v1/session/oidc")
    assert gone.status_code == 303
    sent = provider.sent(gone.headers["location"])
    query = {"state": sent["state"], "code": CODE} | changes
    return browser.get("/v1/session/oidc/callback", params=query)


def refused(response: Response) -> bool:
    assert "set-cookie" not in response.headers
    return (response.status_code, response.json()["code"]) == (403, "provider-refused")


def test_a_verified_person_gets_the_page_of_the_account(
    browser: TestClient, provider: FakeProvider
):
    back = come_back(browser, provider)
    me = browser.get("/v1/me")

    assert (back.status_code, back.headers["location"]) == (303, "/")
    assert me.json()["email"] == EMAIL
    # the provider asks for a second factor itself, so nothing is owed here
    key = browser.post(
        "/v1/me/api-keys",
        json={"name": "OA", "scopes": ["need.read"]},
        headers={"X-CSRF-Token": browser.cookies["yilian_csrf"]},
    )
    assert key.status_code == 201


def test_the_browser_is_sent_with_state_nonce_and_challenge(
    browser: TestClient, provider: FakeProvider
):
    first, second = (
        provider.sent(browser.get("/v1/session/oidc").headers["location"]) for _ in range(2)
    )

    assert first["redirect_uri"] == "http://localhost/v1/session/oidc/callback"
    assert (first["response_type"], first["code_challenge_method"]) == ("code", "S256")
    assert "email" in first["scope"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 43
        assert first[name] != second[name]


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody else"},
        {"iss": "http://127.0.0.1/another"},
        {"exp": datetime.now(UTC) - HOUR},
        {"azp": "somebody else"},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"email": None},
        {"email": "no address"},
        {"email": "stranger@example.com"},
    ],
)
def test_what_the_provider_does_not_vouch_for_is_refused(
    browser: TestClient, provider: FakeProvider, claims: dict[str, Any]
):
    provider.claims = claims

    assert refused(come_back(browser, provider))
    assert browser.get("/v1/me").status_code == 401


def test_id_tokens_under_another_key_or_algorithm_are_refused(
    browser: TestClient, provider: FakeProvider
):
    other = ec.generate_private_key(ec.SECP256R1())
    for signing in (
        (other, "ES256", "k1"),
        ("the secret of the client, thirty-two bytes", "HS256", "k1"),
        (None, "none", "k1"),
    ):
        provider.signing = signing
        assert refused(come_back(browser, provider)), signing


def test_a_new_key_of_the_provider_is_fetched(browser: TestClient, provider: FakeProvider):
    come_back(browser, provider)
    provider.signing = (provider.key, "ES256", "k2")

    assert come_back(browser, provider).status_code == 303
    assert provider.requests.count("/keys") == 2
    assert provider.requests.count("/.well-known/openid-configuration") == 1


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(
    browser: TestClient, provider: FakeProvider, engine: Engine
):
    assert refused(come_back(browser, provider, state="another"))
    browser.cookies.clear()
    planted = {"state": "planted", "code": CODE}
    assert refused(browser.get("/v1/session/oidc/callback", params=planted))


def test_a_denied_or_wrong_code_is_refused(browser: TestClient, provider: FakeProvider):
    assert refused(come_back(browser, provider, code=""))
    assert refused(come_back(browser, provider, code="a guess"))


def test_the_account_has_to_be_enabled(browser: TestClient, provider: FakeProvider, engine: Engine):
    with local_desk(engine) as desk:
        desk.users.disable(desk.users.find(EMAIL).id)

    assert refused(come_back(browser, provider))


def test_an_account_is_made_only_where_settings_say_so(
    engine: Engine, provider: FakeProvider, clock: Clock
):
    accounts = make_accounts(engine, clock, **settings(provider, oidc_create_role="broker"))
    with open_browser(engine, accounts) as browser:
        assert come_back(browser, provider).status_code == 303
        assert browser.get("/v1/me").json()["role"] == "broker"

    with local_desk(engine) as desk:
        (made,) = desk.users.page(UserFilter(), k=10)
    assert (made.email, made.name, made.role) == (EMAIL, "李工", Role.BROKER)


def test_without_settings_there_is_no_single_sign_on(client: TestClient):
    for path in ("/v1/session/oidc", "/v1/session/oidc/callback?state=s&code=c"):
        assert client.get(path, follow_redirects=False).status_code == 403


def test_a_provider_that_is_another_or_away_is_told(browser: TestClient, provider: FakeProvider):
    provider.described = {"issuer": "http://127.0.0.1/another"}
    other = browser.get("/v1/session/oidc")
    provider.described = {"authorization_endpoint": None}
    incomplete = browser.get("/v1/session/oidc")

    assert [other.status_code, incomplete.status_code] == [503, 503]
    assert other.json()["code"] == "provider-unreachable"
    away = Provider("http://127.0.0.1:9", client_id="c", client_secret=None)
    with pytest.raises(ProviderUnreachable):
        away._described("token_endpoint")


def test_a_provider_is_reached_by_tls_only():
    with pytest.raises(ProviderUnreachable):
        Provider("http://login.example.com", client_id="c", client_secret=None)
