"""``--chain`` keeps what belongs to a chain by a person's word, its own, or inference."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.city import City
from api.filtering import allowed_ids
from api.graph import GraphStore
from api.tags import CityTags
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from data.tags import TagRepository
from embeddings.hashing_encoder import HashingEncoder
from matcher.graph.schema import NodeKind
from matcher.tag_types import Tag
from matcher.types import Achievement, Filter, Need
from tests.api.test_tags import BOATS, KITES, define, engine

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
