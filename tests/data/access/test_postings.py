"""What the repositories of postings really do is what the golden table says, cell by cell."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, select

from data.access.desk import Desk
from data.access.errors import Changed, NeedsMask, NotAcceptable, ReasonMissing
from data.access.masks import Mask
from data.access.posting_reader import Seen
from data.policy.actor import SYSTEM, Actor, Role
from data.policy.errors import Forbidden, IllegalStep, Unseen
from data.policy.lifecycle import TRANSITIONS, transition
from data.policy.operation import Operation
from data.policy.subject import View
from data.rows import digest
from data.tables import PostingMaskRow
from matcher.types import OPEN, Achievement, Need, Status, Visibility
from tests.data.access.shelf_of_postings import (
    FACE,
    KINDS,
    SECRET,
    desk_for,
    posting_id,
    store_postings,
)
from tests.data.builders import make_achievement, make_need
from tests.data.policy import golden
from tests.data.policy.people import people

PURGE = Operation.POSTING_PURGE
OWNER = people(of_achievement=False)["owner"]
OFFICE = people(of_achievement=False)["office"]
ADMINISTRATOR = people(of_achievement=False)["administrator"]
BROKER = people(of_achievement=False)["broker"]
RIVAL = people(of_achievement=False)["rival"]


@pytest.fixture
def stored(sqlite_engine: Engine) -> Engine:
    store_postings(sqlite_engine)
    return sqlite_engine


def outcome(desk: Desk, act: Callable[[], Any]) -> str:
    """What came of it, and nothing stored."""
    step = desk.session.begin_nested()
    try:
        done = act()
        if isinstance(done, Seen) and done.view is View.SUMMARY:
            return "s"
        return done.posting.status.value if isinstance(done, Seen) else "F"
    except (Unseen, Forbidden, IllegalStep) as error:
        return type(error).__name__
    finally:
        step.rollback()


@pytest.mark.parametrize("kind", KINDS)
def test_repositories_do_what_the_table_says(stored: Engine, kind: str):
    of_achievement = kind == "achievement"
    mask = Mask(title="某", summary="某")
    cells: Counter[str] = Counter()
    for who, actor in people(of_achievement=of_achievement).items():
        with desk_for(stored, actor) as desk:
            postings: Any = desk.achievements if of_achievement else desk.needs
            for visibility in Visibility:
                for status in Status:
                    key = posting_id(kind, visibility, status)
                    etag = digest(postings._stored.get(key))
                    deeds = {
                        f"{kind}.background": lambda p=postings, k=key: (p.events(k), p.mask(k)),
                        f"{kind}.update": lambda p=postings, k=key, e=etag: p.update(
                            k, {"keywords": ("新",)}, expected=e
                        ),
                        f"{kind}.mask": lambda p=postings, k=key: p.write_mask(
                            k, mask, approve=True
                        ),
                        f"{kind}.matches": lambda p=postings, k=key: p.get_for(
                            k, Operation(f"{kind}.matches")
                        )[0],
                        "posting.purge": lambda p=postings, k=key: p.purge(k),
                    }
                    may_read = golden.expected(Operation(f"{kind}.read"), who, visibility, status)
                    read = outcome(desk, lambda p=postings, k=key: p.get(k))
                    assert read == {"F": status.value, "s": "s", "-": "Unseen"}[may_read]
                    cells["read"] += 1
                    for name, deed in deeds.items():
                        may = golden.expected(Operation(name), who, visibility, status)
                        told = outcome(desk, deed)
                        wanted = {"s": {"s"}, "F": {"F", status.value}, "-": {"Forbidden"}}[may]
                        if may_read == "-":
                            wanted = {"Unseen"}
                        assert told in wanted, (who, key, name)
                        cells[name] += 1
                    for step in golden.STEPS:
                        people_, sources, _ = (
                            golden.STEPS_OF_ACHIEVEMENTS if of_achievement else golden.STEPS
                        )[step]
                        target = golden.takes(step, who, status, of_achievement=of_achievement)
                        told = outcome(
                            desk,
                            lambda p=postings, k=key, s=step: p.step(
                                k, Operation(f"step.{s}"), "原因"
                            ),
                        )
                        wanted_step = "Forbidden"
                        if may_read == "-":
                            wanted_step = "Unseen"
                        elif target is not None:
                            wanted_step = "s" if may_read == "s" else target.value
                        elif who in people_:
                            wanted_step = "IllegalStep"
                        assert told == wanted_step, (who, key, step)
                        cells["step"] += 1

    assert cells["read"] == 13 * 3 * 10
    assert sum(cells.values()) == 13 * 3 * 10 * (1 + 5 + 11)


@pytest.mark.parametrize("kind", [Need, Achievement])
def test_the_lifecycle_leads_where_it_was_wished(kind: type[Need] | type[Achievement]):
    table = golden.STEPS if kind is Need else golden.STEPS_OF_ACHIEVEMENTS
    make: Any = make_need if kind is Need else make_achievement
    for status in Status:
        for step, (_, sources, target) in table.items():
            operation = Operation(f"step.{step}")
            if status.value in sources.split():
                row = transition(make(status=status), operation)
                assert row.target == target
                assert row.reasoned == (step in golden.REASONED)
            else:
                with pytest.raises(IllegalStep) as refused:
                    transition(make(status=status), operation)
                assert operation not in refused.value.possible
    assert {row.step for row in TRANSITIONS[kind]} <= {Operation(f"step.{s}") for s in table}


def test_what_a_broker_does_to_a_masked_need_shows_him_no_more_than_its_summary(stored: Engine):
    with desk_for(stored, BROKER) as desk:
        moved = desk.needs.step("need-masked-published", Operation.STEP_CONTACT)

    assert moved.posting.status is Status.IN_CONTACT
    assert (moved.view, moved.posting.title, moved.posting.organization) == (
        View.SUMMARY,
        FACE,
        None,
    )
    assert SECRET not in repr(moved)


def test_the_etag_of_a_summary_tells_nothing_of_the_rest(stored: Engine):
    def etag(actor: Actor) -> str:
        with desk_for(stored, actor) as desk:
            return desk.needs.get("need-masked-published").etag

    before = etag(BROKER), etag(OWNER)
    with desk_for(stored, OWNER) as desk:
        desk.needs.update("need-masked-published", {"budget_cny": 7}, expected=before[1])

    assert etag(BROKER) == before[0]
    assert etag(OWNER) != before[1]
    assert etag(RIVAL) == etag(BROKER)


def test_a_masked_posting_without_an_approved_summary_is_as_good_as_none(stored: Engine):
    key = "need-masked-published"
    with desk_for(stored, SYSTEM) as desk:
        mask = desk.session.scalars(
            select(PostingMaskRow).where(PostingMaskRow.posting == key)
        ).one()
        mask.approved_at = None
    etag = "x"
    attempts: list[Callable[[Desk], Any]] = [
        lambda desk: desk.needs.get(key),
        lambda desk: desk.needs.update(key, {}, expected=etag),
        lambda desk: desk.needs.step(key, Operation.STEP_CONTACT),
        lambda desk: desk.needs.events(key),
        lambda desk: desk.needs.mask(key),
        lambda desk: desk.needs.write_mask(key, Mask(title="a", summary="b"), approve=True),
        lambda desk: desk.needs.purge(key),
        lambda desk: desk.matches.of_need(key),
    ]

    for actor in (RIVAL, BROKER):
        for attempt in attempts:
            with pytest.raises(Unseen), desk_for(stored, actor) as desk:
                attempt(desk)
    with desk_for(stored, OWNER) as desk:
        assert desk.needs.get(key).view is View.FULL


def test_hidden_and_missing_are_told_in_the_same_words(stored: Engine):
    words = set()
    for key in ("need-broker-published", "need-public-draft", "need-absent"):
        with pytest.raises(Unseen) as refused, desk_for(stored, RIVAL) as desk:
            desk.needs.get(key)
        words.add(str(refused.value).replace(key, "?"))

    assert len(words) == 1


def test_a_masked_posting_is_published_with_an_approved_summary_only(sqlite_engine: Engine):
    store_postings(sqlite_engine)
    fresh = make_need(organization="e1", visibility=Visibility.MASKED, status=Status.SUBMITTED)
    face = Mask(title="某", summary="某")
    with desk_for(sqlite_engine, OWNER) as desk:
        key = desk.needs.create(fresh).posting.id

    for actor, act in (
        (OFFICE, lambda d: d.needs.step(key, Operation.STEP_PUBLISH)),
        (OFFICE, lambda d: d.needs.create(replace(fresh, status=Status.PUBLISHED))),
    ):
        with pytest.raises(NeedsMask), desk_for(sqlite_engine, actor) as desk:
            act(desk)
    with desk_for(sqlite_engine, OWNER) as desk:
        desk.needs.write_mask(key, face, approve=False)
    with pytest.raises(NeedsMask), desk_for(sqlite_engine, OFFICE) as desk:
        desk.needs.step(key, Operation.STEP_PUBLISH)
    with desk_for(sqlite_engine, OWNER) as desk:
        desk.needs.write_mask(key, face, approve=True)
    with desk_for(sqlite_engine, OFFICE) as desk:
        assert desk.needs.step(key, Operation.STEP_PUBLISH).posting.status in OPEN
    with pytest.raises(NeedsMask), desk_for(sqlite_engine, OWNER) as desk:
        desk.needs.write_mask(key, face, approve=False)


def test_a_public_posting_cannot_slip_behind_a_mask_that_nobody_wrote(sqlite_engine: Engine):
    store_postings(sqlite_engine)
    with desk_for(sqlite_engine, OFFICE) as desk:
        seen = desk.needs.create(make_need(organization="e1", visibility=Visibility.PUBLIC))

    changes = {"visibility": Visibility.MASKED}
    with pytest.raises(NeedsMask), desk_for(sqlite_engine, OWNER) as desk:
        desk.needs.update(seen.posting.id, changes, expected=seen.etag)


def test_people_post_for_their_own_house_and_begin_at_the_beginning(stored: Engine):
    for actor, changes, refusal in (
        (OWNER, {"organization": "e2"}, Forbidden),
        (OWNER, {"organization": None}, Forbidden),
        (OWNER, {"organization": "e1", "status": Status.PUBLISHED}, Forbidden),
        (OWNER, {"organization": "e1", "status": Status.SIGNED}, Forbidden),
        (OFFICE, {"organization": "e1", "status": Status.SIGNED}, NotAcceptable),
        (OFFICE, {"organization": "nobody"}, NotAcceptable),
        (BROKER, {"organization": "e1"}, Forbidden),
    ):
        with pytest.raises(refusal), desk_for(stored, actor) as desk:
            desk.needs.create(make_need(**changes))


def test_nobody_gives_a_posting_away(stored: Engine):
    for actor, to, refusal in ((OWNER, "e2", Forbidden), (OFFICE, "nobody", NotAcceptable)):
        with desk_for(stored, actor) as desk:
            etag = desk.needs.get("need-public-draft").etag
        with pytest.raises(refusal), desk_for(stored, actor) as desk:
            desk.needs.update("need-public-draft", {"organization": to}, expected=etag)


def test_steps_that_ask_for_a_reason_get_one(stored: Engine):
    with pytest.raises(ReasonMissing), desk_for(stored, OFFICE) as desk:
        desk.needs.step("need-public-submitted", Operation.STEP_RETURN, " \n")

    with desk_for(stored, OFFICE) as desk:
        desk.needs.step("need-public-submitted", Operation.STEP_RETURN, "请写明转速")
    with desk_for(stored, OWNER) as desk:
        event = desk.needs.events("need-public-submitted")[-1]
    assert (event.who, event.step, event.status, event.reason) == (
        "office", "step.return", Status.RETURNED, "请写明转速",
    )  # fmt: skip


def test_a_withdrawn_posting_is_restored_as_a_draft_or_purged_for_good(stored: Engine):
    with desk_for(stored, OWNER) as desk:
        restored = desk.needs.step("need-public-withdrawn", Operation.STEP_RESTORE)
    assert (restored.posting.status, restored.posting.title) == (Status.DRAFT, SECRET)

    with desk_for(stored, ADMINISTRATOR) as desk:
        desk.needs.purge("need-masked-withdrawn")
    with pytest.raises(Unseen), desk_for(stored, ADMINISTRATOR) as desk:
        desk.needs.get("need-masked-withdrawn")
    with desk_for(stored, ADMINISTRATOR) as desk:
        held = select(PostingMaskRow).where(PostingMaskRow.posting == "need-masked-withdrawn")
        assert desk.session.scalars(held).all() == []


def test_of_two_who_step_at_once_one_is_told_that_it_is_done(engine: Engine):
    store_postings(engine)
    start = Barrier(2)

    def publish(_: int) -> str:
        start.wait()
        try:
            with desk_for(engine, OFFICE) as desk:
                desk.needs.step("need-public-submitted", Operation.STEP_PUBLISH)
        except IllegalStep:
            return "refused"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(publish, range(2))) == ["done", "refused"]
    with desk_for(engine, OWNER) as desk:
        assert len(desk.needs.events("need-public-submitted")) == 1


def test_of_two_who_save_at_once_one_is_told_of_the_other(engine: Engine):
    store_postings(engine)
    with desk_for(engine, OWNER) as desk:
        etag = desk.needs.get("need-public-draft").etag
    start = Barrier(2)

    def save(budget: int) -> str:
        start.wait()
        try:
            with desk_for(engine, OWNER) as desk:
                desk.needs.update("need-public-draft", {"budget_cny": budget}, expected=etag)
        except Changed:
            return "refused"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(save, (1, 2))) == ["done", "refused"]


def test_who_sees_a_confidential_posting_of_others_leaves_a_trail(stored: Engine):
    def noted(actor: Actor, key: str) -> bool:
        with desk_for(stored, actor) as desk:
            desk.needs.get(key)
            return desk.trail.pending

    told = {
        (actor.role, visibility): noted(actor, f"need-{visibility}-published")
        for actor in (OWNER, OFFICE, BROKER)
        for visibility in Visibility
    }

    assert {cell for cell, noted_ in told.items() if noted_} == {
        (Role.OFFICE, Visibility.BROKER),
        (Role.OFFICE, Visibility.MASKED),
        (Role.BROKER, Visibility.BROKER),
    }
