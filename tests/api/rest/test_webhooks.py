"""Accounts add their own programs' addresses, and none inside our network."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from api.delivery.safe_address import TargetRules
from api.delivery.sender import Sender
from api.delivery.webhook import WebhookClient, signature
from api.rest import webhooks
from api.seal import Seals
from api.service_settings import ServiceSettings
from data.access.webhooks import MOST
from data.deliveries import DeliveryQueue
from data.session import session_scope
from data.tables import WebhookRow
from tests.api.delivery.targets import Target, serving
from tests.api.rest.small_app import SEALS, SmallApp
from tests.data.access.case_city import BROKER, ENTERPRISE, OFFICE, SECOND_BROKER
from tests.data.news_city import deliveries, fresh_city, subscribe, tell

# an address needs no resolver
PUBLIC = "https://8.8.8.8/hook"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[SmallApp]:
    with fresh_city(tmp_path) as engine:
        yield SmallApp(engine, webhooks.router)


@pytest.fixture
def open_app(app: SmallApp) -> SmallApp:
    """The same where targets on this machine are allowed."""
    settings = ServiceSettings(webhook_hosts=("127.0.0.1",), webhook_http=True)
    return SmallApp(app.engine, webhooks.router, settings=settings)


@pytest.fixture
def target() -> Iterator[Target]:
    with serving(Target()) as target:
        yield target


def add(app: SmallApp, actor=BROKER, url: str = PUBLIC, **options):
    body = {"url": url, "events": ["strong_match"]} | options.pop("body", {})
    return app.ask(actor, "POST", "/webhooks", json=body, **options)


def send(engine: Engine) -> None:
    rules = TargetRules(hosts=frozenset({"127.0.0.1"}), http=True)
    client = WebhookClient(rules, SEALS.webhook)
    Sender(DeliveryQueue(engine), client).run_once(datetime.now(UTC) + timedelta(seconds=1))


def test_the_secret_is_shown_once(app: SmallApp):
    added = add(app)
    hook = added.json()

    assert added.status_code == 201
    assert hook["secret"].startswith("whsec_")
    assert len(hook["secret"]) > 40
    assert added.headers["location"] == f"/v1/webhooks/{hook['id']}"
    without = {name: value for name, value in hook.items() if name != "secret"}
    assert app.ask(BROKER, "GET", f"/webhooks/{hook['id']}").json() == without
    assert app.ask(BROKER, "GET", "/webhooks").json()["items"] == [without]


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::1]/",
        "https://localhost/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://8.8.8.8@127.0.0.1/",
        "https://user:word@8.8.8.8/",
        "http://8.8.8.8/",
        "https://8.8.8.8:6379/",
        "https://8.8.8.8/\r\nX: y",
        "https://8.8.8.8/\0",
        "javascript:alert(1)",
        "https://" + "a" * 3000,
        "",
    ],
)
def test_an_address_inside_our_network_or_malformed_is_refused(app: SmallApp, url: str):
    answer = add(app, url=url)

    assert answer.status_code == 422, answer.text
    assert "url" in answer.json()["errors"][0]["field"]
    assert app.ask(BROKER, "GET", "/webhooks").json()["items"] == []


@pytest.mark.parametrize(
    "wrong", [{"events": []}, {"events": ["everything"]}, {"secret": "mine"}, {"url": None}]
)
def test_what_cannot_be_meant_is_refused(app: SmallApp, wrong: dict):
    assert add(app, body=wrong).status_code == 422


def test_nobody_reaches_the_webhook_of_another(app: SmallApp):
    path = f"/webhooks/{add(app).json()['id']}"

    for actor in (SECOND_BROKER, OFFICE, ENTERPRISE):
        assert app.ask(actor, "GET", "/webhooks").json()["items"] == []
        assert app.ask(actor, "GET", path).status_code == 404
        assert app.ask(actor, "GET", f"{path}/deliveries").status_code == 404
        assert app.ask(actor, "POST", f"{path}/test").status_code == 404
        assert app.ask(actor, "DELETE", path).status_code == 404
    assert app.ask(BROKER, "GET", path).status_code == 200


def test_a_webhook_that_is_given_up_is_told_nothing_more(open_app: SmallApp, target: Target):
    subscribe(open_app.engine, BROKER)
    path = f"/webhooks/{add(open_app, url=target.url).json()['id']}"
    tell(open_app.engine)

    assert open_app.ask(BROKER, "DELETE", path).status_code == 204
    send(open_app.engine)

    assert target.requests == []
    assert [(d.state, d.failure) for d in deliveries(open_app.engine)] == [("failed", "ended")]
    assert open_app.ask(BROKER, "GET", path).status_code == 404
    assert open_app.ask(BROKER, "DELETE", path).status_code == 404


def test_a_test_is_sent_and_its_outcome_shown(open_app: SmallApp, target: Target):
    path = f"/webhooks/{add(open_app, url=target.url).json()['id']}"

    queued = open_app.ask(BROKER, "POST", f"{path}/test")
    send(open_app.engine)

    assert queued.status_code == 202
    (sent,) = open_app.ask(BROKER, "GET", f"{path}/deliveries").json()["items"]
    assert (sent["id"], sent["state"], sent["item"]) == (queued.json()["delivery"], "sent", None)
    assert open_app.ask(BROKER, "GET", path).json()["succeeded_at"] is not None


def test_a_failing_webhook_is_shown_as_such_and_a_test_ends_its_pause(
    open_app: SmallApp, target: Target
):
    target.status = 500
    path = f"/webhooks/{add(open_app, url=target.url).json()['id']}"
    open_app.ask(BROKER, "POST", f"{path}/test")
    send(open_app.engine)
    failing = open_app.ask(BROKER, "GET", path).json()

    target.status = 200
    open_app.ask(BROKER, "POST", f"{path}/test")
    send(open_app.engine)
    mended = open_app.ask(BROKER, "GET", path).json()

    assert (failing["state"], failing["failure"]) == ("failing", "status_500")
    assert failing["paused_until"] is not None
    assert (mended["state"], mended["failure"]) == ("active", None)


def test_an_account_has_so_many_webhooks_and_no_more(app: SmallApp):
    for _ in range(MOST):
        assert add(app).status_code == 201

    assert add(app).status_code == 422
    assert add(app, SECOND_BROKER).status_code == 201
    first = app.ask(BROKER, "GET", "/webhooks").json()["items"][0]
    app.ask(BROKER, "DELETE", f"/webhooks/{first['id']}")
    assert add(app).status_code == 201


def test_a_repeated_request_adds_one_webhook(app: SmallApp):
    headers = {"idempotency-key": "k"}

    first, again = add(app, headers=headers), add(app, headers=headers)

    assert again.json() == first.json() | {"secret": None}
    assert len(app.ask(BROKER, "GET", "/webhooks").json()["items"]) == 1


def test_the_secret_is_kept_sealed_and_signs_what_is_sent(open_app: SmallApp, target: Target):
    headers = {"idempotency-key": "k"}
    hook = add(open_app, url=target.url, headers=headers).json()
    open_app.ask(BROKER, "POST", f"/webhooks/{hook['id']}/test")

    send(open_app.engine)

    with open_app.engine.connect() as connection:
        tables = [
            connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            for table in ("webhooks", "idempotency_keys", "deliveries", "audit_entries")
        ]
    assert all(tables)
    assert hook["secret"] not in str(tables)
    ((_, sent, body),) = target.requests
    at = int(sent["Yilian-Signature"].split(",")[0].removeprefix("t="))
    assert sent["Yilian-Signature"] == signature(hook["secret"], body, at)


def test_a_secret_sealed_elsewhere_is_told_as_lost(open_app: SmallApp, target: Target):
    path = f"/webhooks/{add(open_app, url=target.url).json()['id']}"
    open_app.ask(BROKER, "POST", f"{path}/test")
    with session_scope(open_app.engine) as session:
        elsewhere = Seals.of("another secret of thirty-two characters").webhook.seal("whsec_x")
        session.execute(update(WebhookRow).values(secret=elsewhere))

    send(open_app.engine)

    assert target.requests == []
    assert open_app.ask(BROKER, "GET", path).json()["failure"] == "secret_lost"
