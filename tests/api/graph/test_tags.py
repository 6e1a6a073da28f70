"""Tags of a city's items: inferred once, stored, and a person's word before all."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.graph.tags import CityTags, Item
from data.chains import ChainRepository
from data.migrate import upgrade
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import make_engine, session_scope
from data.tags import TagRepository
from embeddings.encoder import FloatArray, Role
from embeddings.hashing_encoder import HashingEncoder
from matcher.chain import IndustryChain, Position, Segment
from matcher.graph.schema import NodeKind
from matcher.tag_types import Tag
from matcher.text import query_from_text, query_of
from matcher.types import Achievement, Need, Organization, OrganizationKind

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def segment(id: str, name: str, *terms: str) -> Segment:
    chain = id.partition(".")[0]
    return Segment(
        id=id, chain=chain, position=Position.UPSTREAM, name_zh=name, name_en=id, terms=terms
    )


BOATS = IndustryChain(
    id="boats",
    name_zh="船艇",
    name_en="boats",
    segments=(segment("boats.oars", "船桨"), segment("boats.hulls", "船体")),
    codes=("B63",),
)
KITES = IndustryChain(
    id="kites", name_zh="风筝", name_en="kites", segments=(segment("kites.tails", "筝尾"),)
)


class Counting(HashingEncoder):
    """Counts the texts that are encoded."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str], *, role: Role) -> FloatArray:
        self.seen += texts
        return super().encode(texts, role=role)


@pytest.fixture
def engine(tmp_path: Path):
    engine = make_engine(f"sqlite:///{tmp_path / 'y.db'}")
    upgrade(engine)
    define(engine, BOATS, KITES)
    yield engine
    engine.dispose()


@pytest.fixture
def encoder() -> Counting:
    return Counting()


@pytest.fixture
def tags(engine: Engine, encoder: Counting) -> CityTags:
    return CityTags(engine, engine, encoder=lambda: encoder)


def define(engine: Engine, *chains: IndustryChain, **renamed: str) -> None:
    with session_scope(engine) as session:
        ChainRepository(session).replace_all(chains)
        names = {old.replace("_", "."): new for old, new in renamed.items()}
        ChainRepository(session).rename(names, who="李工")


def say(engine: Engine, item_id: str, *said: Tag, kind: NodeKind = NodeKind.NEED) -> None:
    with session_scope(engine) as session:
        TagRepository(session).say(kind, item_id, said, who="李工", made_at=NOW)


def places(tags: Sequence[Tag]) -> list[tuple[str, str | None]]:
    return [(tag.chain, tag.segment) for tag in tags]


OARS = Need(id="n1", title="船桨与船桨的船桨接头")
NOTHING = Need(id="n2", title="面包酵母发酵", text="面包与酵母")


def test_the_wording_tells_where_nobody_did_and_none_is_an_answer(tags: CityTags):
    found = tags.in_force([OARS, NOTHING])

    assert places(found["n1"])[0] == ("boats", "boats.oars")
    assert "船桨" in found["n1"][0].evidence


def test_an_item_is_inferred_once_and_again_only_when_it_changes(
    engine: Engine, tags: CityTags, encoder: Counting
):
    tags.of([OARS])
    encoder.seen.clear()

    later = CityTags(engine, engine, encoder=lambda: encoder)
    assert later.of([OARS]) == tags.of([OARS])
    assert encoder.seen == []

    later.of([replace(OARS, title="船体接缝胶"), NOTHING])
    assert {"船体接缝胶", NOTHING.title} <= set(encoder.seen)
    assert OARS.title not in encoder.seen


def test_new_definitions_make_everything_be_inferred_anew(engine: Engine, tags: CityTags):
    assert places(tags.in_force([OARS])["n1"])[0] == ("boats", "boats.oars")

    define(engine, KITES, replace(BOATS, segments=(segment("boats.paddles", "船桨"),)))

    assert places(tags.in_force([OARS])["n1"])[0] == ("boats", "boats.paddles")


def test_a_persons_word_wins_and_the_inference_is_kept_apart(engine: Engine, tags: CityTags):
    say(engine, "n1", Tag("kites", "kites.tails", 0.8, ()))
    say(engine, "n2")

    found = tags.of([OARS, NOTHING])

    assert found["n1"].tags == (Tag("kites", "kites.tails", 0.8, ()),)
    assert found["n1"].inferred != found["n1"].tags
    assert found["n2"].tags == ()
    assert found["n2"].said is not None


def test_where_a_person_named_the_chain_only_the_wording_adds_the_segment(
    engine: Engine, tags: CityTags
):
    tags.of([OARS])
    say(engine, "n1", Tag("boats", None, 0.7, ()))

    assert tags.in_force([OARS])["n1"] == (Tag("boats", "boats.oars", 0.7, ()),)


