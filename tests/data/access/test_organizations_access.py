"""Organisations and experts: everybody reads them, their own people and the office write."""

import pytest
from sqlalchemy import Engine

from data.access.errors import AlreadyThere, Changed, NotAcceptable
from data.access.experts import ExpertFilter
from data.access.organizations import OrganizationFilter
from data.expert import Expert
from data.policy.actor import Actor
from data.policy.errors import Forbidden, Unseen
from data.rows import digest
from matcher.types import OrganizationKind
from tests.data.access.case_city import (
    BROKER,
    ENTERPRISE,
    EVERYBODY,
    OFFICE,
    OTHER_UNIVERSITY,
    RIVAL,
    UNIVERSITY,
    desk_of,
    store_city,
)
from tests.data.builders import make_organization


@pytest.fixture
def city(engine: Engine) -> Engine:
    store_city(engine)
    return engine


@pytest.fixture
def sqlite_city(sqlite_engine: Engine) -> Engine:
    """Enough for rules, which no database changes."""
    store_city(sqlite_engine)
    return sqlite_engine


def test_everybody_finds_organisations_by_words_kind_county_and_chain(city: Engine):
    with desk_of(city, OFFICE) as desk:
        desk.organizations.create(
            make_organization("o1", name="百分之百%_电机", county="panan", chains=("nev",))
        )

    def found(actor: Actor = RIVAL, **wanted: object) -> list[str]:
        with desk_of(city, actor) as desk:
            page = desk.organizations.page(OrganizationFilter(**wanted), limit=50)
            return [organization.id for organization in page.items]

    assert {tuple(found(actor)) for actor in EVERYBODY} == {("e1", "e2", "o1", "u1", "u2")}
    assert found(kind=OrganizationKind.UNIVERSITY) == ["u1", "u2"]
    assert found(county="panan") == found(chain="nev") == ["o1"]
    assert found(words="%") == found(words="分之百%_") == found(words="o1") == ["o1"]
    assert found(words="'; DROP TABLE organizations; --") == []


def test_organisations_come_page_by_page(sqlite_city: Engine):
    with desk_of(sqlite_city, BROKER) as desk:
        first = desk.organizations.page(OrganizationFilter(), limit=3)
        rest = desk.organizations.page(OrganizationFilter(), limit=3, cursor=first.next_cursor)

    assert [o.id for o in (*first.items, *rest.items)] == ["e1", "e2", "u1", "u2"]
    assert rest.next_cursor is None


def test_the_office_registers_organisations_once(city: Engine):
    with desk_of(city, OFFICE) as desk:
        made_up = desk.organizations.create(make_organization(""))
        assert desk.organizations.get(made_up.id) == made_up

    with pytest.raises(AlreadyThere), desk_of(city, OFFICE) as desk:
        desk.organizations.create(make_organization("e1"))
    for wrong in ({"chains": ("nothing",)}, {"county": "nowhere"}):
        with pytest.raises(NotAcceptable), desk_of(city, OFFICE) as desk:
            desk.organizations.create(make_organization("o9", **wrong))
    for actor in (ENTERPRISE, UNIVERSITY, BROKER):
        with pytest.raises(Forbidden), desk_of(city, actor) as desk:
            desk.organizations.create(make_organization("o9"))


def test_an_organisation_is_changed_by_its_own_people_and_the_office(sqlite_city: Engine):
    for actor in (ENTERPRISE, OFFICE):
        with desk_of(sqlite_city, actor) as desk:
            found = desk.organizations.get("e1")
            changes = {"text": f"由 {actor.id} 修改"}
            changed = desk.organizations.update("e1", changes, expected=digest(found))
            assert desk.organizations.get("e1") == changed
            assert changed.text == changes["text"]

    for actor in (RIVAL, UNIVERSITY, BROKER):
        with pytest.raises(Forbidden), desk_of(sqlite_city, actor) as desk:
            desk.organizations.update("e1", {"text": ""}, expected=digest(changed))


