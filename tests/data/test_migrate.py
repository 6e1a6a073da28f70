"""Creating and migrating the database."""

import multiprocessing
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from data.errors import DatabaseTooNew, ForeignTables
from data.migrate import HEAD, Readiness, check, config, upgrade
from data.session import make_engine
from data.tables import Base


def test_migrations_produce_exactly_the_tables_that_the_code_declares(empty_engine: Engine):
    upgrade(empty_engine)

    with empty_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_head_in_the_code_is_the_newest_revision(sqlite_engine: Engine):
    with sqlite_engine.connect() as connection:
        assert ScriptDirectory.from_config(config(connection)).get_current_head() == HEAD


def test_checking_a_missing_file_does_not_create_it(sqlite_url: str, tmp_path: Path):
    engine = make_engine(sqlite_url)

    state = check(engine)

    assert state.readiness is Readiness.EMPTY
    assert not list(tmp_path.rglob("*.db"))


def test_an_empty_database_becomes_current_and_stays_so(empty_engine: Engine):
    before = check(empty_engine)
    upgrade(empty_engine)
    again = upgrade(empty_engine)

    assert before.readiness is Readiness.EMPTY
    assert again.readiness is check(empty_engine).readiness is Readiness.CURRENT


def test_a_database_from_a_newer_version_is_refused_with_what_to_do(engine: Engine):
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9001'"))

    assert check(engine).readiness is Readiness.TOO_NEW
    with pytest.raises(DatabaseTooNew, match=r"升级.*upgrade yilian") as caught:
        upgrade(engine)
    assert caught.value.revision == "9001"


def test_tables_of_another_program_are_left_alone(tmp_path: Path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE needs (x)")
    connection.close()

    with pytest.raises(ForeignTables) as caught:
        upgrade(make_engine(f"sqlite:///{path}"))

    assert caught.value.tables == ("needs",)


def test_a_folder_with_a_percent_sign_in_its_name_is_no_obstacle(tmp_path: Path):
    engine = make_engine(f"sqlite:///{tmp_path / '100%s of it' / 'y.db'}")

    assert upgrade(engine).readiness is Readiness.CURRENT
    engine.dispose()


def _upgrade_at_once(url: str, barrier, outcomes) -> None:
    engine = make_engine(url)
    barrier.wait()
    try:
        outcomes.put(upgrade(engine).readiness.value)
    except Exception as error:
        outcomes.put(repr(error))


def test_two_processes_may_create_the_tables_at_once(
    request: pytest.FixtureRequest, empty_engine: Engine
):
    processes = multiprocessing.get_context("spawn")
    barrier, outcomes = processes.Barrier(2), processes.Queue()
    url = empty_engine.url.render_as_string(hide_password=False)
    both = [
        processes.Process(target=_upgrade_at_once, args=(url, barrier, outcomes)) for _ in range(2)
    ]

    for process in both:
        process.start()
    for process in both:
        process.join(30)

    assert [outcomes.get(timeout=5) for _ in both] == ["current", "current"]
