"""Repositories, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from data.errors import UnknownOrganization
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.repository import UpsertCounts
from data.session import make_engine, session_scope
from data.versions import data_version
from matcher.types import Filter, Need, Status, Visibility
from tests.data.builders import MOMENT, make_achievement, make_need, make_organization


def test_what_was_stored_comes_back_equal(engine: Engine):
    organization = make_organization("e1")
    need = make_need("n1", organization="e1")
    achievement = make_achievement("a1", organization="e1")

    with session_scope(engine) as session:
        OrganizationRepository(session).upsert_many([organization])
        NeedRepository(session).upsert_many([need])
        AchievementRepository(session).upsert_many([achievement])

    with session_scope(engine, write=False) as session:
        assert OrganizationRepository(session).get("e1") == organization
        assert NeedRepository(session).get("n1") == need
        assert AchievementRepository(session).get("a1") == achievement


def test_odd_characters_and_long_texts_are_kept_exactly(engine: Engine):
    text = "Ｆｕｌｌ ＷＩＤＴＨ １２３\t\"引号'\n𠮷野家 ﷽ %s {x} \\n" + "长" * 100_000

    with session_scope(engine) as session:
        NeedRepository(session).upsert_many([make_need("id/带 空格'\"%", text=text)])

    with session_scope(engine, write=False) as session:
        stored = NeedRepository(session).get("id/带 空格'\"%")
    assert stored is not None
    assert stored.text == text


def test_storing_twice_changes_nothing_not_even_the_version(engine: Engine):
    items = [make_need(f"n{i}") for i in range(3)]
    with session_scope(engine) as session:
        first = NeedRepository(session).upsert_many(items)
        version = data_version(session)

    with session_scope(engine) as session:
        second = NeedRepository(session).upsert_many(items)

        assert first == UpsertCounts(added=3)
        assert second == UpsertCounts(unchanged=3)
        assert data_version(session) == version


def test_changed_content_replaces_what_was_stored_chains_included(engine: Engine):
    with session_scope(engine) as session:
        NeedRepository(session).upsert_many([make_need("n1"), make_need("n2")])
    later = make_need("n1", title="新标题", chains=("robot",), created_at=None, updated_at=None)

    with session_scope(engine) as session:
        counts = NeedRepository(session).upsert_many([later, make_need("n2")])
        stored = NeedRepository(session).get("n1")

    assert counts == UpsertCounts(changed=1, unchanged=1)
    assert stored is not None
    assert (stored.title, stored.chains) == ("新标题", ("robot",))
    assert stored.created_at == MOMENT
    assert stored.updated_at is not None
    assert stored.updated_at > MOMENT


def test_the_last_of_two_items_with_one_id_counts(engine: Engine):
    with session_scope(engine) as session:
        counts = NeedRepository(session).upsert_many(
            [make_need("n1", title="先"), make_need("n1", title="后")]
        )
        stored = NeedRepository(session).get("n1")

    assert counts.added == 1
    assert stored is not None
    assert stored.title == "后"


def test_times_come_back_in_utc_whatever_zone_they_were_given_in(engine: Engine):
    beijing = datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))

    with session_scope(engine) as session:
        NeedRepository(session).upsert_many([make_need("n1", created_at=beijing)])

    with session_scope(engine, write=False) as session:
        stored = NeedRepository(session).get("n1")
    assert stored is not None
    assert stored.created_at == beijing
    assert stored.created_at is not None
    assert stored.created_at.tzinfo is UTC


def test_get_many_keeps_the_order_asked_for_and_skips_unknown_ids(engine: Engine):
    with session_scope(engine) as session:
        repository = NeedRepository(session)
        repository.upsert_many(make_need(f"n{i}") for i in range(5))

        found = repository.get_many(["n3", "none", "n1", "n3"])

    assert list(found) == ["n3", "n1"]


def test_more_items_than_one_batch_are_stored_and_streamed_in_code_point_order(engine: Engine):
    ids = [f"{'Ab甲a'[i % 4]}-{i}" for i in range(2_501)]

    with session_scope(engine) as session:
        repository = AchievementRepository(session)
        repository.upsert_many(make_achievement(i) for i in ids)

        assert [item.id for item in repository.stream()] == sorted(ids)
        assert repository.count() == 2_501
        assert len(repository.get_many(ids)) == 2_501


def test_a_posting_of_an_unknown_organisation_is_refused_by_name(engine: Engine):
    with (
        pytest.raises(UnknownOrganization, match="nobody") as caught,
        session_scope(engine) as session,
    ):
        NeedRepository(session).upsert_many([make_need("n1", organization="nobody")])

    assert caught.value.organization_ids == ("nobody",)
    with session_scope(engine, write=False) as session:
        assert NeedRepository(session).count() == 0


def test_organisations_are_found_by_exact_name(engine: Engine):
    with session_scope(engine) as session:
        repository = OrganizationRepository(session)
        repository.upsert_many(
            [make_organization("e2", name="甲"), make_organization("e1", name="甲")]
        )

        assert repository.ids_by_name(["甲", "乙"]) == {"甲": ("e1", "e2")}


def test_changes_since_a_version_name_additions_edits_withdrawals_and_removals(engine: Engine):
    with session_scope(engine) as session:
        repository = AchievementRepository(session)
        repository.upsert_many(make_achievement(f"a{i}") for i in range(4))
        seen = data_version(session)
    with session_scope(engine) as session:
        repository = AchievementRepository(session)
        withdrawn = make_achievement("a0", status=Status.WITHDRAWN)
        repository.upsert_many([withdrawn, make_achievement("a1"), make_achievement("a9")])
        removed = repository.remove_many(["a2", "unknown"])

        changes = repository.changed_since(seen)

    assert removed == 1
    assert changes.changed == ("a0", "a9")
    assert changes.removed == ("a2",)
    assert changes.version == data_version(session) > seen


def test_an_item_that_returns_after_removal_is_no_longer_reported_as_removed(engine: Engine):
    with session_scope(engine) as session:
        repository = NeedRepository(session)
        repository.upsert_many([make_need("n1")])
        repository.remove_many(["n1"])
        repository.upsert_many([make_need("n1")])

        changes = repository.changed_since(0)

    assert (changes.changed, changes.removed) == (("n1",), ())


def test_a_failed_transaction_leaves_rows_and_version_as_they_were(engine: Engine):
    with session_scope(engine) as session:
        NeedRepository(session).upsert_many([make_need("n1")])
        before = data_version(session)

    def interrupted() -> Iterator[Need]:
        yield from (make_need(f"m{i}") for i in range(1500))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), session_scope(engine) as session:
        NeedRepository(session).upsert_many(interrupted())

    with session_scope(engine, write=False) as session:
        assert [need.id for need in NeedRepository(session).all()] == ["n1"]
        assert data_version(session) == before


_POSTINGS = [
    make_achievement(
        f"a{i}",
        chains=[(), ("nev",), ("robot", "nev"), ("textile",)][i % 4],
        county=[None, "yiwu", "lanxi"][i % 3],
        organization=[None, "u1", "u2"][i // 2 % 3],
        visibility=list(Visibility)[i // 3 % 3],
        status=list(Status)[i // 5 % 3],
        trl=[None, 2, 5, 9][i // 4 % 4],
    )
    for i in range(120)
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory):
    from data.migrate import upgrade

    engine = make_engine(f"sqlite:///{tmp_path_factory.mktemp('filter') / 'f.db'}")
    upgrade(engine)
    with session_scope(engine) as session:
        OrganizationRepository(session).upsert_many(
            [make_organization("u1"), make_organization("u2")]
        )
        AchievementRepository(session).upsert_many(_POSTINGS)
    yield engine
    engine.dispose()


def _some(values: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=3).map(tuple)


@given(
    chains=_some(["nev", "robot", "textile", "unknown"]),
    counties=_some(["yiwu", "lanxi"]),
    organizations=_some(["u1", "u2"]),
    visibilities=_some(list(Visibility)),
    statuses=_some(list(Status)),
    min_trl=st.none() | st.integers(1, 9),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_and_the_domain_agree_on_what_a_filter_accepts(filled: Engine, **conditions):
    wanted = Filter(**conditions)

    with session_scope(filled, write=False) as session:
        found = AchievementRepository(session).ids(wanted)

    assert found == {posting.id for posting in _POSTINGS if wanted.accepts(posting)}


def test_filters_work_on_both_databases(engine: Engine):
    needs = [make_need("n1"), make_need("n2", chains=("robot",)), make_need("n3", chains=())]
    with session_scope(engine) as session:
        repository = NeedRepository(session)
        repository.upsert_many([*needs, replace(needs[0], id="n4", status=Status.DRAFT)])

        assert repository.ids(Filter()) == {"n1", "n2", "n3"}
        assert repository.ids(Filter(chains=("nev", "robot"), min_trl=9)) == {"n1", "n2"}
        assert repository.ids(Filter(statuses=())) == {"n1", "n2", "n3", "n4"}
        assert repository.ids(Filter(visibilities=(Visibility.PUBLIC,))) == frozenset()
