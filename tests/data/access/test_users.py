"""Accounts: who may see and change them, and what can never be."""

import pytest
from sqlalchemy import Engine, text

from data.access.account import folded_email
from data.access.account_errors import EmailTaken, LastAdministrator, OneselfNotAllowed
from data.access.errors import Changed, NotAcceptable
from data.access.users import UserFilter
from data.policy.actor import Actor, Role
from data.policy.errors import Forbidden, Unseen
from data.repositories import OrganizationRepository
from data.session import session_scope
from tests.data.access.accounts import NOW, add, at_once, desk, system
from tests.data.builders import make_organization


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (" Li.Gong@Example.COM ", "li.gong@example.com"),
        ("ｌｉ＠ｅｘａｍｐｌｅ．ｃｏｍ", "li@example.com"),
        ("李工@例子.公司", "李工@例子.公司"),
        ("e\u0301lan@example.com", "élan@example.com"),
    ],
)
def test_equal_addresses_have_one_spelling(written: str, stored: str):
    assert folded_email(written) == stored
    assert folded_email(stored) == stored


@pytest.mark.parametrize(
    "written",
    [
        "",
        "nobody",
        "@example.com",
        "a@",
        "a@b@c.com",
        "a b@example.com",
        "a@example..com",
        "a@exam\nple.com",
        "a\0@example.com",
        "a\ud800@example.com",
        "a@example.com,b@example.com",
        "a" * 250 + "@example.com",
    ],
)
def test_what_is_no_address_is_refused(written: str):
    with pytest.raises(NotAcceptable) as caught:
        folded_email(written)
    assert caught.value.field == "email"


def test_an_account_is_found_under_its_address_and_has_no_password_yet(engine: Engine):
    added = add(engine, "Li@Example.com", Role.BROKER, chains=["nev"])

    with desk(engine) as boss:
        found = boss.users.find("li@example.com")

    assert found == added
    assert (found.role, found.chains, found.invited, found.etag) == (
        Role.BROKER,
        ("nev",),
        True,
        "1",
    )


def test_an_address_in_other_capitals_is_taken(sqlite_engine: Engine):
    add(sqlite_engine, "li@example.com")

    with pytest.raises(EmailTaken):
        add(sqlite_engine, "LI@example.com")


def test_of_two_accounts_with_one_address_at_once_one_is_refused(engine: Engine):
    outcomes = at_once(lambda _: add(engine, "li@example.com"))

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Account", "EmailTaken"]


def test_role_organisation_and_limits_have_to_go_together(sqlite_engine: Engine):
    refused = [
        (Role.ENTERPRISE, {}, "organization"),
        (Role.UNIVERSITY, {"organization": "nowhere"}, "organization"),
        (Role.OFFICE, {"organization": "e1"}, "organization"),
        (Role.OFFICE, {"chains": ["nev"]}, "chains"),
        (Role.OFFICE, {"counties": ["deqing"]}, "counties"),
        (Role.BROKER, {"chains": ["no-such-chain"]}, "chains"),
        (Role.BROKER, {"counties": ["no-such-county"]}, "counties"),
        (Role.SYSTEM, {}, "role"),
    ]
    with session_scope(sqlite_engine) as session:
        OrganizationRepository(session).upsert_many([make_organization("e1")])

    for role, more, field in refused:
        with pytest.raises(NotAcceptable) as caught:
            add(sqlite_engine, "li@example.com", role, **more)
        assert caught.value.field == field, (role, more)

    assert add(sqlite_engine, "li@example.com", Role.ENTERPRISE, organization="e1")


def test_only_administrators_reach_other_accounts(sqlite_engine: Engine):
    added = add(sqlite_engine, "li@example.com")

    for role in (Role.ENTERPRISE, Role.UNIVERSITY, Role.BROKER, Role.OFFICE):
        with desk(sqlite_engine, Actor(id="u-somebody", role=role)) as own:
            for deed in (own.users.get, own.users.disable, own.users.enable):
                with pytest.raises(Unseen):
                    deed(added.id)
            with pytest.raises(Unseen):
                own.users.update(added.id, {"name": "x"}, expected="1")
            with pytest.raises(Forbidden):
                own.users.page(UserFilter(), k=10)
            with pytest.raises(Forbidden):
                own.users.add(email="me@example.com", name="me", role=Role.ADMINISTRATOR)


