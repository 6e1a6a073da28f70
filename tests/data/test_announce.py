"""News reach those who asked for them and may hear of them, once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Engine, update

from data.announce import Subscription, announce
from data.session import session_scope
from data.tables import UserRow
from tests.data.access.case_city import (
    BROKER,
    BROKER_ELSEWHERE,
    BROKER_OF_BIOTECH,
    ENTERPRISE,
    OFFICE,
    SECOND_BROKER,
    store_city,
)
from tests.data.news_city import add_webhook, deliveries, heard, make_news, subscribe, tell


@pytest.fixture
def city(engine: Engine) -> Engine:
    store_city(engine)
    return engine


def test_only_accounts_that_subscribed_hear_of_a_match(city: Engine):
    subscribe(city, BROKER)
    subscribe(city, OFFICE)

    made = tell(city)

    assert made == 2
    assert heard(city) == {BROKER.id, OFFICE.id}


@pytest.mark.parametrize(
    ("wanted", "hears"),
    [
        ({"chains": ("nev",)}, True),
        ({"chains": ("textile",)}, False),
        ({"counties": ("yongkang", "yiwu")}, True),
        ({"counties": ("yiwu",)}, False),
        ({"min_probability": 0.8}, True),
        ({"min_probability": 0.81}, False),
        ({"events": ("posting_published",)}, False),
        ({"events": ()}, False),
    ],
)
def test_a_subscription_lets_through_what_it_names(wanted: dict[str, Any], hears: bool):
    assert Subscription(**wanted).wants(make_news()) is hears


def test_news_without_a_probability_pass_any_threshold():
    assert Subscription(min_probability=1.0).wants(make_news(probability=None))


def test_a_broker_hears_nothing_from_outside_his_remit(city: Engine):
    for actor in (BROKER_ELSEWHERE, BROKER_OF_BIOTECH):
        subscribe(city, actor)

    assert tell(city) == 0
    within_both = make_news(
        "x", county=BROKER_ELSEWHERE.counties[0], chains=frozenset(BROKER_OF_BIOTECH.chains)
    )
    assert tell(city, within_both) == 2


def test_a_subscription_ends_with_the_role_that_allowed_it(city: Engine):
    subscribe(city, BROKER)
    with session_scope(city) as session:
        session.execute(update(UserRow).values(role="enterprise"))

    assert tell(city) == 0


def test_a_disabled_account_hears_nothing(city: Engine):
    subscribe(city, BROKER)
    with session_scope(city) as session:
        session.execute(update(UserRow).values(disabled_at=UserRow.created_at))

    assert tell(city) == 0


def test_news_for_somebody_reach_him_and_nobody_else_whatever_was_asked_for(city: Engine):
    subscribe(city, BROKER, events=())
    subscribe(city, SECOND_BROKER, events=("posting_returned",))
    returned = make_news(kind="posting_returned", recipients=frozenset({BROKER.id, ENTERPRISE.id}))

    assert tell(city, returned) == 2
    assert heard(city) == {BROKER.id, ENTERPRISE.id}


def test_nobody_hears_the_same_twice(city: Engine):
    subscribe(city, BROKER, mail=True)
    tell(city, make_news("same"), make_news("same"))

    again = tell(city, make_news("same", probability=0.9), make_news("other"))

    assert again == 1
    assert len(deliveries(city, channel="mail")) == 2


def test_an_announcement_that_is_undone_leaves_nothing_to_send(city: Engine):
    subscribe(city, BROKER, mail=True)

    with suppress(ZeroDivisionError), session_scope(city) as session:
        assert announce(session, [make_news()]) == 1
        raise ZeroDivisionError

    assert heard(city) == set()
    assert deliveries(city) == []


def test_each_channel_gets_its_delivery(city: Engine):
    first, _ = add_webhook(city)
    add_webhook(city, events=("case_overdue",))
    add_webhook(city, SECOND_BROKER)
    subscribe(city, BROKER, mail=True)

    tell(city)

    queued = deliveries(city)
    assert sorted((d.channel, d.webhook) for d in queued) == [("mail", None), ("webhook", first)]


def test_a_channel_that_is_switched_off_gets_none(city: Engine):
    add_webhook(city)
    subscribe(city, BROKER, inbox=False, webhook=False)

    assert tell(city) == 1
    assert deliveries(city) == []


def test_ten_thousand_news_are_told_at_once(sqlite_engine: Engine):
    store_city(sqlite_engine)
    subscribe(sqlite_engine, BROKER, mail=True)
    add_webhook(sqlite_engine)

    told = tell(sqlite_engine, *(make_news(f"strong_match:n1:a{i}") for i in range(10_000)))

    assert told == 10_000
    assert len(deliveries(sqlite_engine)) == 20_000


def test_two_that_tell_the_same_at_once_tell_it_once(city: Engine):
    subscribe(city, BROKER)
    news = [make_news(str(i)) for i in range(50)]

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda _: tell(city, *news), range(2)))

    assert sorted(made) == [0, 50]
