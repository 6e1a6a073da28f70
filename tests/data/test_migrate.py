"""Creating and migrating the database."""

import multiprocessing
import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from data.cooperations import CooperationRepository
from data.decisions import DecisionRepository
from data.errors import DatabaseTooNew, ForeignTables
from data.match_runs import MatchRunRepository
from data.migrate import HEAD, Readiness, check, config, upgrade
from data.rankers import RankerRepository
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import make_engine, session_scope
from data.tables import Base
from data.tags import TagRepository
from data.versions import data_version, database_id
from matcher.graph.schema import NodeKind
from tests.data.builders import (
    MOMENT,
    make_achievement,
    make_cooperation,
    make_decision,
    make_need,
    make_organization,
)
from tests.data.test_match_runs import make_run


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


def test_a_database_of_the_first_revision_is_brought_up_to_date_without_loss(
    empty_engine: Engine,
):
    with empty_engine.begin() as connection:
        command.upgrade(config(connection), "0001")
    with session_scope(empty_engine) as session:
        OrganizationRepository(session).upsert_many([make_organization("e1")])
        NeedRepository(session).upsert_many([make_need("n1", organization="e1")])
        AchievementRepository(session).upsert_many([make_achievement("a1")])
        MatchRunRepository(session).add(make_run("r1"))
        name, version = database_id(session), data_version(session)

    before = check(empty_engine)
    after = upgrade(empty_engine)

    assert (before.readiness, before.revision) == (Readiness.BEHIND, "0001")
    assert after.readiness is check(empty_engine).readiness is Readiness.CURRENT
    with session_scope(empty_engine) as session:
        assert OrganizationRepository(session).all() == (make_organization("e1"),)
        assert NeedRepository(session).all() == (make_need("n1", organization="e1"),)
        assert AchievementRepository(session).all() == (make_achievement("a1"),)
        assert MatchRunRepository(session).get("r1") == make_run("r1")
        assert (database_id(session), data_version(session)) == (name, version)
        assert DecisionRepository(session).add(make_decision(level=3))
        assert RankerRepository(session).current() is None


def test_a_database_of_the_second_revision_is_brought_up_to_date_without_loss(
    empty_engine: Engine,
):
    with empty_engine.begin() as connection:
        command.upgrade(config(connection), "0002")
    with session_scope(empty_engine) as session:
        OrganizationRepository(session).upsert_many(
            [make_organization("e1"), make_organization("u1")]
        )
        DecisionRepository(session).add(make_decision(level=3))

    before = check(empty_engine)
    upgrade(empty_engine)

    assert (before.readiness, before.revision) == (Readiness.BEHIND, "0002")
    assert check(empty_engine).readiness is Readiness.CURRENT
    with session_scope(empty_engine) as session:
        assert DecisionRepository(session).all() == (make_decision(level=3),)
        assert CooperationRepository(session).upsert_many([make_cooperation()]).added == 1
        TagRepository(session).say(NodeKind.NEED, "n1", (), who="李工", made_at=MOMENT)
        assert TagRepository(session).said(NodeKind.NEED)["n1"].tags == ()


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
