"""What brokers are limited to, and hear of, stays theirs when the city renames its chains."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, insert, select

from data import reference
from data.access.clause import readable
from data.access.desk import Desk
from data.access.posting_pages import Wanted
from data.access.remit import chains_in_force, in_chains
from data.announce import Subscription
from data.audit_check import verify
from data.chains import ChainRepository
from data.policy.actor import Actor, Role
from data.policy.errors import Unseen
from data.policy.operation import Operation
from data.repositories import NeedRepository
from data.session import session_scope
from data.tables import AuditRow, ChainRenameRow, InboxItemRow, NeedRow, UserRow
from data.tags import TagRepository
from matcher.chain import IndustryChain
from matcher.graph.schema import NodeKind
from matcher.tag_types import Tag
from matcher.types import Status, Visibility
from tests.data.access.case_city import OFFICE, desk_of, store_city
from tests.data.builders import MOMENT, make_need

PACKAGED = {chain.id: chain for chain in reference.chains()}


def define(engine: Engine, *ids: str, **renamed: str) -> None:
    """Gives the city these chains beside the packaged ones that were not renamed."""
    with session_scope(engine) as session:
        repository = ChainRepository(session)
        kept = [chain for key, chain in PACKAGED.items() if key not in renamed]
        own = [IndustryChain(id=i, name_zh=i, name_en=i) for i in ids]
        repository.replace_all([*kept, *own])
        repository.rename(renamed, who="李工")


@pytest.fixture
def city(engine: Engine) -> Engine:
    """Needs of two chains, and a broker who is limited to one and hears of it."""
    store_city(engine)
    shown = {"visibility": Visibility.BROKER, "organization": "e1"}
    with session_scope(engine) as session:
        NeedRepository(session).upsert_many(
            [
                make_need("car", chains=("nev",), **shown),
                make_need("cloth", chains=("textile",), **shown),
                make_need("tagged", chains=(), **shown),
                make_need("draft", chains=("nev",), **shown | {"status": Status.SUBMITTED}),
            ]
        )
        tags = [Tag("nev", None, 1.0, ())]
        TagRepository(session).say(NodeKind.NEED, "tagged", tags, who="李工", made_at=MOMENT)
        broker = session.get_one(UserRow, "broker")
        broker.chains = ["nev"]
    wanted = Subscription(chains=("nev",), events=("posting_published",))
    with desk_of(engine, limited(engine)) as desk:
        desk.subscriptions.put(wanted, expected="0")
    return engine


def limited(engine: Engine) -> Actor:
    """The broker as his account has him now."""
    with session_scope(engine, write=False) as session:
        chains = tuple(session.get_one(UserRow, "broker").chains)
    return Actor(id="broker", role=Role.BROKER, chains=chains)


def seen(engine: Engine, actor: Actor) -> set[str]:
    """What he may see of the city's own needs, which is the same in lists and one by one."""
    ids = ("car", "cloth", "tagged", "draft")
    with desk_of(engine, actor) as desk:
        found = desk.need_pages.page(Wanted(), limit=50)
        listed = {told.posting.id for told in found.items} & set(ids)
        assert listed == {i for i in ids if _may_read(desk, i)}
        clause = select(NeedRow.id).where(readable(actor, NeedRow, Operation.NEED_READ))
        assert set(desk.session.scalars(clause)) & set(ids) == listed
    return listed


def _may_read(desk: Desk, need: str) -> bool:
    try:
        return desk.needs.get(need) is not None
    except Unseen:
        return False


def limits(engine: Engine) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Chains of the account and of its subscription."""
    broker = limited(engine)
    with desk_of(engine, broker) as desk:
        return broker.chains, desk.subscriptions.get().subscription.chains


def test_a_limit_goes_on_working_after_its_chain_was_renamed(city: Engine):
    own = seen(city, limited(city))

    define(city, "ev", nev="ev")

    assert own == {"car", "tagged"}
    assert limits(city) == (("ev",), ("ev",))
    assert seen(city, limited(city)) == own


def test_a_chain_that_joins_another_one_brings_its_postings_and_its_brokers(city: Engine):
    define(city, nev="textile")

    assert limits(city) == (("textile",), ("textile",))
    assert seen(city, limited(city)) == {"car", "tagged", "cloth"}


def test_of_two_limits_that_become_one_chain_one_stays(city: Engine):
    with session_scope(city) as session:
        session.get_one(UserRow, "broker").chains = ["textile", "nev"]

    define(city, "all", nev="all", textile="all")

    assert limits(city)[0] == ("all",)


def test_a_limit_follows_through_every_renaming(city: Engine):
    define(city, "ev", nev="ev")
    define(city, "car", nev="car", ev="car")
    define(city, "auto", nev="auto", car="auto")

    assert limits(city) == (("auto",), ("auto",))
    assert seen(city, limited(city)) == {"car", "tagged"}


def test_a_chain_that_is_gone_without_a_successor_opens_nothing(city: Engine):
    with session_scope(city) as session:
        ChainRepository(session).replace_all([PACKAGED["textile"]])
        ChainRepository(session).rename({}, who="李工")

    assert limits(city) == (("nev",), ("nev",))
    assert "cloth" not in seen(city, limited(city))


def test_an_id_that_is_taken_into_use_again_means_the_new_chain(city: Engine):
    define(city, "ev", nev="ev")
    with session_scope(city) as session:
        ChainRepository(session).replace_all([*PACKAGED.values()])
        chains = chains_in_force(session, NeedRow, "car")
    both = replace(limited(city), chains=("ev",))

    assert chains == {"nev"}
    assert "car" not in seen(city, both)


def test_ids_that_lead_in_a_circle_end_somewhere(city: Engine):
    with session_scope(city) as session:
        ChainRepository(session).replace_all([])
        rows = [
            {"old": old, "new": new, "who": "李工", "made_at": MOMENT}
            for old, new in (("nev", "ev"), ("ev", "nev"))
        ]
        session.execute(insert(ChainRenameRow), rows)

        assert chains_in_force(session, NeedRow, "car") == {"nev", "ev"}
        of_ev = select(NeedRow.id).where(in_chains(NeedRow, ("ev",)))
        assert {"car", "tagged"} <= set(session.scalars(of_ev))


def test_a_subscription_goes_on_bringing_news_of_the_chain(city: Engine):
    define(city, "ev", nev="ev")

    with desk_of(city, OFFICE) as desk:
        desk.needs.step("draft", Operation.STEP_PUBLISH)

    with session_scope(city, write=False) as session:
        told = select(InboxItemRow.account, InboxItemRow.need)
        assert [tuple(row) for row in session.execute(told)] == [("broker", "draft")]


def test_the_audit_names_each_account_that_was_moved_and_stays_whole(city: Engine):
    define(city, "ev", nev="ev")
    define(city, "ev", nev="ev")

    row = AuditRow
    about = select(row.operation, row.item, row.actor, row.facts).where(row.actor == "system")
    with session_scope(city, write=False) as session:
        noted = [tuple(entry) for entry in session.execute(about.order_by(row.seq))]
        broker = session.get_one(UserRow, "broker")
    facts = {"chains": ["ev"], "who": "李工"}
    assert noted == [
        ("user.update", "broker", "system", facts),
        ("subscription.update", "broker", "system", facts),
    ]
    assert broker.revision == 2
    assert verify(city).broken is None
