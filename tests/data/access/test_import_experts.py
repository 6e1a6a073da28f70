"""Rows that are experts: a university lists its own people, the office anybody's."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from data.access.experts import ExpertFilter
from data.access.fate import Fate, Sorted
from data.access.import_rows import ImportRows
from data.audit import entries
from data.expert import Expert
from data.importers.expert_fields import expert_id
from data.importers.rows import Kind
from data.policy.actor import Actor
from data.session import session_scope
from tests.data.access.case_city import (
    ADMINISTRATOR,
    ENTERPRISE,
    OFFICE,
    OTHER_UNIVERSITY,
    UNIVERSITY,
    desk_of,
    store_city,
)

NONE = frozenset[str]()


@pytest.fixture
def city(sqlite_engine: Engine) -> Engine:
    store_city(sqlite_engine)
    return sqlite_engine


def row(name: str = "张三", organization: str = "", **values: object) -> Expert:
    """A row as it is read: without a number it has the id of what it says."""
    made = {"id": expert_id(organization, name)} | values
    return Expert(name=name, organization=organization, **made)


def fates(engine: Engine, actor: Actor, *rows: Expert, store: bool = False) -> list[Sorted]:
    with desk_of(engine, actor) as desk:
        imported = ImportRows(desk.session, actor, desk.trail)
        do = imported.store if store else imported.sort
        return do(Kind.EXPERTS, rows, NONE)


def listed(engine: Engine) -> list[Expert]:
    with desk_of(engine, OFFICE) as desk:
        return desk.experts.page(ExpertFilter(), limit=50).items


def test_a_university_lists_its_own_people_and_nobody_elses(city: Engine):
    with desk_of(city, OTHER_UNIVERSITY) as desk:
        theirs = desk.experts.create(Expert(name="李四", organization="u2"))
    rows = (
        row("甲"),
        row("乙", "u1"),
        row("丙", "u2"),
        row("李四", "u2", title="教授"),
        row("丁", id=theirs.id),
    )

    tried = fates(city, UNIVERSITY, *rows)
    before = listed(city)
    done = fates(city, UNIVERSITY, *rows, store=True)

    assert [one.fate for one in tried] == [Fate.ADDED] * 2 + [Fate.REFUSED] * 3
    assert [one.column for one in tried[2:]] == ["所在单位", "所在单位", "专家编号"]
    assert all(one.advice and one.advice.zh and one.advice.en for one in tried[2:])
    assert before == [theirs]
    assert [one.fate for one in done] == [one.fate for one in tried]
    assert {(one.name, one.organization) for one in listed(city)} == {
        ("甲", "u1"),
        ("乙", "u1"),
        ("李四", "u2"),
    }
    assert theirs in listed(city)


def test_an_expert_that_was_listed_by_hand_is_changed_and_not_added_twice(city: Engine):
    with desk_of(city, UNIVERSITY) as desk:
        made = desk.experts.create(Expert(name="张三", organization="u1", title="讲师"))

    (same,) = fates(city, UNIVERSITY, row(title="讲师"))
    (changed,) = fates(city, UNIVERSITY, row(title="教授"), store=True)

    assert (same.fate, changed.fate) == (Fate.UNCHANGED, Fate.CHANGED)
    (expert,) = listed(city)
    assert (expert.id, expert.title, expert.created_at) == (made.id, "教授", made.created_at)
    with desk_of(city, UNIVERSITY) as desk:
        # the fingerprint that was written is the one that a reader is shown
        desk.experts.update(expert.id, {"title": "院士"}, expected=expert.etag)


def test_the_audit_tells_which_id_a_number_took_the_place_of(city: Engine):
    with desk_of(city, UNIVERSITY) as desk:
        made = desk.experts.create(Expert(name="张三", organization="u1"))

    (numbered,) = fates(city, UNIVERSITY, row(id="T1"), store=True)

    assert numbered.fate is Fate.CHANGED
    with session_scope(city, write=False) as session:
        *_, last = entries(session)
    assert (last.operation, last.item, last.facts) == ("expert.update", "T1", {"was": made.id})


@pytest.mark.parametrize("actor", [OFFICE, ADMINISTRATOR], ids=lambda actor: actor.id)
def test_the_office_lists_anybodys_and_a_new_university_with_them(city: Engine, actor: Actor):
    rows = row("甲", "u2"), row("乙", "某某研究院"), row("丙", "e1"), row("丁")

    tried = fates(city, actor, *rows)
    done = fates(city, actor, *rows, store=True)

    assert [one.fate for one in tried] == [Fate.ADDED] * 2 + [Fate.REFUSED] * 2
    assert [one.fate for one in done] == [one.fate for one in tried]
    institute = next(one for one in listed(city) if one.name == "乙").organization
    with desk_of(city, actor) as desk:
        assert desk.organizations.get(institute).name == "某某研究院"
    with session_scope(city, write=False) as session:
        deeds = [entry.operation for entry in entries(session)]
    assert deeds.count("expert.create") == 2
    assert deeds.count("organization.create") == 1


def test_an_enterprise_lists_nobody(city: Engine):
    told = fates(city, ENTERPRISE, row("甲"), row("乙", "u1"), row("丙", "新大学"), store=True)

    assert {one.fate for one in told} == {Fate.REFUSED}
    assert listed(city) == []


def test_more_than_the_interface_takes_is_refused(city: Engine):
    told = fates(
        city,
        UNIVERSITY,
        row("甲", title="长" * 101),
        row("乙", fields=tuple(map(str, range(51)))),
        row("丙", title="长" * 100, fields=tuple(map(str, range(50)))),
    )

    assert [one.fate for one in told] == [Fate.REFUSED, Fate.REFUSED, Fate.ADDED]
    assert [one.column for one in told[:2]] == ["职称", "研究方向"]


def test_the_statements_of_a_batch_do_not_grow_with_its_rows(city: Engine):
    def asked(count: int, mark: str) -> int:
        rows = [row(f"{mark}{n}") for n in range(count)]
        with counted(city) as statements:
            assert {one.fate for one in fates(city, UNIVERSITY, *rows, store=True)} == {Fate.ADDED}
        return len(statements)

    assert asked(500, "多") - asked(5, "少") < 5


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that are sent meanwhile; rows that go together are one."""
    statements: list[str] = []

    def note(connection, cursor, statement, *rest) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)
