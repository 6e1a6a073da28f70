"""Rows that are organisations: a firm keeps its own record right, and takes nothing over."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from data.access.fate import Fate, Sorted
from data.access.import_rows import ImportRows
from data.importers.names import id_of_name, organization_from_name
from data.importers.rows import Kind
from data.policy.actor import Actor
from data.repositories import NeedRepository, OrganizationRepository
from data.session import session_scope
from data.tables import UserRow
from matcher.types import Organization, OrganizationKind
from tests.data.access.case_city import ENTERPRISE, OFFICE, RIVAL, desk_of, store_city
from tests.data.builders import make_need

NAME = "示例某电机有限公司"
NONE = frozenset[str]()


@pytest.fixture
def city(sqlite_engine: Engine) -> Engine:
    """With a firm that is known by its name only, and has a need and an account."""
    store_city(sqlite_engine)
    with session_scope(sqlite_engine) as session:
        bare = organization_from_name(NAME, otherwise=OrganizationKind.ENTERPRISE)
        OrganizationRepository(session).upsert_many([bare])
        NeedRepository(session).upsert_many([make_need("n-theirs", organization=bare.id)])
        session.get_one(UserRow, RIVAL.id).organization = bare.id
    return sqlite_engine


def stored(engine: Engine, actor: Actor, row: Organization) -> Sorted[Organization]:
    with desk_of(engine, actor) as desk:
        rows = ImportRows(desk.session, actor, desk.trail)
        return rows.store(Kind.ORGANIZATIONS, [row], NONE)[0]


def owners(engine: Engine) -> tuple[str | None, str | None]:
    """Whose the need and the account are."""
    with session_scope(engine, write=False) as session:
        need = NeedRepository(session).get("n-theirs")
        assert need is not None
        return need.organization, session.get_one(UserRow, RIVAL.id).organization


def full_record(kind: OrganizationKind = OrganizationKind.ENTERPRISE) -> Organization:
    return Organization(id="e1", name=NAME, kind=kind)


def test_a_firm_cannot_call_itself_like_another_one(city: Engine):
    renamed = stored(city, ENTERPRISE, full_record())

    assert (renamed.fate, renamed.advice is not None) == (Fate.REFUSED, True)
    assert owners(city) == (id_of_name(NAME), id_of_name(NAME))


def test_a_firm_that_always_bore_the_name_takes_nothing_over_either(city: Engine):
    with session_scope(city) as session:
        OrganizationRepository(session).upsert_many([full_record()])

    kept = stored(city, ENTERPRISE, replace(full_record(), county="panan"))

    assert kept.fate is Fate.CHANGED
    assert owners(city) == (id_of_name(NAME), id_of_name(NAME))


def test_what_hung_on_a_name_moves_to_the_full_record_that_the_office_loads(city: Engine):
    stored(city, OFFICE, full_record())

    assert owners(city) == ("e1", "e1")
    with session_scope(city, write=False) as session:
        assert session.get_one(UserRow, RIVAL.id).revision == 2


def test_what_kind_an_organisation_is_the_office_says(city: Engine):
    university = full_record(OrganizationKind.UNIVERSITY)

    own, offices = (stored(city, actor, university) for actor in (ENTERPRISE, OFFICE))

    assert (own.fate, own.column) == (Fate.REFUSED, "单位类型")
    assert offices.fate is Fate.CHANGED
