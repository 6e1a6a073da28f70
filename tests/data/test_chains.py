"""The city's chains in the database."""

from dataclasses import replace

from sqlalchemy import Engine

from data import reference
from data.chains import ChainRepository
from data.session import session_scope


def test_a_new_database_starts_with_the_packaged_chains(engine: Engine):
    with session_scope(engine, write=False) as session:
        assert ChainRepository(session).all() == reference.chains()


def test_a_citys_own_chains_replace_them_in_the_order_given(engine: Engine):
    first, second, *_ = reference.chains()
    own = (second, replace(first, name_zh="新能源整车", segments=()))

    with session_scope(engine) as session:
        ChainRepository(session).replace_all(own)

    with session_scope(engine, write=False) as session:
        assert ChainRepository(session).all() == own
