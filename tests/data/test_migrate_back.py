"""Going back to an older schema, for an older program, and forwards again."""

import pytest
from sqlalchemy import Engine, inspect, text

from data.audit import START
from data.audit_check import verify
from data.chains import ChainRepository
from data.decisions import DecisionRepository
from data.errors import DatabaseTooNew, UnknownRevision
from data.match_runs import MatchRunRepository
from data.migrate import HEAD, Readiness, check, move_to
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import session_scope
from data.versions import data_version, database_id
from tests.data.builders import make_achievement, make_decision, make_need, make_organization
from tests.data.test_audit import record
from tests.data.test_match_runs import make_run

OLD = "0004"


def test_older_tables_keep_all_they_hold_on_the_way_back_and_forwards(engine: Engine):
    with session_scope(engine) as session:
        OrganizationRepository(session).upsert_many([make_organization("e1")])
        NeedRepository(session).upsert_many([make_need("n1", organization="e1")])
        AchievementRepository(session).upsert_many([make_achievement("a1")])
        MatchRunRepository(session).add(make_run("r1"))
        DecisionRepository(session).add(make_decision(level=3))
        facts = database_id(session), data_version(session)
        chains = ChainRepository(session).all()
    record(engine, 2)

    back = move_to(engine, OLD)
    tables = set(inspect(engine).get_table_names())
    forwards = move_to(engine, HEAD)

    assert (back.readiness, back.revision) == (Readiness.BEHIND, OLD)
    assert "audit_entries" not in tables
    assert forwards.readiness is check(engine).readiness is Readiness.CURRENT
    with session_scope(engine) as session:
        assert OrganizationRepository(session).all() == (make_organization("e1"),)
        assert NeedRepository(session).all() == (make_need("n1", organization="e1"),)
        assert AchievementRepository(session).all() == (make_achievement("a1"),)
        assert MatchRunRepository(session).get("r1") == make_run("r1")
        assert DecisionRepository(session).all() == (make_decision(level=3),)
        assert (database_id(session), data_version(session)) == facts
        assert ChainRepository(session).all() == chains
    assert verify(engine).head == START


def test_every_revision_can_be_gone_back_and_forwards_alone(engine: Engine):
    for number in range(int(HEAD) - 1, 0, -1):
        move_to(engine, f"{number:04}")
        move_to(engine, f"{number + 1:04}")
        move_to(engine, f"{number:04}")

    assert check(engine).revision == "0001"
    assert move_to(engine, HEAD).readiness is Readiness.CURRENT


def test_where_it_is_already_nothing_happens(engine: Engine):
    record(engine, 1)

    move_to(engine, HEAD)

    assert verify(engine).head.seq == 1


def test_an_empty_database_is_made_first(empty_engine: Engine):
    move_to(empty_engine, OLD)

    assert check(empty_engine).revision == OLD
    with session_scope(empty_engine) as session:
        assert ChainRepository(session).all()


def test_an_unknown_revision_changes_nothing(engine: Engine):
    with pytest.raises(UnknownRevision, match="0001"):
        move_to(engine, "0000")

    assert check(engine).revision == HEAD


def test_a_newer_database_is_not_taken_back(engine: Engine):
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9001'"))

    with pytest.raises(DatabaseTooNew):
        move_to(engine, OLD)
