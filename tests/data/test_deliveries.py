"""What is queued is sent at least once, by one sender at a time, and given up in the end."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from data.deliveries import AT_ONCE, KEPT, LEASE, STALE, DeliveryQueue
from data.delivery_values import RetryPolicy
from data.repositories import NeedRepository
from data.session import session_scope
from data.tables import UserRow
from matcher.types import Status, Visibility
from tests.data.access.case_city import BROKER, SECOND_BROKER, desk_of, store_city
from tests.data.builders import make_need
from tests.data.news_city import (
    TARGET,
    add_webhook,
    deliveries,
    fresh_city,
    make_news,
    subscribe,
    tell,
)

QUARTER = timedelta(minutes=15)


@pytest.fixture
def city(engine: Engine) -> Engine:
    store_city(engine)
    subscribe(engine, BROKER, mail=True)
    return engine


@pytest.fixture
def quick_city(tmp_path: Path) -> Iterator[Engine]:
    """The same on SQLite only, for what no database does differently."""
    with fresh_city(tmp_path) as engine:
        subscribe(engine, BROKER, mail=True)
        yield engine


@pytest.fixture
def now() -> datetime:
    """A little later than whatever the test has queued."""
    return datetime.now(UTC) + timedelta(minutes=1)


def test_a_request_carries_ids_and_public_titles(city: Engine, now: datetime):
    hook, secret = add_webhook(city)
    tell(city)

    (request,) = DeliveryQueue(city).take_webhooks(now, k=10)

    assert (request.webhook, request.url, request.secret) == (hook, TARGET, secret)
    assert request.told is not None
    assert (request.told.need, request.told.need_title) == ("n1", "电机转子护套减薄")
    assert (request.told.achievement, request.told.achievement_title) == ("a1", "碳纤维缠绕护套")
    assert request.told.probability == 0.8


def test_a_masked_posting_is_told_by_its_approved_title(quick_city: Engine, now: datetime):
    add_webhook(quick_city)
    tell(quick_city, make_news("x", need="n2"))

    (request,) = DeliveryQueue(quick_city).take_webhooks(now, k=10)

    assert request.told is not None
    assert request.told.need_title == "某企业求轻质护套"


@pytest.mark.parametrize(
    "hidden", [{"visibility": Visibility.BROKER}, {"status": Status.WITHDRAWN}]
)
def test_what_became_confidential_after_it_was_queued_is_told_by_its_id_only(
    quick_city: Engine, now: datetime, hidden: dict
):
    add_webhook(quick_city)
    tell(quick_city)
    public = {"organization": "e1", "visibility": Visibility.PUBLIC}
    with session_scope(quick_city) as session:
        NeedRepository(session).upsert_many([make_need("n1", **(public | hidden))])

    (request,) = DeliveryQueue(quick_city).take_webhooks(now, k=10)
    (mail,) = DeliveryQueue(quick_city).take_mails(now, interval=QUARTER, k=10)

    for told in (request.told, mail.told[0]):
        assert told is not None
        assert (told.need, told.need_title) == ("n1", None)
        assert told.achievement_title == "碳纤维缠绕护套"


def test_what_one_sender_has_in_hand_no_other_gets(city: Engine, now: datetime):
    add_webhook(city)
    tell(city, *(make_news(str(i)) for i in range(AT_ONCE)))

    with ThreadPoolExecutor(4) as pool:
        rounds = pool.map(lambda _: DeliveryQueue(city).take_webhooks(now, k=2), range(4))
        taken = [request.id for requests in rounds for request in requests]

    assert len(taken) == len(set(taken))
    assert len(taken) + len(DeliveryQueue(city).take_webhooks(now, k=10)) == AT_ONCE


def test_what_a_dead_sender_had_in_hand_is_taken_again_under_the_same_id(
    city: Engine, now: datetime
):
    add_webhook(city)
    tell(city)
    (lost,) = DeliveryQueue(city).take_webhooks(now, k=10)

    meanwhile = DeliveryQueue(city).take_webhooks(now + LEASE / 2, k=10)
    (again,) = DeliveryQueue(city).take_webhooks(now + LEASE, k=10)

    assert meanwhile == []
    assert again.id == lost.id
    assert again.lease != lost.lease


def test_a_sender_that_comes_back_too_late_settles_nothing(quick_city: Engine, now: datetime):
    add_webhook(quick_city)
    tell(quick_city)
    queue = DeliveryQueue(quick_city)
    (late,) = queue.take_webhooks(now, k=10)
    queue.take_webhooks(now + LEASE, k=10)

    queue.settle_webhooks([(late, None)], now + LEASE)

    assert len(deliveries(quick_city, channel="webhook", state="waiting")) == 1


def test_a_failure_is_waited_out_and_shown_until_a_success(quick_city: Engine, now: datetime):
    hook, _ = add_webhook(quick_city)
    tell(quick_city)
    queue = DeliveryQueue(quick_city, RetryPolicy(first_s=60))
    (request,) = queue.take_webhooks(now, k=10)

    queue.settle_webhooks([(request, "timeout")], now)

    with desk_of(quick_city, BROKER) as desk:
        shown = desk.webhooks.get(hook)
    assert (shown.failing_since, shown.failure) == (now, "timeout")
    assert queue.take_webhooks(now + timedelta(seconds=59), k=10) == []
    soon = now + timedelta(seconds=91)
    (again,) = queue.take_webhooks(soon, k=10)
    queue.settle_webhooks([(again, None)], soon)
    with desk_of(quick_city, BROKER) as desk:
        shown = desk.webhooks.get(hook)
    assert (shown.failing_since, shown.failure, shown.succeeded_at) == (None, None, soon)
    assert queue.take_webhooks(soon + timedelta(days=1), k=10) == []


def test_what_waits_for_a_failing_webhook_is_not_tried_either(quick_city: Engine, now: datetime):
    add_webhook(quick_city)
    tell(quick_city, *(make_news(str(i)) for i in range(AT_ONCE + 3)))
    queue = DeliveryQueue(quick_city)
    first = queue.take_webhooks(now, k=100)

    queue.settle_webhooks([(request, "timeout") for request in first], now)

    assert len(first) == AT_ONCE
    assert queue.take_webhooks(now, k=100) == []


def test_a_slow_webhook_holds_up_no_other(city: Engine, now: datetime):
    add_webhook(city)
    tell(city, *(make_news(str(i)) for i in range(AT_ONCE + 3)))
    other, _ = add_webhook(city, url=f"{TARGET}/2")
    tell(city, make_news("later"))

    taken = DeliveryQueue(city).take_webhooks(now, k=100)

    assert [request.webhook for request in taken].count(other) == 1
    assert len(taken) == AT_ONCE + 1


def test_after_the_last_attempt_a_delivery_is_given_up(quick_city: Engine, now: datetime):
    add_webhook(quick_city)
    tell(quick_city)
    queue = DeliveryQueue(quick_city, RetryPolicy(attempts=2, first_s=1))
    for later in (0, 10):
        (request,) = queue.take_webhooks(now + timedelta(seconds=later), k=1)
        queue.settle_webhooks([(request, "status_500")], now + timedelta(seconds=later))

    (given_up,) = deliveries(quick_city, channel="webhook")

    assert (given_up.state, given_up.attempts, given_up.failure) == ("failed", 2, "status_500")
    assert queue.take_webhooks(now + timedelta(days=1), k=1) == []


def test_a_webhook_that_fails_for_too_long_is_sent_nothing_of_what_waits(
    quick_city: Engine, now: datetime
):
    add_webhook(quick_city)
    tell(quick_city, *(make_news(str(i)) for i in range(AT_ONCE + 3)))
    queue = DeliveryQueue(quick_city, RetryPolicy(first_s=1, patience_s=3600))
    for moment in (now, now + timedelta(hours=2)):
        requests = queue.take_webhooks(moment, k=1)
        queue.settle_webhooks([(request, "no_connection") for request in requests], moment)

    assert deliveries(quick_city, channel="webhook", state="waiting") == []


def test_a_success_among_failures_shows_that_the_webhook_works(quick_city: Engine, now: datetime):
    hook, _ = add_webhook(quick_city)
    tell(quick_city, *(make_news(str(i)) for i in range(3)))
    queue = DeliveryQueue(quick_city, RetryPolicy(first_s=1, patience_s=3600))
    (first,) = queue.take_webhooks(now, k=1)
    queue.settle_webhooks([(first, "timeout")], now)
    later = now + timedelta(hours=2)
    bad, good, worse = queue.take_webhooks(later, k=3)

    queue.settle_webhooks([(bad, "status_500"), (good, None), (worse, "status_500")], later)

    states = {d.id: d.state for d in deliveries(quick_city, channel="webhook")}
    assert states == {bad.id: "waiting", good.id: "sent", worse.id: "waiting"}
    with desk_of(quick_city, BROKER) as desk:
        assert desk.webhooks.get(hook).failing_since is None


def test_waits_double_up_to_the_longest_and_vary_by_chance():
    retry = RetryPolicy(first_s=30, longest_s=3600)

    waits = [retry.wait(n).total_seconds() for n in (1, 2, 3, 400)]

    for wait, least in zip(waits, (30, 60, 120, 3600), strict=True):
        assert least <= wait <= 1.5 * least
    assert len({retry.wait(1) for _ in range(10)}) > 1


def test_one_mail_collects_everything_new_of_an_account(city: Engine, now: datetime):
    subscribe(city, SECOND_BROKER, mail=True)
    tell(city, make_news("x"), make_news("y"))

    mails = DeliveryQueue(city).take_mails(now, interval=QUARTER, k=10)

    assert {mail.address: len(mail.told) for mail in mails} == {
        "broker@example.org": 2,
        "second@example.org": 2,
    }


def test_the_next_mail_waits_for_the_interval(quick_city: Engine, now: datetime):
    queue = DeliveryQueue(quick_city)
    tell(quick_city, make_news("x"))
    (mail,) = queue.take_mails(now, interval=QUARTER, k=10)
    queue.settle_mail(mail, None, now)
    tell(quick_city, make_news("y"), make_news("z"))

    early = queue.take_mails(now + timedelta(minutes=14), interval=QUARTER, k=10)
    (next_one,) = queue.take_mails(now + QUARTER, interval=QUARTER, k=10)

    assert early == []
    assert len(next_one.told) == 2


def test_no_second_mail_is_begun_while_one_is_under_way(quick_city: Engine, now: datetime):
    queue = DeliveryQueue(quick_city)
    tell(quick_city, make_news("x"))
    queue.take_mails(now, interval=QUARTER, k=10)
    tell(quick_city, make_news("y"))

    assert queue.take_mails(now, interval=QUARTER, k=10) == []


def test_a_mail_that_failed_is_tried_again_later(quick_city: Engine, now: datetime):
    queue = DeliveryQueue(quick_city, RetryPolicy(first_s=60))
    tell(quick_city)
    (mail,) = queue.take_mails(now, interval=QUARTER, k=10)

    queue.settle_mail(mail, "no_connection", now)

    assert queue.take_mails(now, interval=QUARTER, k=10) == []
    (again,) = queue.take_mails(now + timedelta(seconds=91), interval=QUARTER, k=10)
    assert again.ids == mail.ids


def test_nothing_is_sent_to_a_disabled_account(quick_city: Engine, now: datetime):
    add_webhook(quick_city)
    tell(quick_city)
    with session_scope(quick_city) as session:
        session.execute(update(UserRow).values(disabled_at=now))

    assert DeliveryQueue(quick_city).take_webhooks(now, k=10) == []
    assert DeliveryQueue(quick_city).take_mails(now, interval=QUARTER, k=10) == []


def test_clearing_forgets_what_is_over_and_gives_up_what_is_stale(
    quick_city: Engine, now: datetime
):
    queue = DeliveryQueue(quick_city)
    tell(quick_city, make_news("sent"))
    (mail,) = queue.take_mails(now, interval=QUARTER, k=10)
    queue.settle_mail(mail, None, now)
    tell(quick_city, make_news("waiting"))

    queue.clear(now + STALE + QUARTER)
    assert [(d.state, d.failure) for d in deliveries(quick_city)] == [
        ("sent", None),
        ("failed", "expired"),
    ]
    queue.clear(now + KEPT + QUARTER)
    assert [d.state for d in deliveries(quick_city)] == ["failed"]


def test_thousands_of_items_make_few_mails(quick_city: Engine, now: datetime):
    tell(quick_city, *(make_news(str(i)) for i in range(2_500)))
    queue = DeliveryQueue(quick_city)

    sizes = []
    while mails := queue.take_mails(now, interval=timedelta(0), k=1):
        sizes.append(len(mails[0].told))
        queue.settle_mail(mails[0], None, now)

    assert sizes == [1_000, 1_000, 500]
    assert not deliveries(quick_city, state="waiting")
