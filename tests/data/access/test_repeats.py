"""Answers kept under the caller's key, and how long."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, select, update

from data.access.repeats import KEPT, Answered, Repeats, forget_repeats
from data.session import session_scope
from data.tables import IdempotencyRow

ANSWER = Answered("request", 201, {"location": "/v1/needs/n1"}, "{}")


def answered(engine: Engine, key: str, *, ago: timedelta = timedelta()) -> None:
    with session_scope(engine) as session:
        repeats = Repeats(session, "account")
        assert repeats.claim(key, "request") is None
        repeats.keep(key, ANSWER)
        made_at = datetime.now(UTC) - ago
        row = IdempotencyRow
        session.execute(update(row).where(row.key == key).values(made_at=made_at))


def claimed(engine: Engine, key: str) -> Answered | None:
    with session_scope(engine) as session:
        return Repeats(session, "account").claim(key, "request")


def test_a_key_gives_its_answer_until_it_is_two_days_old(engine: Engine):
    answered(engine, "young", ago=KEPT - timedelta(minutes=1))
    answered(engine, "old", ago=KEPT + timedelta(minutes=1))

    assert claimed(engine, "young") == ANSWER
    assert claimed(engine, "old") is None


def test_the_night_drops_keys_that_count_no_more(engine: Engine):
    answered(engine, "young")
    answered(engine, "old", ago=KEPT + timedelta(minutes=1))

    with session_scope(engine) as session:
        assert forget_repeats(session, datetime.now(UTC)) == 1
        assert forget_repeats(session, datetime.now(UTC)) == 0
        assert session.scalar(select(func.count()).select_from(IdempotencyRow)) == 1
    assert claimed(engine, "young") == ANSWER
