"""What the doctor says of a sick home."""

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from api.health import State, examine
from api.settings import Settings
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
