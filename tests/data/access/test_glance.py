"""Stamps change with whatever a rendered answer depends on, and with nothing else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine

from data.access.glance import Glance
from data.access.masks import Mask, MaskStore
from data.match_lists import MatchListStore
from data.policy.actor import Actor
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from matcher.types import Achievement, Need, Visibility
from tests.data.access.case_city import (
    BROKER,
    BROKER_OF_BIOTECH,
    ENTERPRISE,
    OFFICE,
    RIVAL,
    desk_of,
    store_city,
)
from tests.data.builders import make_achievement, make_need


@pytest.fixture
def city(engine: Engine) -> Engine:
    store_city(engine)
    list_need(engine)
    return engine


def list_need(engine: Engine) -> None:
    with session_scope(engine) as session:
        MatchListStore(session).put("n1", {"matches": []}, [], version=1)


def change_achievement(engine: Engine) -> None:
    with session_scope(engine) as session:
        AchievementRepository(session).upsert_many([make_achievement("a1", title="改过的题目")])


def remove_achievement(engine: Engine) -> None:
    with session_scope(engine) as session:
        AchievementRepository(session).remove_many(["a2"])


def approve_mask(engine: Engine) -> None:
    with session_scope(engine) as session:
        mask = Mask(title="某企业求护套", summary="求更轻的护套。").approved("of-e1")
        MaskStore(session, "need").put("n2", mask)


def withdraw_approval(engine: Engine) -> None:
    with session_scope(engine) as session:
        MaskStore(session, "need").put("n2", Mask(title="某企业求护套", summary="求护套。"))


def take_up_match(engine: Engine) -> None:
    with desk_of(engine, BROKER) as desk:
        desk.cases.take_up("n1", "a1")


def post_need(engine: Engine) -> None:
    with session_scope(engine) as session:
        NeedRepository(session).upsert_many([make_need("n9", visibility=Visibility.PUBLIC)])


@contextmanager
def same(stamp: Callable[[], object]) -> Iterator[list[bool]]:
    """Whether the stamp was the same after the block as before."""
    told: list[bool] = []
    before = stamp()
    assert before is not None
    assert stamp() == before
    yield told
    told.append(stamp() == before)


@pytest.mark.parametrize(
    "change",
    [change_achievement, remove_achievement, approve_mask, withdraw_approval, take_up_match],
)
@pytest.mark.parametrize("actor", [OFFICE, BROKER, ENTERPRISE], ids=lambda actor: actor.role.value)
def test_a_change_that_may_show_changes_both_stamps(
    city: Engine, actor: Actor, change: Callable[[Engine], None]
):
    glance = Glance(city)

    with (
        same(lambda: glance.of_postings(actor, Achievement)) as page,
        same(lambda: glance.of_list(actor, "n1")) as listed,
    ):
        change(city)

    assert (page, listed) == ([False], [False])


def test_a_need_that_is_posted_leaves_lists_and_achievements_as_they_were(city: Engine):
    glance = Glance(city)

    with (
        same(lambda: glance.of_postings(OFFICE, Achievement)) as achievements,
        same(lambda: glance.of_list(OFFICE, "n1").alone) as alone,
        same(lambda: glance.of_list(OFFICE, "n1").with_needs) as with_needs,
        same(lambda: glance.of_postings(OFFICE, Need)) as needs,
    ):
        post_need(city)

    assert (achievements, alone) == ([True], [True])
    assert (with_needs, needs) == ([False], [False])


@pytest.mark.parametrize(("actor", "kept"), [(ENTERPRISE, False), (BROKER, True)])
def test_which_achievements_a_firm_sees_may_hang_on_what_it_posted(
    city: Engine, actor: Actor, kept: bool
):
    glance = Glance(city)

    with same(lambda: glance.of_postings(actor, Achievement)) as page:
        post_need(city)

    assert page == [kept]


def test_a_list_that_is_made_anew_has_another_stamp(city: Engine):
    glance = Glance(city)

    with same(lambda: glance.of_list(OFFICE, "n1")) as listed:
        list_need(city)

    assert listed == [False]


def test_whoever_needs_a_closer_look_gets_none(city: Engine):
    glance = Glance(city)
    with session_scope(city) as session:
        MatchListStore(session).put("n2", {"matches": []}, [], version=1)

    assert glance.of_postings(BROKER_OF_BIOTECH, Achievement) is None
    assert glance.of_list(BROKER_OF_BIOTECH, "n1") is None
    # nobody may see it, there is no list, and reading it in full leaves a trail
    assert glance.of_list(RIVAL, "n-draft") is None
    assert glance.of_list(OFFICE, "n-draft") is None
    assert glance.of_list(OFFICE, "n2") is None
    assert glance.of_list(ENTERPRISE, "n2") is not None
