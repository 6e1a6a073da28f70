"""A sender takes what is due, sends it, and records what became of it."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.delivery.mail import Mailer
from api.delivery.safe_address import TargetRules
from api.delivery.sender import Sender, SenderSettings
from api.delivery.setup import make_sender, target_rules
from api.delivery.webhook import WebhookClient
from api.service_settings import ServiceSettings
from data.deliveries import DeliveryQueue
from tests.api.delivery.post_office import open_office
from tests.api.delivery.targets import SEAL, Target, serving
from tests.data.access.case_city import BROKER, desk_of
from tests.data.news_city import add_webhook, deliveries, fresh_city, make_news, subscribe, tell

LOOPBACK = TargetRules(hosts=frozenset({"127.0.0.1"}), http=True)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Engine]:
    with fresh_city(tmp_path) as engine:
        subscribe(engine, BROKER, mail=True)
        yield engine


def make(engine: Engine, mailer: Mailer | None = None, **settings) -> Sender:
    client = WebhookClient(LOOPBACK, SEAL, timeout_s=5.0)
    return Sender(DeliveryQueue(engine), client, mailer, SenderSettings(**settings))


def soon(**later: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=1, **later)


def test_one_round_sends_webhooks_and_one_mail(city: Engine):
    with serving(Target()) as target, open_office() as office:
        add_webhook(city, url=target.url)
        tell(city, make_news("x"), make_news("y"))

        tried = make(city, Mailer(office.settings)).run_once(soon())

    assert tried == 3
    assert len(target.requests) == 2
    assert len(office.mails) == 1
    assert {d.state for d in deliveries(city)} == {"sent"}


def test_a_target_that_recovers_gets_what_it_missed_under_the_same_id(city: Engine):
    with serving(Target(503)) as target:
        hook, _ = add_webhook(city, url=target.url)
        tell(city)
        sender = make(city)

        sender.run_once(soon())
        with desk_of(city, BROKER) as desk:
            failing = desk.webhooks.get(hook)
        target.status = 204
        sender.run_once(soon(minutes=1))

    assert failing.failure == "status_503"
    first, second = (headers["Yilian-Delivery"] for _, headers, _ in target.requests)
    assert first == second


def test_without_a_mail_server_mail_waits(city: Engine):
    tell(city)

    assert make(city).run_once(soon()) == 0
    assert [d.state for d in deliveries(city)] == ["waiting"]


def test_a_started_sender_sends_when_it_is_woken_and_stops(city: Engine):
    with serving(Target()) as target:
        add_webhook(city, url=target.url)
        sender = make(city, interval_s=60.0)
        sender.start()
        try:
            tell(city)
            sender.wake()
            end = time.monotonic() + 10
            while not target.requests and time.monotonic() < end:
                time.sleep(0.02)
        finally:
            began = time.monotonic()
            sender.stop()

    assert len(target.requests) == 1
    assert time.monotonic() - began < 10
    assert [d.state for d in deliveries(city, channel="webhook")] == ["sent"]


def test_a_round_that_fails_is_not_the_last(city: Engine, monkeypatch: pytest.MonkeyPatch):
    rounds = []

    def run_once(self: Sender, now: datetime) -> int:
        rounds.append(now)
        raise OSError("the disk is on holiday")

    monkeypatch.setattr(Sender, "run_once", run_once)
    sender = make(city, interval_s=0.01)
    sender.start()
    end = time.monotonic() + 10
    while len(rounds) < 3 and time.monotonic() < end:
        time.sleep(0.01)
    sender.stop()

    assert len(rounds) >= 3


def test_old_deliveries_are_cleared_now_and_then(city: Engine):
    tell(city)

    make(city).run_once(soon(days=8))

    assert [(d.state, d.failure) for d in deliveries(city)] == [("failed", "expired")]


def test_the_settings_say_who_may_be_called():
    rules = target_rules(ServiceSettings(webhook_hosts=("[::1]", "Hooks.Intranet")))

    assert rules == TargetRules(hosts=frozenset({"::1", "hooks.intranet"}), http=False)


def test_a_sender_made_from_settings_mails_through_their_server(city: Engine):
    tell(city)

    with open_office() as office:
        server = {"smtp_host": "127.0.0.1", "smtp_port": office.port, "smtp_starttls": False}
        tried = make_sender(city, ServiceSettings(**server), SEAL).run_once(soon())

    assert tried == 1
    assert office.mails[0][0] == ["broker@example.org"]
