"""What the doctor says of a sick home."""

import json
import shutil
import sqlite3
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from api.health import State, examine
from api.service import MatchService
from api.settings import Settings
from data.rankers import RankerRepository
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from embeddings.adapter import Adapter
from matcher.types import Need
from tests.api.conftest import settings_for


@pytest.fixture
def sick(sample_home: Path, tmp_path: Path, model_folder: Path) -> Settings:
    home = tmp_path / "sick"
    shutil.copytree(sample_home, home)
    return settings_for(home, model_folder)


def states(settings: Settings) -> dict[str, State]:
    return {finding.part: finding.state for finding in examine(settings)}


def words(settings: Settings, part: str) -> str:
    return next(f.words for f in examine(settings) if f.part == part)


def test_a_healthy_home_is_all_good(sick: Settings):
    assert set(states(sick).values()) == {State.GOOD}


def test_a_model_without_a_file_is_named_with_the_file(sick: Settings, tmp_path: Path):
    broken = tmp_path / "model"
    shutil.copytree(sick.model, broken)
    (broken / "tokenizer.json").unlink()

    found = words(replace(sick, model=str(broken)), "model")

    assert "tokenizer.json" in found
    assert "yilian model build" in found


def test_an_index_cut_short_is_found_and_will_be_rebuilt(sick: Settings):
    vectors = max((sick.indexes / "achievements" / "vectors").rglob("*.npy"))
    vectors.write_bytes(vectors.read_bytes()[:-100])

    assert states(sick)["index achievements"] is State.REMARK


def test_a_database_from_a_newer_version_is_broken_and_says_upgrade(sick: Settings):
    with sqlite3.connect(sick.home / "yilian.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    assert states(sick)["database"] is State.BROKEN
    assert "upgrade" in words(sick, "database")


def test_an_empty_home_is_a_remark_and_not_a_fault(tmp_path: Path, model_folder: Path):
    found = states(settings_for(tmp_path / "new", model_folder))

    assert found["database"] is State.REMARK
    assert State.BROKEN not in found.values()


def test_each_derived_part_has_its_line(sick: Settings):
    assert "nodes" in words(sick, "graph")
    assert "nothing to review" in words(sick, "tags")
    assert "0 statements of people" in words(sick, "tagger")
    assert "shipped" in words(sick, "ranker")
    assert "none" in words(sick, "adapter achievements")


def test_an_adapter_tells_on_how_many_documents_it_was_fitted(sick: Settings):
    service = MatchService(sick)
    store = service.index_store(AchievementRepository)
    store.use_adapter(Adapter(np.eye(service.encoder.dim, dtype=np.float32), fitted_on=1234))
    service.close()

    assert "1234" in words(sick, "adapter achievements")


def test_a_graph_that_is_behind_absent_or_broken_is_a_remark_and_stays_so(sick: Settings):
    service = MatchService(sick)
    with session_scope(service.engine) as session:
        NeedRepository(session).upsert_many([Need(id="later", title="织机振动")])
    service.close()

    assert "behind the data" in words(sick, "graph")
    assert "behind the data" in words(sick, "graph")  # looking mended nothing
    saved = max((sick.indexes / "graph").rglob("graph.json"))
    saved.write_bytes(saved.read_bytes()[:-9])
    assert states(sick)["graph"] is State.REMARK
    shutil.rmtree(sick.indexes / "graph")
    assert "not built yet" in words(sick, "graph")
    assert not (sick.indexes / "graph").exists()


def test_a_graph_of_other_definitions_will_be_made_anew(sick: Settings):
    manifest = sick.indexes / "graph" / "manifest.json"
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(content | {"fingerprint": "other"}))

    assert "made from other" in words(sick, "graph")


def test_tags_that_point_nowhere_are_counted(sick: Settings):
    service = MatchService(sick)
    with session_scope(service.engine) as session:
        NeedRepository(session).upsert_many([Need(id="lost", title="织机", chains=("gone",))])
    service.close()

    assert states(sick)["tags"] is State.REMARK
    assert words(sick, "tags").startswith("1 ")


def test_a_promoted_ranker_is_named_with_what_it_learnt_from(sick: Settings):
    service = MatchService(sick)
    with session_scope(service.engine) as session:
        shipped = files("data.reference").joinpath("ranker.json").read_text(encoding="utf-8")
        rankers = RankerRepository(session)
        stored = rankers.add(shipped, author="t", trained_on={"needs": 40}, figures={})
        rankers.promote(stored.version)
    service.close()

    assert "40 needs" in words(sick, "ranker")


def test_a_promoted_ranker_that_cannot_be_used_is_a_remark(sick: Settings):
    service = MatchService(sick)
    with session_scope(service.engine) as session:
        rankers = RankerRepository(session)
        rankers.promote(rankers.add("{}", author="t", trained_on={}, figures={}).version)
    service.close()

    assert states(sick)["ranker"] is State.REMARK
