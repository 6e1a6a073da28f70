"""Rankers are kept for good, and which one is in use can be told and undone."""

import multiprocessing
from threading import Thread

import pytest
from sqlalchemy import Engine

from data.errors import NothingToRollBack, UnknownRanker
from data.rankers import Action, RankerRepository, StoredRanker
from data.session import make_engine, session_scope

CONTENT = '{"kind": "ordinal",  "名称": "甲"}\n'


def add_rankers(engine: Engine, n: int) -> list[int]:
    with session_scope(engine) as session:
        return [
            RankerRepository(session)
            .add(CONTENT, author="李工", trained_on={"needs": i}, figures={"ndcg@10": 0.5})
            .version
            for i in range(n)
        ]


def promote(engine: Engine, version: int) -> None:
    with session_scope(engine) as session:
        RankerRepository(session).promote(version, who="李工")


def roll_back(engine: Engine) -> StoredRanker | None:
    with session_scope(engine) as session:
        return RankerRepository(session).roll_back(who="王工")


def in_use(engine: Engine) -> int | None:
    with session_scope(engine, write=False) as session:
        current = RankerRepository(session).current()
    return None if current is None else current.version


def log(engine: Engine) -> list[tuple[int | None, str]]:
    with session_scope(engine, write=False) as session:
        return [(p.version, str(p.action)) for p in RankerRepository(session).history()]


def test_a_ranker_comes_back_byte_for_byte_and_is_not_yet_in_use(engine: Engine):
    figures = {"ndcg@10": 0.75, "folds": [0.7, 0.8], "data": "甲"}
    with session_scope(engine) as session:
        added = RankerRepository(session).add(
            CONTENT, author="李工", trained_on={"needs": 40}, figures=figures, note="三月"
        )

    with session_scope(engine, write=False) as session:
        stored = RankerRepository(session).get(added.version)
        assert RankerRepository(session).current() is None
    assert stored == added
    assert (stored.content, stored.author, stored.note) == (CONTENT, "李工", "三月")
    assert (stored.trained_on, stored.figures) == ({"needs": 40}, figures)
    assert stored.promoted_at is None


def test_versions_rise_and_all_are_kept(engine: Engine):
    versions = add_rankers(engine, 3)

    with session_scope(engine, write=False) as session:
        stored = RankerRepository(session).all()
    assert [r.version for r in stored] == versions == sorted(set(versions))
    assert [r.trained_on for r in stored] == [{"needs": 0}, {"needs": 1}, {"needs": 2}]


def test_the_promoted_ranker_is_in_use_and_says_since_when(engine: Engine):
    first, second = add_rankers(engine, 2)

    promote(engine, first)
    promote(engine, second)

    with session_scope(engine, write=False) as session:
        rankers = RankerRepository(session)
        current, history = rankers.current(), rankers.history()
        assert current == rankers.get(second)
    assert [p.made_at for p in history][1] == current.promoted_at
    assert [(p.version, p.action, p.who) for p in history] == [
        (first, Action.PROMOTE, "李工"),
        (second, Action.PROMOTE, "李工"),
    ]


def test_promoting_what_is_in_use_changes_nothing(engine: Engine):
    (version,) = add_rankers(engine, 1)

    promote(engine, version)
    promote(engine, version)

    assert log(engine) == [(version, "promote")]


def test_each_roll_back_goes_one_promotion_further_back_to_the_shipped_ranker(engine: Engine):
    a, b, c = add_rankers(engine, 3)
    for version in (a, b, a):
        promote(engine, version)

    went_back_to = [roll_back(engine), roll_back(engine)]
    promote(engine, c)
    went_back_to += [roll_back(engine), roll_back(engine)]

    assert [r and r.version for r in went_back_to] == [b, a, a, None]
    assert in_use(engine) is None
    # coming back by a roll-back is no promotion
    assert [r.promoted_at for r in went_back_to[1:3]] == [went_back_to[1].promoted_at] * 2
    assert log(engine) == [
        (a, "promote"),
        (b, "promote"),
        (a, "promote"),
        (b, "roll_back"),
        (a, "roll_back"),
        (c, "promote"),
        (a, "roll_back"),
        (None, "roll_back"),
    ]


def test_before_the_shipped_ranker_there_is_nothing(engine: Engine):
    (version,) = add_rankers(engine, 1)
    promote(engine, version)
    roll_back(engine)

    with pytest.raises(NothingToRollBack, match=r"出厂.*shipped"):
        roll_back(engine)

    assert len(log(engine)) == 2


def test_a_version_that_is_not_stored_cannot_be_promoted(engine: Engine):
    with pytest.raises(UnknownRanker, match="yilian train") as caught:
        promote(engine, 7)

    assert caught.value.version == 7
    assert log(engine) == []


def test_a_second_promotion_waits_for_the_first_and_wins(engine: Engine):
    first, second = add_rankers(engine, 2)
    later = Thread(target=promote, args=(engine, second))

    with session_scope(engine) as session:
        RankerRepository(session).promote(first)
        later.start()
        later.join(0.5)
        waited = later.is_alive()
    later.join(30)

    assert waited
    assert log(engine) == [(first, "promote"), (second, "promote")]
    assert in_use(engine) == second


def _promote_by_turns(url: str, versions: list[int], barrier, outcomes) -> None:
    engine = make_engine(url)
    barrier.wait()
    try:
        for version in versions * 5:
            promote(engine, version)
        outcomes.put("done")
    except Exception as error:
        outcomes.put(repr(error))
    engine.dispose()


def test_two_processes_may_promote_at_once_and_the_log_stays_true(engine: Engine):
    versions = add_rankers(engine, 2)
    processes = multiprocessing.get_context("spawn")
    barrier, outcomes = processes.Barrier(2), processes.Queue()
    url = engine.url.render_as_string(hide_password=False)
    both = [
        processes.Process(target=_promote_by_turns, args=(url, order, barrier, outcomes))
        for order in (versions, versions[::-1])
    ]

    for process in both:
        process.start()
    for process in both:
        process.join(60)

    assert [outcomes.get(timeout=5) for _ in both] == ["done", "done"]
    promoted = [version for version, _ in log(engine)]
    assert in_use(engine) == promoted[-1]
    # a ranker in use is never logged again, so the two alternate
    assert all(one != next_one for one, next_one in zip(promoted, promoted[1:], strict=False))
    for _ in promoted:
        roll_back(engine)
    assert in_use(engine) is None
