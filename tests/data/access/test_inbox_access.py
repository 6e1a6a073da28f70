"""Subscriptions, inbox and webhooks on either database."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from data.access.errors import Changed
from data.announce import Subscription
from data.policy.errors import Unseen
from tests.data.access.case_city import BROKER, SECOND_BROKER, desk_of, store_city
from tests.data.news_city import add_webhook, make_news, subscribe, tell


@pytest.fixture
def city(engine: Engine) -> Engine:
    store_city(engine)
    return engine


def test_of_two_that_change_a_subscription_at_once_one_is_told(city: Engine):
    def put(chain: str, expected: str) -> str:
        try:
            with desk_of(city, BROKER) as desk:
                desk.subscriptions.put(Subscription(chains=(chain,)), expected=expected)
        except Changed:
            return "told"
        return chain

    for expected in ("0", "1"):
        with ThreadPoolExecutor(2) as pool:
            ends = sorted(pool.map(put, ("nev", "textile"), (expected, expected)))
        with desk_of(city, BROKER) as desk:
            kept = desk.subscriptions.get()
        assert ends == sorted([*kept.subscription.chains, "told"])


def test_an_inbox_is_paged_counted_and_read(city: Engine):
    subscribe(city, BROKER)
    tell(city, *(make_news(str(i)) for i in range(5)))

    with desk_of(city, BROKER) as desk:
        first = desk.inbox.page(limit=3)
        second = desk.inbox.page(limit=3, cursor=first.next_cursor)
        assert (len(first.items), len(second.items), second.next_cursor) == (3, 2, None)
        assert desk.inbox.read(first.items[0].id).read_at is not None
        assert len(desk.inbox.page(limit=10, unread=True).items) == desk.inbox.unread() == 4
        assert desk.inbox.read_all(until=second.items[0].id) == 2
        assert desk.inbox.unread() == 2
    with desk_of(city, SECOND_BROKER) as desk, pytest.raises(Unseen):
        desk.inbox.read(first.items[0].id)


def test_a_webhook_is_listed_tested_and_given_up(city: Engine):
    hook, secret = add_webhook(city)

    with desk_of(city, BROKER) as desk:
        delivery = desk.webhooks.test(hook)
        assert [h.id for h in desk.webhooks.all()] == [hook]
        assert [d.id for d in desk.webhooks.deliveries(hook, k=5)] == [delivery]
        assert secret not in repr(desk.webhooks.get(hook))
        desk.webhooks.end(hook)
        assert desk.webhooks.all() == []
