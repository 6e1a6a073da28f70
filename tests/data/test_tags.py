"""Stored tags: a person's word and inferences, apart from each other."""

import pytest
from sqlalchemy import Engine

from data.repositories import NeedRepository
from data.session import session_scope
from data.tags import Inference, Statement, TagRepository
from data.versions import data_version
from matcher.graph.schema import NodeKind
from matcher.tag_types import Tag
from matcher.types import Need
from tests.data.builders import MOMENT

OAR = Tag("boat", "boat.oar", 0.75, ("桨",))
NEED, ACHIEVEMENT = NodeKind.NEED, NodeKind.ACHIEVEMENT


def infer(repository: TagRepository, *tags: Tag, item_id: str = "n1", digest: str = "d1") -> None:
    repository.keep_inferred(NEED, {item_id: tags}, digests={item_id: digest}, tagger="t1")


def test_what_is_said_comes_back_as_it_was_said(engine: Engine):
    with session_scope(engine) as session:
        TagRepository(session).say(NEED, "n1", (OAR,), who="李工", made_at=MOMENT)
        TagRepository(session).say(ACHIEVEMENT, "n1", (), who="王工", made_at=MOMENT)

    with session_scope(engine, write=False) as session:
        tags = TagRepository(session)
        assert tags.said(NEED) == {"n1": Statement((OAR,), "李工", MOMENT)}
        assert tags.said(ACHIEVEMENT, ["n1", "n2"]) == {"n1": Statement((), "王工", MOMENT)}
        assert tags.said(NodeKind.ORGANIZATION) == {}


def test_an_inference_never_touches_what_a_person_said(engine: Engine):
    with session_scope(engine) as session:
        tags = TagRepository(session)
        tags.say(NEED, "n1", (), who="李工", made_at=MOMENT)
        infer(tags, OAR)

        assert tags.said(NEED)["n1"].tags == ()
        assert tags.inferred(NEED) == {"n1": Inference((OAR,), "t1", "d1")}


def test_a_new_inference_takes_the_place_of_the_old_one_and_adds_nothing_to_the_data(
    engine: Engine,
):
    with session_scope(engine) as session:
        before = data_version(session)
        infer(TagRepository(session), OAR)
        infer(TagRepository(session), digest="d2")

        assert TagRepository(session).inferred(NEED) == {"n1": Inference((), "t1", "d2")}
        assert data_version(session) == before


def test_inferences_of_removed_items_go_with_the_next_one_and_peoples_words_stay(engine: Engine):
    with session_scope(engine) as session:
        NeedRepository(session).upsert_many([Need(id=i, title="桨") for i in ("n1", "n2")])
        tags = TagRepository(session)
        tags.say(NEED, "n1", (OAR,), who="李工", made_at=MOMENT)
        tags.keep_inferred(ACHIEVEMENT, {"n1": (OAR,)}, digests={"n1": "d1"}, tagger="t1")
        for item_id in ("n1", "n2", "never stored"):
            infer(tags, OAR, item_id=item_id)

        NeedRepository(session).remove_many(["n1"])
        infer(tags, OAR, item_id="n3")

        assert sorted(tags.inferred(NEED)) == ["n2", "n3", "never stored"]
        assert sorted(tags.inferred(ACHIEVEMENT)) == ["n1"]
        assert sorted(tags.said(NEED)) == ["n1"]
        assert tags.said_at(NEED) == {"n1": MOMENT}


def test_a_persons_word_makes_the_item_be_inferred_anew_and_can_be_taken_back(engine: Engine):
    with session_scope(engine) as session:
        tags = TagRepository(session)
        infer(tags, OAR)
        before = data_version(session)

        tags.say(NEED, "n1", (OAR,), who="李工", made_at=MOMENT)
        said = data_version(session)
        assert tags.inferred(NEED) == {}
        assert tags.said_since(before) == {"need:n1"}
        assert tags.said_since(said) == frozenset()

        assert tags.unsay(NEED, "n1")
        assert tags.said(NEED) == {}
        assert tags.said_since(said) == {"need:n1"}
        assert not tags.unsay(NEED, "n1")

        tags.say(NEED, "n1", (), who="王工", made_at=MOMENT)
        assert tags.said_since(said) == {"need:n1"}


def test_a_later_word_takes_the_place_of_the_earlier_one(engine: Engine):
    with session_scope(engine) as session:
        tags = TagRepository(session)
        tags.say(NEED, "n1", (OAR, Tag("boat", None, 0.5, ())), who="李工", made_at=MOMENT)
        tags.say(NEED, "n1", (OAR,), who="王工", made_at=MOMENT)

        assert tags.said(NEED) == {"n1": Statement((OAR,), "王工", MOMENT)}


def test_a_word_is_handed_over_unless_the_new_owner_has_his_own(engine: Engine):
    with session_scope(engine) as session:
        tags = TagRepository(session)
        tags.say(NEED, "old", (OAR,), who="李工", made_at=MOMENT)
        tags.say(NEED, "older", (OAR,), who="李工", made_at=MOMENT)

        tags.hand_over(NEED, "old", "new")
        tags.say(NEED, "new", (), who="王工", made_at=MOMENT)
        tags.hand_over(NEED, "older", "new")

        assert tags.said(NEED) == {"new": Statement((), "王工", MOMENT)}


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan")])
def test_a_weight_outside_0_and_1_is_refused(engine: Engine, weight: float):
    with session_scope(engine) as session, pytest.raises(ValueError, match="weights"):
        TagRepository(session).say(
            NEED, "n1", (Tag("boat", None, weight, ()),), who="李工", made_at=MOMENT
        )
