"""News of a posting's steps."""

from sqlalchemy import Engine, select

from data.access.postings import Postings
from data.announce import Subscription
from data.policy.operation import Operation
from data.session import session_scope
from data.tables import InboxItemRow
from tests.data.access.case_city import BROKER, ENTERPRISE, OFFICE, desk_of, store_city


def told(engine: Engine) -> list[tuple[str, str, str | None]]:
    with session_scope(engine, write=False) as session:
        items = session.scalars(select(InboxItemRow).order_by(InboxItemRow.id)).all()
        return [(item.account, item.kind, item.need) for item in items]


def step(engine: Engine, actor, name: Operation, reason: str = "") -> None:
    with desk_of(engine, actor) as desk:
        needs: Postings = desk.needs
        needs.step("n-draft", name, reason)


def test_the_owners_people_hear_of_each_return_and_nobody_else(sqlite_engine: Engine):
    store_city(sqlite_engine)

    for _ in range(2):
        step(sqlite_engine, ENTERPRISE, Operation.STEP_SUBMIT)
        step(sqlite_engine, OFFICE, Operation.STEP_RETURN, "请写明转速")

    assert told(sqlite_engine) == [(ENTERPRISE.id, "posting_returned", "n-draft")] * 2


def test_a_broker_who_asked_for_it_hears_of_what_is_published(sqlite_engine: Engine):
    store_city(sqlite_engine)
    with desk_of(sqlite_engine, BROKER) as desk:
        desk.subscriptions.put(Subscription(events=("posting_published",)), expected="0")

    step(sqlite_engine, ENTERPRISE, Operation.STEP_SUBMIT)
    step(sqlite_engine, OFFICE, Operation.STEP_PUBLISH)

    assert told(sqlite_engine) == [(BROKER.id, "posting_published", "n-draft")]