def test_declared_chains_weigh_1_and_follow_a_rename(engine: Engine, tags: CityTags):
    declared = replace(OARS, chains=("ships",))
    assert places(tags.in_force([declared])["n1"]) == [("ships", None)]

    define(engine, BOATS, KITES, ships="boats")

    (tag,) = tags.in_force([declared])["n1"]
    assert (tag.chain, tag.segment, tag.weight) == ("boats", "boats.oars", 1.0)


@pytest.mark.parametrize(
    ("make", "codes"),
    [
        (Achievement, {"ipc": ("B63B3/14",)}),
        (
            Organization,
            {"gbt4754": "B63", "kind": OrganizationKind.ENTERPRISE, "text": "面包"},
        ),
    ],
)
def test_codes_of_achievements_and_enterprises_speak_too(
    tags: CityTags, make: Callable[..., Item], codes: dict
):
    name = "name" if make is Organization else "title"
    bare = {key: value for key, value in codes.items() if key not in ("ipc", "gbt4754")}

    coded = tags.in_force([make(id="x", **{name: "船桨"}, **codes)])["x"]
    plain = tags.in_force([make(id="y", **{name: "船桨"}, **bare)])["y"]

    weights = [{t.chain: t.weight for t in found}.get("boats", 0.0) for found in (coded, plain)]
    assert weights[0] > weights[1]


def test_ids_of_two_kinds_may_be_alike(engine: Engine, tags: CityTags):
    say(engine, "x", Tag("kites", None, 1.0, ()), kind=NodeKind.ACHIEVEMENT)

    assert places(tags.in_force([Achievement(id="x", title="船桨")])["x"]) == [("kites", None)]
    assert places(tags.in_force([Need(id="x", title="船桨")])["x"])[0] == ("boats", "boats.oars")


def test_free_text_is_tagged_on_the_fly_and_a_posting_as_it_is_stored(
    engine: Engine, tags: CityTags
):
    say(engine, "n1", Tag("kites", None, 1.0, ()))

    assert places(tags.of_query(query_from_text("船桨")))[0] == ("boats", "boats.oars")
    assert places(tags.of_query(query_of(OARS))) == [("kites", None)]


def test_inferences_that_cannot_be_kept_are_used_and_said(engine: Engine, encoder: Counting):
    remarks: list[str] = []
    slow = make_engine(engine.url, lock_timeout_s=0.05)
    tags = CityTags(engine, slow, encoder=lambda: encoder, notify=remarks.append)

    with session_scope(engine) as writing:
        writing.connection()
        found = tags.in_force([OARS])

    assert places(found["n1"])[0] == ("boats", "boats.oars")
    assert ["not kept" in remark for remark in remarks] == [True]


def test_what_points_at_something_gone_is_listed_and_nothing_vanishes(
    engine: Engine, tags: CityTags
):
    with session_scope(engine) as session:
        organizations = [
            Organization(id="e1", name="船厂", kind=OrganizationKind.ENTERPRISE, chains=("ships",))
        ]
        OrganizationRepository(session).upsert_many(organizations)
        needs = [OARS, replace(NOTHING, chains=("kites", "ships"))]
        NeedRepository(session).upsert_many(needs)
        AchievementRepository(session).upsert_many(
            [Achievement(id="a1", title="筝", chains=("ships",))]
        )
    say(engine, "n1", Tag("boats", "boats.oars", 0.9, ()), Tag("kites", None, 0.2, ()))
    say(engine, "a1", kind=NodeKind.ACHIEVEMENT)

    define(engine, replace(BOATS, segments=()), KITES)

    found = [(one.kind, one.item_id, one.gone, one.who) for one in tags.for_review()]
    assert found == [
        ("organization", "e1", ("ships",), None),
        ("need", "n1", ("boats.oars",), "李工"),
        ("need", "n2", ("ships",), None),
    ]
    assert places(tags.in_force([OARS])["n1"]) == [("boats", "boats.oars"), ("kites", None)]


def test_a_rename_settles_the_review(engine: Engine, tags: CityTags):
    with session_scope(engine) as session:
        NeedRepository(session).upsert_many([replace(OARS, chains=("ships",))])
    assert len(tags.for_review()) == 1

    define(engine, BOATS, KITES, ships="boats")

    assert tags.for_review() == []


def test_a_city_without_chains_has_no_tags(engine: Engine, tags: CityTags):
    define(engine)

    assert tags.in_force([OARS]) == {"n1": ()}
    assert tags.of_query(query_from_text("船桨")) == ()
    assert tags.of([]) == {}
