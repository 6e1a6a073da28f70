"""Where sign-ins rest: sessions, refresh tokens, keys, links, second factors, failures."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from data.access.attempts import FORGOTTEN_AFTER, Patience
from data.access.links import Purpose
from data.policy.actor import Actor, Role
from data.policy.errors import Forbidden, Unseen
from tests.data.access.accounts import NOW, add, at_once, desk, system

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
PATIENCE = Patience(free=2, longest_s=8)


def opened(engine: Engine, account, refresh: str | None = "first") -> str:
    with desk(engine, account.actor()) as own:
        return own.sessions.open(
            account.id, method="password", now=NOW, lifetime=DAY, refresh_digest=refresh
        )


def rotated(engine: Engine, old: str, new: str, now=NOW):
    with system(engine) as program:
        return program.sessions.rotate(old, successor=new, now=now, lifetime=DAY)


def alive(engine: Engine, session: str, now=NOW) -> bool:
    with system(engine) as program:
        return program.sessions.standing(session, now=now).alive


def test_a_refresh_token_is_exchanged_and_prolongs_its_session(engine: Engine):
    session = opened(engine, add(engine, "li@example.com"))

    rotation = rotated(engine, "first", "second", NOW + 20 * 60 * MINUTE)

    assert (rotation.session, rotation.replayed) == (session, False)
    assert alive(engine, session, NOW + DAY + MINUTE)
    assert not alive(engine, session, NOW + 2 * DAY)


def test_a_replayed_refresh_token_ends_the_session_with_its_successor(engine: Engine):
    session = opened(engine, add(engine, "li@example.com"))
    rotated(engine, "first", "second")

    replay = rotated(engine, "first", "stolen")

    assert replay.replayed
    assert not alive(engine, session)
    assert rotated(engine, "second", "third") is None
    assert rotated(engine, "stolen", "fourth") is None


def test_of_two_exchanges_at_once_one_is_a_replay(engine: Engine):
    session = opened(engine, add(engine, "li@example.com"))

    both = at_once(lambda number: rotated(engine, "first", f"next-{number}"))

    # whoever comes second may find the session ended already
    assert sorted(rotation is not None and rotation.replayed for rotation in both) == [False, True]
    assert not alive(engine, session)


def test_expired_and_unknown_refresh_tokens_give_nothing(sqlite_engine: Engine):
    opened(sqlite_engine, add(sqlite_engine, "li@example.com"))

    assert rotated(sqlite_engine, "first", "second", NOW + DAY) is None
    assert rotated(sqlite_engine, "never", "second") is None


def test_ending_one_session_leaves_the_others_and_ending_all_leaves_none(sqlite_engine: Engine):
    account = add(sqlite_engine, "li@example.com")
    here, there, elsewhere = (opened(sqlite_engine, account, f"t{n}") for n in range(3))

    with desk(sqlite_engine, account.actor()) as own:
        own.sessions.end(here, now=NOW)
    assert [alive(sqlite_engine, s) for s in (here, there, elsewhere)] == [False, True, True]
    with desk(sqlite_engine, account.actor()) as own:
        own.sessions.end_all(account.id, now=NOW, but=there)
        kept = own.users.me().epoch
    assert [alive(sqlite_engine, s) for s in (there, elsewhere)] == [True, False]
    with desk(sqlite_engine, account.actor()) as own:
        own.sessions.end_all(account.id, now=NOW)
        assert (kept, own.users.me().epoch) == (0, 1)
    assert not alive(sqlite_engine, there)


def test_nobody_opens_or_ends_sessions_of_others(sqlite_engine: Engine):
    account = add(sqlite_engine, "li@example.com")
    session = opened(sqlite_engine, account)
    thief = Actor(id="u-thief", role=Role.ADMINISTRATOR)

    with desk(sqlite_engine, thief) as other:
        with pytest.raises(Unseen):
            other.sessions.end(session, now=NOW)
        with pytest.raises(Unseen):
            other.sessions.open(account.id, method="password", now=NOW, lifetime=DAY)
        with pytest.raises(Unseen):
            other.credentials.of(account.id)
        with pytest.raises(Unseen):
            other.credentials.set_password(account.id, "x")
        with pytest.raises(Forbidden):
            other.sessions.rotate("first", successor="mine", now=NOW, lifetime=DAY)


def test_sessions_that_expired_are_cleared_away_at_the_next_sign_in(engine: Engine):
    account = add(engine, "li@example.com")
    old = opened(engine, account)
    with desk(engine, account.actor()) as own:
        own.sessions.open(account.id, method="password", now=NOW + 2 * DAY, lifetime=DAY)

    with system(engine) as program:
        assert program.sessions.standing(old, now=NOW) is None
    assert rotated(engine, "first", "second") is None


def test_a_code_is_used_once_even_by_two_at_once(engine: Engine):
    account = add(engine, "li@example.com")

    def use(_):
        with desk(engine, account.actor()) as own:
            return own.credentials.use_step(account.id, 7, seen=0)

    assert sorted(at_once(use)) == [False, True]


def test_a_link_opens_once_even_for_two_at_once(engine: Engine):
    account = add(engine, "li@example.com")
    with desk(engine) as boss:
        boss.links.create(account.id, Purpose.INVITE, digest="d", now=NOW, lifetime=DAY)

    def use(_):
        with system(engine) as program:
            assert program.links.find("d", now=NOW) is not None
            return program.links.use("d", now=NOW)

    outcomes = at_once(use)

    assert [outcome for outcome in outcomes if outcome is True] == [True]
    with system(engine) as program:
        assert program.links.find("d", now=NOW) is None
        assert not program.links.use("d", now=NOW)


def test_links_expire_and_give_way_to_later_ones(sqlite_engine: Engine):
    account = add(sqlite_engine, "li@example.com")
    with desk(sqlite_engine) as boss:
        for digest, purpose in (
            ("lost", Purpose.RECOVER),
            ("found", Purpose.RECOVER),
            ("asked", Purpose.RESET),
        ):
            boss.links.create(account.id, purpose, digest=digest, now=NOW, lifetime=DAY)

    with system(sqlite_engine) as program:
        assert program.links.find("lost", now=NOW) is None
        assert program.links.find("found", now=NOW + DAY) is None
        assert not program.links.use("found", now=NOW + DAY)
        assert program.links.find("found", now=NOW)[1] is Purpose.RECOVER
        assert program.links.use("found", now=NOW)
        # one door opened closes the others
        assert program.links.find("asked", now=NOW) is None


def made_key(engine: Engine, account, *, expires_at=None):
    with desk(engine, account.actor()) as own:
        return own.api_keys.create(
            name="OA",
            digest="k",
            hint="yk_abc",
            scopes=["need.read"],
            now=NOW,
            expires_at=expires_at,
        )


def test_a_key_counts_until_it_expires_or_is_revoked_or_its_account_is_shut(
    sqlite_engine: Engine,
):
    account = add(sqlite_engine, "li@example.com")
    key = made_key(sqlite_engine, account, expires_at=NOW + DAY)

    def counts(now) -> bool:
        with system(sqlite_engine) as program:
            return program.api_keys.standing("k", now=now).alive

    assert counts(NOW)
    assert not counts(NOW + DAY)
    with desk(sqlite_engine) as boss:
        boss.users.disable(account.id)
    assert not counts(NOW)
    with desk(sqlite_engine) as boss:
        boss.users.enable(account.id)
    assert counts(NOW)
    with desk(sqlite_engine, account.actor()) as own:
        revoked = own.api_keys.revoke(key.id, now=NOW)
        assert own.api_keys.revoke(key.id, now=NOW + MINUTE) == revoked
        assert own.api_keys.mine() == [revoked]
    assert not counts(NOW)


def test_keys_of_others_are_out_of_reach(sqlite_engine: Engine):
    key = made_key(sqlite_engine, add(sqlite_engine, "li@example.com"))

    with desk(sqlite_engine) as boss:
        assert boss.api_keys.mine() == []
        with pytest.raises(Unseen):
            boss.api_keys.revoke(key.id, now=NOW)


def test_the_use_of_a_key_is_noted_once_an_hour(engine: Engine):
    key = made_key(engine, add(engine, "li@example.com"))

    with system(engine) as program:
        noted = [
            program.api_keys.note_use(key.id, now=NOW + minutes * MINUTE)
            for minutes in (0, 1, 59, 60, 61)
        ]
        # a clock that was set back
        noted.append(program.api_keys.note_use(key.id, now=NOW - DAY))

    assert noted == [True, False, False, True, False, True]


def waits(engine: Engine, *seconds: float) -> list[float]:
    """The wait at each of these moments; an attempt that may be made is made, and fails."""
    found = []
    for second in seconds:
        now = NOW + timedelta(seconds=second)
        with system(engine) as program:
            wait = program.attempts.wait("key", PATIENCE, now=now)
            if not wait:
                program.attempts.count("key", now=now)
        found.append(wait.total_seconds())
    return found


def test_the_wait_doubles_up_to_its_limit_and_early_attempts_do_not_count(engine: Engine):
    # 2 are free; after the third the wait is 2 s, then 4, then 8 and no more
    assert waits(engine, 0, 0, 0, 1, 2, 3, 3.5) == [0, 0, 1, 0, 1, 0, 3.5]
    assert waits(engine, 7, 14, 15, 22, 23) == [0, 1, 0, 1, 0]


def test_a_clock_set_back_neither_opens_the_gate_nor_shuts_it_for_good(engine: Engine):
    back = -timedelta(days=400).total_seconds()
    assert waits(engine, 0, 0, 1, 3) == [0, 0, 0, 0]

    assert waits(engine, back, back + 3, back + 4) == [4, 1, 0]


def test_failures_are_forgiven_taken_back_and_forgotten_in_time(engine: Engine):
    waits(engine, 0, 0, 1)
    with system(engine) as program:
        program.attempts.take_back("key")
        assert program.attempts.wait("key", PATIENCE, now=NOW + timedelta(seconds=1)) == (
            timedelta(seconds=1)
        )
        program.attempts.forgive("key")
    assert waits(engine, 1, 1, 1) == [0, 0, 1]

    later = FORGOTTEN_AFTER.total_seconds() + 2
    assert waits(engine, later, later, later) == [0, 0, 1]


def test_attempts_at_once_are_all_counted(engine: Engine):
    many = Patience(free=3, longest_s=60)

    def attempt(_):
        with system(engine) as program:
            wait = program.attempts.wait("key", many, now=NOW)
            if not wait:
                program.attempts.count("key", now=NOW)
            return not wait

    assert sum(at_once(attempt, times=6)) == 3


def test_only_the_program_itself_counts_failures(sqlite_engine: Engine):
    with desk(sqlite_engine) as boss, pytest.raises(Forbidden):
        boss.attempts.forgive("key")
