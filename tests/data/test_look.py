"""Questions put to the driver directly."""

from contextlib import ExitStack
from time import monotonic

from sqlalchemy import Engine, bindparam, func, select

from data.look import Look
from data.repositories import NeedRepository
from data.session import session_scope
from data.tables import NeedRow
from tests.data.builders import make_need

TITLE = select(NeedRow.title, NeedRow.county).where(NeedRow.id == bindparam("need"))


def test_a_row_is_what_was_committed(engine: Engine):
    look = Look(engine, TITLE)
    with session_scope(engine) as session:
        NeedRepository(session).upsert_many([make_need("n1", title="电机降噪", county=None)])
        assert look.row(need="n1") is None

    assert tuple(look.row(need="n1") or ()) == ("电机降噪", None)
    assert look.row(need="n2") is None


def test_a_question_without_parameters_sees_each_change(engine: Engine):
    look = Look(engine, select(func.count()).select_from(NeedRow))
    seen = []
    for number in range(3):
        seen.append(tuple(look.row() or ()))
        with session_scope(engine) as session:
            NeedRepository(session).upsert_many([make_need(f"n{number}")])

    assert seen == [(0,), (1,), (2,)]


def test_a_database_that_cannot_be_asked_gives_none_and_keeps_no_connection(empty_engine: Engine):
    look = Look(empty_engine, TITLE)

    # more often than the pool has connections
    assert [look.row(need="n1") for _ in range(30)] == [None] * 30
    assert empty_engine.pool.checkedout() == 0


def test_many_readers_of_a_file_do_not_keep_a_look_waiting(sqlite_engine: Engine):
    look = Look(sqlite_engine, TITLE)
    with session_scope(sqlite_engine) as session:
        NeedRepository(session).upsert_many([make_need("n1", title="电机降噪")])

    with ExitStack() as readers:
        for _ in range(40):
            session = readers.enter_context(session_scope(sqlite_engine, write=False))
            assert NeedRepository(session).count() == 1
        began = monotonic()
        assert look.row(need="n1") is not None

    assert monotonic() - began < 5  # a pool of the usual size would have had it wait for 30 s
