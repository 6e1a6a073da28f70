"""The audit chain: what is written stays, and whatever was tampered with is found."""

import contextlib
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from data.access.audit import AuditFilter, GuardedAudit
from data.access.keyset import Listed
from data.access.trail import LONGEST, Trail
from data.audit import START, BadHead, Entry, Head, between, chained, entries, head_of
from data.audit_check import verify
from data.policy.actor import SYSTEM, Actor, Role
from data.policy.errors import Forbidden
from data.policy.operation import Operation
from data.session import session_scope
from data.tables import AuditRow

MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
BROKER = Actor(id="b1", role=Role.BROKER, organization=None)
OFFICE = Actor(id="o1", role=Role.OFFICE)


def record(engine: Engine, count: int, *, actor: Actor = BROKER, item: str = "n{}") -> None:
    with session_scope(engine) as session:
        trail = Trail(actor, address="192.0.2.7", request="r1")
        for number in range(count):
            trail.note(Operation.NEED_READ, "need", item.format(number), view="full")
        trail.write(session)


def tamper(engine: Engine, *statements: str) -> None:
    """Does what only somebody with the database's own password can do."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
        else:
            for event in ("update", "delete", "insert"):
                connection.execute(text(f"DROP TRIGGER audit_entries_{event}"))
        for statement in statements:
            connection.execute(text(statement))


def test_an_empty_chain_is_whole(engine: Engine):
    verdict = verify(engine)

    assert verdict.broken is None
    assert verdict.head == START


def test_what_was_noted_is_read_back_in_order_with_who_and_from_where(engine: Engine):
    record(engine, 2)
    record(engine, 1, actor=SYSTEM)

    with session_scope(engine, write=False) as session:
        found = list(entries(session))
    assert [e.seq for e in found] == [1, 2, 3]
    assert [e.actor for e in found] == ["b1", "b1", "system"]
    first = found[0]
    assert (first.operation, first.kind, first.item) == ("need.read", "need", "n0")
    assert (first.address, first.request, first.facts) == ("192.0.2.7", "r1", {"view": "full"})
    assert datetime.now(UTC) - first.at < timedelta(minutes=1)
    assert verify(engine).head == Head(3, found[2].digest)


def test_nothing_is_recorded_of_a_transaction_that_failed(engine: Engine):
    record(engine, 1)

    trail = Trail(BROKER)
    trail.note(Operation.NEED_READ, "need", "n9")

    with contextlib.suppress(RuntimeError), session_scope(engine) as session:
        trail.write(session)
        raise RuntimeError

    assert verify(engine).head.seq == 1


def test_a_trail_is_written_once(engine: Engine):
    trail = Trail(BROKER)
    trail.note(Operation.NEED_READ, "need", "n1")
    before = trail.pending

    with session_scope(engine) as session:
        trail.write(session)
        trail.write(session)

    assert (before, trail.pending) == (True, False)
    assert verify(engine).head.seq == 1


def test_the_database_itself_refuses_to_alter_or_delete_entries(engine: Engine):
    record(engine, 2)

    for statement in (
        "UPDATE audit_entries SET actor = 'x' WHERE seq = 1",
        "DELETE FROM audit_entries WHERE seq = 1",
        "DELETE FROM audit_entries",
    ):
        with pytest.raises(DBAPIError, match="never altered"), engine.begin() as connection:
            connection.execute(text(statement))

    assert verify(engine).broken is None


def test_sqlite_refuses_to_replace_an_entry(sqlite_engine: Engine):
    record(sqlite_engine, 1)
    replacing = "INSERT OR REPLACE INTO audit_entries SELECT * FROM audit_entries"

    with pytest.raises(DBAPIError, match="never altered"), sqlite_engine.begin() as connection:
        connection.execute(text(replacing))


@pytest.mark.postgres
def test_postgresql_refuses_to_empty_the_table(postgres_url: str):
    from data.migrate import upgrade
    from data.session import make_engine

    engine = make_engine(postgres_url)
    upgrade(engine)

    with pytest.raises(DBAPIError, match="never altered"), engine.begin() as connection:
        connection.execute(text("TRUNCATE audit_entries"))
    engine.dispose()


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "x"}, {"role": "office"}, {"organization": "e1"}, {"item": "n8"},
        {"kind": "case"}, {"operation": "need.update"}, {"address": "192.0.2.8"},
        {"request": "r2"}, {"facts": {"view": "summary"}}, {"seq": 3},
        {"at": MOMENT + timedelta(microseconds=1)}, {"previous": "b" * 64},
    ],
)  # fmt: skip
def test_every_field_has_its_part_in_the_digest(change: dict[str, Any]):
    entry = Entry(
        at=MOMENT, actor="b1", role="broker", organization=None, operation="need.read",
        kind="need", item="n1", address="192.0.2.7", request="r1", facts={"view": "full"},
        seq=2, previous="a" * 64, digest="",
    )  # fmt: skip

    assert chained(replace(entry, **change)) != chained(entry)


def test_an_edit_is_found_at_its_entry(engine: Engine):
    record(engine, 3)

    tamper(engine, "UPDATE audit_entries SET item = 'n8' WHERE seq = 2")

    broken = verify(engine).broken
    assert broken is not None
    assert broken.seq == 2


def test_an_entry_forged_with_a_fitting_digest_is_found_at_the_next(engine: Engine):
    record(engine, 3)
    with session_scope(engine, write=False) as session:
        forged = replace(list(entries(session))[1], item="n8")

    tamper(
        engine,
        f"UPDATE audit_entries SET item = 'n8', digest = '{chained(forged)}' WHERE seq = 2",
    )

    broken = verify(engine).broken
    assert broken is not None
    assert broken.seq == 3


def test_an_entry_missing_in_the_middle_is_found(engine: Engine):
    record(engine, 4)

    tamper(engine, "DELETE FROM audit_entries WHERE seq = 2")

    verdict = verify(engine)
    assert verdict.head.seq == 1
    assert verdict.broken is not None
    assert verdict.broken.seq == 2


def test_closing_the_gap_by_renumbering_is_found(engine: Engine):
    record(engine, 3)

    tamper(
        engine,
        "DELETE FROM audit_entries WHERE seq = 2",
        "UPDATE audit_entries SET seq = 2 WHERE seq = 3",
    )

    broken = verify(engine).broken
    assert broken is not None
    assert broken.seq == 2


def test_a_tail_that_was_cut_off_is_found_by_the_stored_head(engine: Engine):
    record(engine, 4)

    tamper(engine, "DELETE FROM audit_entries WHERE seq > 2")

    verdict = verify(engine)
    assert verdict.head.seq == 2
    assert verdict.broken is not None
    assert verdict.broken.seq == 3


def test_entries_slipped_in_behind_the_head_are_found(engine: Engine):
    record(engine, 2)
    with session_scope(engine, write=False) as session:
        head = head_of(session)
    record(engine, 1)

    tamper(engine, f"UPDATE meta SET value = '{head}' WHERE key = 'audit_head'")

    assert verify(engine).broken is not None


def test_a_chain_cut_off_together_with_its_head_is_found_by_a_noted_one(engine: Engine):
    record(engine, 4)
    noted = verify(engine).head
    with session_scope(engine, write=False) as session:
        second = list(entries(session))[1]

    tamper(
        engine,
        "DELETE FROM audit_entries WHERE seq > 2",
        f"UPDATE meta SET value = '{Head(2, second.digest)}' WHERE key = 'audit_head'",
    )

    assert verify(engine).broken is None
    broken = verify(engine, noted=noted).broken
    assert broken is not None
    assert broken.seq == 3


def test_a_chain_rewritten_as_a_whole_is_found_by_a_noted_head(engine: Engine):
    record(engine, 2)
    noted = verify(engine).head
    tamper(
        engine,
        "DELETE FROM audit_entries",
        f"UPDATE meta SET value = '{START}' WHERE key = 'audit_head'",
    )
    record(engine, 3, item="m{}")

    assert verify(engine).broken is None
    broken = verify(engine, noted=noted).broken
    assert broken is not None
    assert broken.seq == 2


def test_a_noted_head_stays_good_while_the_chain_grows(engine: Engine):
    record(engine, 2)
    noted = verify(engine).head
    record(engine, 2)

    verdict = verify(engine, noted=noted)

    assert verdict.broken is None
    assert verdict.head.seq == 4


def test_writers_at_once_make_one_chain_without_gaps(engine: Engine):
    writers = [threading.Thread(target=lambda: [record(engine, 2) for _ in range(5)]) for _ in "ab"]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    verdict = verify(engine)
    assert verdict.broken is None
    assert verdict.head.seq == 20


def test_text_that_no_database_holds_is_made_sound_and_cut(engine: Engine):
    with session_scope(engine) as session:
        trail = Trail(BROKER, address="\0", request="\ud800")
        trail.note(Operation.NEED_READ, "need", "长" * 500, fields=["a\0b", "长" * 500], share=0.1)
        trail.write(session)

    with session_scope(engine, write=False) as session:
        (entry,) = entries(session)
    assert (entry.address, entry.request) == ("?", "?")
    assert len(entry.item) == LONGEST
    assert entry.facts["fields"][0] == "a?b"
    assert len(entry.facts["fields"][1]) == LONGEST
    assert verify(engine).broken is None


@pytest.mark.parametrize("name", ["password", "api_token", "client_secret", "password_hash"])
def test_a_fact_named_like_a_secret_is_refused(name: str):
    trail = Trail(BROKER)

    with pytest.raises(ValueError, match="no secrets"):
        trail.note(Operation.ME_UPDATE, "user", "b1", **{name: "x"})

    assert not trail.pending


@pytest.mark.parametrize("words", ["", "3", "3:abc", "x:" + "0" * 64, "-1:" + "0" * 64])
def test_a_head_that_is_none_is_refused_with_its_form(words: str):
    with pytest.raises(BadHead, match="SEQ:DIGEST"):
        Head.parse(words)


def test_a_head_reads_what_it_writes():
    head = Head(7, "0a" * 32)

    assert Head.parse(f" {head}\n") == head


def test_entries_of_a_span_are_selected_with_its_start_and_without_its_end(engine: Engine):
    record(engine, 3)
    with session_scope(engine, write=False) as session:
        first, second, third = entries(session)
        found = list(entries(session, between(second.at, third.at)))
        rest = list(entries(session, between(None, second.at)))

    assert [e.seq for e in found] == [2]
    assert [e.seq for e in rest] == [1]


def look(
    engine: Engine,
    actor: Actor,
    wanted: AuditFilter,
    *,
    limit: int = 50,
    cursor: str | None = None,
) -> Listed[Entry]:
    with session_scope(engine) as session:
        trail = Trail(actor)
        found = GuardedAudit(session, actor, trail).page(wanted, limit=limit, cursor=cursor)
        trail.write(session)
        return found


def seen(engine: Engine, wanted: AuditFilter) -> list[int]:
    return [entry.seq for entry in look(engine, OFFICE, wanted).items]


def test_the_office_reads_the_newest_entries_first_page_by_page(engine: Engine):
    record(engine, 4)

    first = look(engine, OFFICE, AuditFilter(), limit=3)
    second = look(engine, OFFICE, AuditFilter(), limit=3, cursor=first.next_cursor)

    assert [entry.seq for entry in first.items] == [4, 3, 2]
    assert [entry.seq for entry in second.items] == [1]
    assert second.next_cursor is None


def test_filters_narrow_what_is_read(engine: Engine):
    record(engine, 2)
    record(engine, 1, actor=SYSTEM, item="a1")
    with session_scope(engine, write=False) as session:
        times = [entry.at for entry in entries(session)]

    assert seen(engine, AuditFilter(actor="b1")) == [2, 1]
    assert seen(engine, AuditFilter(item="a1")) == [3]
    assert seen(engine, AuditFilter(operation="audit.read")) == [5, 4]
    assert seen(engine, AuditFilter(since=times[1], until=times[2])) == [2]


def test_who_reads_the_audit_is_recorded_once_a_look(engine: Engine):
    record(engine, 3)

    wanted = AuditFilter(operation="need.read")
    first = look(engine, OFFICE, wanted, limit=1)
    look(engine, OFFICE, wanted, limit=1, cursor=first.next_cursor)

    with session_scope(engine, write=False) as session:
        *_, last = entries(session)
    assert (last.seq, last.actor, last.operation, last.item) == (4, "o1", "audit.read", "")


@pytest.mark.parametrize("role", [Role.ENTERPRISE, Role.UNIVERSITY, Role.BROKER, Role.SYSTEM])
def test_nobody_else_reads_the_audit(sqlite_engine: Engine, role: Role):
    actor = replace(OFFICE, role=role)

    with pytest.raises(Forbidden):
        look(sqlite_engine, actor, AuditFilter())


def test_the_table_names_no_other_table():
    assert not AuditRow.__table__.foreign_keys
