"""``--chain`` keeps what belongs to a chain by a person's word, its own, or inference."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.filtering import RememberedFilters, allowed_ids
from api.graph.city import City
from api.graph.store import GraphStore
from api.graph.tags import CityTags
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from data.tags import TagRepository
from embeddings.hashing_encoder import HashingEncoder
from matcher.graph.schema import NodeKind
from matcher.tag_types import Tag
from matcher.types import Achievement, Filter, Need, Status
from tests.api.graph.test_tags import BOATS, KITES, define, engine

__all__ = ["engine"]

TODAY = date(2026, 3, 4)


@pytest.fixture(params=["with the graph", "without it"])
def asked(request: pytest.FixtureRequest, engine: Engine, tmp_path: Path):
    """Ids that pass a filter for these chains."""
    tags = CityTags(engine, engine, encoder=HashingEncoder)
    with session_scope(engine) as session:
        NeedRepository(session).upsert_many(
            [
                Need(id="same", title="船桨"),
                Need(id="late", title="船桨", deadline=date(2020, 1, 1)),
                Need(id="kite", title="筝尾"),
            ]
        )
        AchievementRepository(session).upsert_many(
            [
                Achievement(id="same", title="筝尾"),
                Achievement(id="declared", title="筝尾", chains=("boats",)),
                Achievement(id="wording", title="船桨"),
                Achievement(id="said", title="筝尾", chains=("kites",)),
                Achievement(id="denied", title="船桨", chains=("boats",)),
                Achievement(id="remote", title="船桨", county="yongkang"),
            ]
        )
        for item, found in (("said", [Tag("boats", None, 1.0, ())]), ("denied", [])):
            TagRepository(session).say(
                NodeKind.ACHIEVEMENT, item, found, who="李工", made_at=datetime.now(UTC)
            )

    def ids(repository, *chains, **more):
        city = None
        if request.param == "with the graph":
            graph = GraphStore(engine, tmp_path / "graph", tags).current(today=TODAY)
            city = City(graph, tags)
        wanted = Filter(chains=chains, **more)
        return allowed_ids(engine, repository, wanted, tags=tags, city=city)

    return ids


def test_achievements_pass_by_word_of_a_person_then_declared_then_inferred(asked):
    assert asked(AchievementRepository, "boats") == {"declared", "wording", "said", "remote"}
    assert asked(AchievementRepository, "kites") == {"same"}


def test_needs_pass_too_even_past_their_deadline(asked):
    assert asked(NeedRepository, "boats") == {"same", "late"}


def test_several_chains_are_joined_and_other_conditions_hold_as_well(asked):
    assert asked(NeedRepository, "boats", "kites") is None
    found = asked(AchievementRepository, "boats", "kites", counties=("yongkang",))
    assert found == {"remote"}


def test_without_chains_nobody_is_left_out(asked):
    assert asked(AchievementRepository) is None


def test_a_chain_that_was_renamed_is_found_by_its_old_id(asked, engine: Engine):
    define(engine, replace(BOATS, id="ships", segments=()), KITES, boats="ships")

    assert asked(AchievementRepository, "boats") >= {"declared", "said"}


@pytest.fixture
def filters(engine: Engine) -> RememberedFilters:
    with session_scope(engine) as session:
        AchievementRepository(session).upsert_many(
            [
                Achievement(id="a", title="船桨", trl=3),
                Achievement(id="b", title="筝尾", trl=8),
                Achievement(id="gone", title="筝尾", status=Status.WITHDRAWN),
            ]
        )
    return RememberedFilters(engine, CityTags(engine, engine, encoder=HashingEncoder))


def passing(filters: RememberedFilters, **wanted):
    return filters.of(AchievementRepository, Filter(**wanted), None)


def keep(engine: Engine, *achievements: Achievement) -> None:
    with session_scope(engine) as session:
        AchievementRepository(session).upsert_many(achievements)


CHANGES = [
    Achievement(id="c", title="船桨", trl=9),
    Achievement(id="a", title="船桨", status=Status.WITHDRAWN),
    Achievement(id="a", title="船桨", trl=7),
    Achievement(id="gone", title="筝尾"),
    Achievement(id="b", title="筝尾", trl=1),
]


@pytest.mark.parametrize("wanted", [{}, {"min_trl": 5}, {"chains": ("boats",)}])
def test_a_remembered_filter_follows_every_change(filters, engine, wanted):
    tags = CityTags(engine, engine, encoder=HashingEncoder)
    for achievement in CHANGES:
        passing(filters, **wanted)
        keep(engine, achievement)

        expected = allowed_ids(
            engine, AchievementRepository, Filter(**wanted), tags=tags, city=None
        )
        assert passing(filters, **wanted) == expected

    with session_scope(engine) as session:
        AchievementRepository(session).remove_many(["c", "b"])
    expected = allowed_ids(engine, AchievementRepository, Filter(**wanted), tags=tags, city=None)
    assert passing(filters, **wanted) == expected


def test_a_filter_that_nothing_changed_for_is_the_same_set(filters, engine):
    before = passing(filters)
    with session_scope(engine) as session:
        NeedRepository(session).upsert_many([Need(id="n", title="船桨")])
    keep(engine, Achievement(id="b", title="筝尾巴", trl=8))

    assert passing(filters) is before


def test_after_many_changes_all_is_looked_at(filters, engine, monkeypatch):
    monkeypatch.setattr("api.filtering.MOST_FOLLOWED", 2)
    passing(filters)
    keep(engine, *CHANGES[2:])

    assert passing(filters) is None


def test_only_the_filters_asked_last_are_remembered(filters):
    first = passing(filters)
    for trl in range(1, 1 + RememberedFilters.MOST):
        passing(filters, min_trl=trl)

    assert passing(filters) is not first
    assert passing(filters) == first
