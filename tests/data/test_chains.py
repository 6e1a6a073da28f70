"""The city's chains in the database."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from data import reference
from data.chains import BadRename, ChainRepository
from data.session import session_scope
from data.tags import TagRepository
from data.versions import data_version
from matcher.chain import IndustryChain, Segment
from matcher.graph.schema import NodeKind
from matcher.tag_types import Tag
from tests.data.builders import MOMENT


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


def chain(id: str, *segments: str) -> IndustryChain:
    parts = tuple(
        Segment(id=s, chain=id, position="upstream", name_zh=s, name_en=s) for s in segments
    )
    return IndustryChain(id=id, name_zh=id, name_en=id, segments=parts)


def define(engine: Engine, *chains: IndustryChain, **renamed: str) -> int:
    with session_scope(engine) as session:
        repository = ChainRepository(session)
        repository.replace_all(chains)
        names = {old.replace("_", "."): new for old, new in renamed.items()}
        return repository.rename(names, who="李工")


def say(engine: Engine, item_id: str, *tags: Tag) -> None:
    with session_scope(engine) as session:
        TagRepository(session).say(NodeKind.NEED, item_id, tags, who="李工", made_at=MOMENT)


def said(engine: Engine, item_id: str) -> list[tuple[str, str | None]]:
    with session_scope(engine, write=False) as session:
        word = TagRepository(session).said(NodeKind.NEED, [item_id])[item_id]
    return [(tag.chain, tag.segment) for tag in word.tags]


def test_what_people_said_moves_along_when_segments_are_renamed_or_merged(engine: Engine):
    define(engine, chain("boat", "boat.oar", "boat.hull"))
    say(engine, "n1", Tag("boat", "boat.oar", 0.9, ()))
    say(engine, "n2", Tag("boat", "boat.hull", 0.8, ()), Tag("boat", None, 0.3, ()))

    moved = define(engine, chain("boat", "boat.body"), boat_oar="boat.body", boat_hull="boat.body")

    assert moved == 2
    assert said(engine, "n1") == [("boat", "boat.body")]
    assert said(engine, "n2") == [("boat", "boat.body"), ("boat", None)]


def test_a_segment_may_move_to_another_chain_and_takes_its_tags_there(engine: Engine):
    define(engine, chain("boat", "boat.oar"), chain("sport"))
    say(engine, "n1", Tag("boat", "boat.oar", 0.9, ()))

    define(engine, chain("boat"), chain("sport", "sport.oar"), boat_oar="sport.oar")

    assert said(engine, "n1") == [("sport", "sport.oar")]


def test_a_renamed_chain_takes_its_tags_along_with_those_of_its_segments(engine: Engine):
    define(engine, chain("boat", "boat.oar"))
    say(engine, "n1", Tag("boat", "boat.oar", 0.9, ()), Tag("boat", None, 0.5, ()))

    define(engine, chain("ship", "ship.oar"), boat="ship", boat_oar="ship.oar")

    assert said(engine, "n1") == [("ship", "ship.oar"), ("ship", None)]
    with session_scope(engine, write=False) as session:
        assert ChainRepository(session).definitions().renamed == {
            "boat": "ship",
            "boat.oar": "ship.oar",
        }


def test_what_people_said_of_a_segment_that_is_gone_stays_as_they_said_it(engine: Engine):
    define(engine, chain("boat", "boat.oar"))
    say(engine, "n1", Tag("boat", "boat.oar", 0.9, ()))

    define(engine, chain("boat"))

    assert said(engine, "n1") == [("boat", "boat.oar")]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("boat.oar", "boat.hull", "仍在使用"),
        ("boat.sail", "boat.mast", "请先定义"),
        ("boat.sail", "boat", "环节只能改为环节"),
    ],
)
def test_a_rename_that_leads_nowhere_is_refused(engine: Engine, old: str, new: str, words: str):
    define(engine, chain("boat", "boat.oar", "boat.hull"))

    with pytest.raises(BadRename, match=words), session_scope(engine) as session:
        ChainRepository(session).rename({old: new}, who="李工")


def test_renaming_nothing_changes_nothing(engine: Engine):
    with session_scope(engine) as session:
        before = data_version(session)
        ChainRepository(session).rename({}, who="李工")
        assert data_version(session) == before
