"""Late cases."""

from datetime import date, timedelta

from sqlalchemy import Engine, select

from data.announce import announce
from data.overdue import overdue_news
from data.session import session_scope
from data.tables import InboxItemRow
from tests.data.access.case_city import BROKER, desk_of, store_city

TODAY = date(2026, 5, 4)


def test_the_broker_in_charge_is_told_once_of_a_late_case(sqlite_engine: Engine):
    store_city(sqlite_engine)
    with desk_of(sqlite_engine, BROKER) as desk:
        case = desk.cases.take_up("n1", "a1")
        desk.cases.plan(case.id, {"due": TODAY}, expected=case.etag)

    for day in (TODAY, TODAY + timedelta(1), TODAY + timedelta(2)):
        with session_scope(sqlite_engine) as session:
            announce(session, overdue_news(session, day))

    with session_scope(sqlite_engine, write=False) as session:
        told = session.scalars(select(InboxItemRow)).all()
    assert [(item.account, item.kind, item.need) for item in told] == [
        (BROKER.id, "case_overdue", "n1")
    ]
