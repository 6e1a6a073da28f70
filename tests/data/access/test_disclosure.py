"""What its owner kept from the public, only its owner gives to the public."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from data.access.fate import Fate
from data.access.import_rows import ImportRows
from data.importers.rows import Kind
from data.policy.actor import Actor
from data.policy.errors import Forbidden
from data.repositories import NeedRepository
from data.session import session_scope
from matcher.types import Visibility
from tests.data.access.shelf_of_postings import desk_for, posting_id, store_postings
from tests.data.builders import make_need
from tests.data.policy.people import people

OWNER = people(of_achievement=False)["owner"]
OFFICE = people(of_achievement=False)["office"]
ADMINISTRATOR = people(of_achievement=False)["administrator"]
PUBLIC = {"visibility": Visibility.PUBLIC}
KEPT = ("broker", "masked")


@pytest.fixture
def stored(sqlite_engine: Engine) -> Engine:
    store_postings(sqlite_engine)
    return sqlite_engine


def visibility_of(engine: Engine, key: str) -> Visibility:
    with session_scope(engine, write=False) as session:
        return NeedRepository(session).get(key).visibility


@pytest.mark.parametrize("kept", KEPT)
@pytest.mark.parametrize("actor", [OFFICE, ADMINISTRATOR])
def test_the_office_makes_nothing_public_that_a_firm_kept(stored: Engine, kept: str, actor: Actor):
    key = posting_id("need", kept, "published")

    with pytest.raises(Forbidden), desk_for(stored, actor) as desk:
        desk.needs.update(key, PUBLIC, expected=desk.needs.get(key).etag)

    assert visibility_of(stored, key) == kept


@pytest.mark.parametrize("kept", KEPT)
def test_its_owner_may(stored: Engine, kept: str):
    key = posting_id("need", kept, "published")

    with desk_for(stored, OWNER) as desk:
        desk.needs.update(key, PUBLIC, expected=desk.needs.get(key).etag)

    assert visibility_of(stored, key) == "public"


def test_the_office_goes_on_changing_everything_else_and_may_hide(stored: Engine):
    kept, public = (posting_id("need", one, "published") for one in ("masked", "public"))

    with desk_for(stored, OFFICE) as desk:
        desk.needs.update(kept, {"budget_cny": 10}, expected=desk.needs.get(kept).etag)
        hidden = {"visibility": Visibility.BROKER}
        desk.needs.update(public, hidden, expected=desk.needs.get(public).etag)

    assert visibility_of(stored, public) == "broker"


def test_what_belongs_to_nobody_is_the_offices_to_disclose(stored: Engine):
    with session_scope(stored) as session:
        NeedRepository(session).upsert_many([make_need("n9", visibility=Visibility.BROKER)])

    with desk_for(stored, OFFICE) as desk:
        desk.needs.update("n9", PUBLIC, expected=desk.needs.get("n9").etag)

    assert visibility_of(stored, "n9") == "public"


def test_a_file_of_the_office_discloses_no_more(stored: Engine):
    key = posting_id("need", "broker", "published")
    with desk_for(stored, OFFICE) as desk:
        need = replace(desk.needs.get(key).posting, **PUBLIC)
        tried = {
            actor.id: ImportRows(desk.session, actor, desk.trail).sort(
                Kind.NEEDS, [need], frozenset()
            )[0]
            for actor in (OFFICE, OWNER)
        }

    assert tried[OFFICE.id].fate is Fate.REFUSED
    assert "公开" in tried[OFFICE.id].advice.zh
    assert tried[OWNER.id].fate is Fate.CHANGED