def test_everybody_sees_and_names_himself(sqlite_engine: Engine):
    added = add(sqlite_engine, "li@example.com")

    with desk(sqlite_engine, added.actor()) as own:
        renamed = own.users.rename_me("李工", expected=own.users.me().etag)

    assert (renamed.name, renamed.etag) == ("李工", "2")


def test_a_change_of_what_somebody_else_changed_is_refused(sqlite_engine: Engine):
    added = add(sqlite_engine, "li@example.com")

    with desk(sqlite_engine) as boss:
        boss.users.update(added.id, {"name": "李工"}, expected=added.etag)
    with pytest.raises(Changed), desk(sqlite_engine) as boss:
        boss.users.update(added.id, {"name": "王工"}, expected=added.etag)

    with desk(sqlite_engine) as boss:
        assert boss.users.get(added.id).name == "李工"


def test_nobody_shuts_himself_out(sqlite_engine: Engine):
    add(sqlite_engine, "other@example.com", Role.ADMINISTRATOR)
    me = add(sqlite_engine, "me@example.com", Role.ADMINISTRATOR)

    with desk(sqlite_engine, me.actor()) as own:
        with pytest.raises(OneselfNotAllowed):
            own.users.disable(me.id)
        with pytest.raises(OneselfNotAllowed):
            own.users.update(me.id, {"role": Role.OFFICE}, expected=me.etag)


def test_the_last_enabled_administrator_stays(engine: Engine):
    first = add(engine, "first@example.com", Role.ADMINISTRATOR)
    second = add(engine, "second@example.com", Role.ADMINISTRATOR)

    with desk(engine) as boss:
        boss.users.disable(first.id)
        with pytest.raises(LastAdministrator):
            boss.users.disable(second.id)
        with pytest.raises(LastAdministrator):
            boss.users.update(second.id, {"role": Role.OFFICE}, expected=second.etag)


def test_two_administrators_cannot_shut_each_other_out_at_once(engine: Engine):
    both = [add(engine, f"{n}@example.com", Role.ADMINISTRATOR) for n in range(2)]

    def shut(number: int):
        with desk(engine, both[number].actor()) as own:
            return own.users.disable(both[1 - number].id)

    outcomes = at_once(shut)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "Account",
        "LastAdministrator",
    ]


def test_disabling_ends_sessions_for_good(sqlite_engine: Engine):
    added = add(sqlite_engine, "li@example.com")
    with desk(sqlite_engine, added.actor()) as own:
        session = own.sessions.open(added.id, method="password", now=NOW, lifetime=10 * (NOW - NOW))
    with desk(sqlite_engine) as boss:
        disabled = boss.users.disable(added.id)
        again = boss.users.disable(added.id)
        enabled = boss.users.enable(added.id)

    assert disabled == again
    assert (enabled.disabled_at, enabled.epoch) == (None, added.epoch + 1)
    with system(sqlite_engine) as program:
        assert not program.sessions.standing(session, now=NOW).alive


def test_accounts_are_listed_page_by_page_and_filtered(engine: Engine):
    office = [add(engine, f"o{n}@example.com") for n in range(3)]
    broker = add(engine, "100%_b@example.com", Role.BROKER)
    with desk(engine) as boss:
        boss.users.disable(office[0].id)

    with desk(engine) as boss:
        users = boss.users
        everybody = users.page(UserFilter(), k=10)
        first = users.page(UserFilter(), k=2)
        rest = users.page(UserFilter(), after=first[-1].id, k=10)
        brokers = users.page(UserFilter(role=Role.BROKER), k=10)
        shut = users.page(UserFilter(enabled=False), k=10)
        literal = users.page(UserFilter(words="0%_B"), k=10)

    assert [account.id for account in everybody] == sorted(a.id for a in [*office, broker])
    assert first + rest == everybody
    assert brokers == literal == [broker]
    assert [account.id for account in shut] == [office[0].id]


def test_what_was_done_to_accounts_is_on_record_without_secrets(sqlite_engine: Engine):
    added = add(sqlite_engine, "li@example.com")
    with desk(sqlite_engine, added.actor()) as own:
        own.credentials.set_password(added.id, "$argon2id$hidden")

    with sqlite_engine.connect() as connection:
        rows = connection.execute(
            text("SELECT actor, operation, item, facts FROM audit_entries ORDER BY seq")
        ).all()

    assert [(row.actor, row.operation, row.item) for row in rows] == [
        ("u-boss", "user.update", added.id),
        (added.id, "me.update", added.id),
    ]
    assert "argon2" not in str(rows)
