"""Pages by key, over accounts as an example."""

import pytest
from sqlalchemy import Engine, select

from data.access.errors import NotAcceptable
from data.access.keyset import read_page
from data.session import session_scope
from data.tables import OrganizationRow, UserRow
from tests.data.access.case_city import EVERYBODY, store_city


@pytest.fixture
def city(engine: Engine) -> Engine:
    store_city(engine)
    return engine


def page(engine: Engine, limit: int, cursor: str | None = None, *, down: bool = False):
    """Accounts by role, then id."""
    statement = select(UserRow.__table__)
    with session_scope(engine, write=False) as session:
        keys = (UserRow.role, UserRow.id)
        return read_page(session, statement, *keys, limit=limit, cursor=cursor, down=down)


@pytest.mark.parametrize("down", [False, True])
def test_pages_follow_each_other_without_a_gap_or_a_repetition(city: Engine, down: bool):
    found, cursor = [], None
    while True:
        listed = page(city, 3, cursor, down=down)
        found += [(row["role"], row["id"]) for row in listed.items]
        cursor = listed.next_cursor
        if cursor is None:
            break

    assert found == sorted(((a.role.value, a.id) for a in EVERYBODY), reverse=down)


def test_a_page_that_holds_the_rest_is_the_last(city: Engine):
    assert page(city, len(EVERYBODY)).next_cursor is None
    assert page(city, len(EVERYBODY) - 1).next_cursor is not None


def test_a_cursor_of_another_list_is_refused(city: Engine):
    with session_scope(city, write=False) as session:
        other = read_page(
            session, select(OrganizationRow.__table__), OrganizationRow.id, limit=1, cursor=None
        )

    with pytest.raises(NotAcceptable):
        page(city, 3, other.next_cursor)
    with session_scope(city, write=False) as session, pytest.raises(NotAcceptable):
        read_page(
            session,
            select(UserRow.__table__),
            UserRow.id,
            limit=1,
            cursor=other.next_cursor,
        )