def test_a_lost_update_of_an_organisation_is_refused(city: Engine):
    with desk_of(city, OFFICE) as desk:
        etag = digest(desk.organizations.get("e1"))
        desk.organizations.update("e1", {"text": "新"}, expected=etag)

    with pytest.raises(Changed), desk_of(city, ENTERPRISE) as desk:
        desk.organizations.update("e1", {"text": "旧"}, expected=etag)
    with pytest.raises(Unseen), desk_of(city, OFFICE) as desk:
        desk.organizations.update("nothing", {}, expected=etag)


def make_expert(organization: str = "u1", **changes: object) -> Expert:
    values: dict = {"name": "张示例", "title": "教授", "fields": ("永磁电机", "振动")}
    return Expert(organization=organization, **(values | changes))


def test_a_university_lists_its_own_experts_and_everybody_finds_them(sqlite_city: Engine):
    with desk_of(sqlite_city, UNIVERSITY) as desk:
        expert = desk.experts.create(make_expert())
    with desk_of(sqlite_city, OFFICE) as desk:
        other = desk.experts.create(make_expert("u2", name="李示例", text="从事 100% 计算"))

    for actor in EVERYBODY:
        with desk_of(sqlite_city, actor) as desk:
            assert desk.experts.get(expert.id) == expert
            listed = desk.experts.page(ExpertFilter(), limit=5).items
            assert {one.id for one in listed} == {expert.id, other.id}
            found = desk.experts.page(ExpertFilter(words="100%"), limit=5).items
            assert [one.id for one in found] == [other.id]
            of_u1 = desk.experts.page(ExpertFilter(organization="u1"), limit=5).items
            assert of_u1 == [expert]


@pytest.mark.parametrize("actor", [ENTERPRISE, OTHER_UNIVERSITY, BROKER], ids=lambda a: a.id)
def test_nobody_else_writes_a_universitys_experts(sqlite_city: Engine, actor: Actor):
    with desk_of(sqlite_city, UNIVERSITY) as desk:
        expert = desk.experts.create(make_expert())

    with pytest.raises(Forbidden), desk_of(sqlite_city, actor) as desk:
        desk.experts.create(make_expert())
    with pytest.raises(Forbidden), desk_of(sqlite_city, actor) as desk:
        desk.experts.update(expert.id, {"title": ""}, expected=expert.etag)


def test_an_enterprise_has_no_experts(sqlite_city: Engine):
    with pytest.raises(Forbidden), desk_of(sqlite_city, ENTERPRISE) as desk:
        desk.experts.create(make_expert("e1"))
    for organization in ("e1", "nothing"):
        with pytest.raises(NotAcceptable), desk_of(sqlite_city, OFFICE) as desk:
            desk.experts.create(make_expert(organization))


def test_an_expert_is_changed_only_by_who_read_the_latest(city: Engine):
    with desk_of(city, UNIVERSITY) as desk:
        expert = desk.experts.create(make_expert())
        changed = desk.experts.update(expert.id, {"fields": ("噪声",)}, expected=expert.etag)
        assert desk.experts.get(expert.id) == changed

    assert (changed.fields, changed.name) == (("噪声",), "张示例")
    with pytest.raises(Changed), desk_of(city, UNIVERSITY) as desk:
        desk.experts.update(expert.id, {"title": ""}, expected=expert.etag)
    with pytest.raises(Unseen), desk_of(city, UNIVERSITY) as desk:
        desk.experts.update("nothing", {"title": ""}, expected="x")


def test_nobody_takes_the_name_of_another_organisation_but_for_the_office(city: Engine):
    def rename(actor: Actor, name: str) -> str:
        with desk_of(city, actor) as desk:
            etag = digest(desk.organizations.get("e1"))
            return desk.organizations.update("e1", {"name": name}, expected=etag).name

    with desk_of(city, ENTERPRISE) as desk:
        taken = desk.organizations.get("e2").name

    with pytest.raises(NotAcceptable, match="另一单位"):
        rename(ENTERPRISE, taken)
    assert rename(ENTERPRISE, "示例甲新名公司") == "示例甲新名公司"
    assert rename(OFFICE, taken) == taken
