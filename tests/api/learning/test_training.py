"""Decisions become a better ranker, or change nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.learning.ranker import current_ranker, shipped_ranker
from api.learning.training import OneNeedOnly, keep, lesson, train
from api.service import MatchService
from api.settings import Settings
from data.decisions import DecisionRepository
from data.importers.load import load
from data.rankers import RankerRepository
from data.repositories import NeedRepository
from data.session import session_scope
from matcher.decision import Decision
from matcher.errors import TooLittleToLearn
from matcher.types import Document, Status
from tests.builders import make_pipeline

NEEDS = {"n1": "靛蓝染色不用保险粉", "n2": "电机轴承异响", "n3": "光伏组件回收"}
OFFERS = {
    "a1": "靛蓝电化学还原染色",
    "a2": "电机陶瓷轴承润滑",
    "a3": "光伏组件热解回收",
    "a4": "茶叶保鲜包装",
    "a5": "数控机床主轴热补偿",
}


@pytest.fixture
def engine(home: Path, tmp_path: Path):
    service = MatchService(Settings.from_environment())
    for name, header, rows in (
        ("needs.csv", "编号,需求名称", NEEDS),
        ("achievements.csv", "编号,成果名称", OFFERS),
    ):
        lines = [f"{key},{title}" for key, title in rows.items()]
        (tmp_path / name).write_text("\n".join([header, *lines]))
        load([tmp_path / name], engine=service.engine)
    yield service.engine
    service.close()


def pipeline():
    return make_pipeline([Document(id=i, title=t) for i, t in OFFERS.items()])


def decide(engine, needs=tuple(NEEDS), level=None) -> None:
    with session_scope(engine) as session:
        DecisionRepository(session).add_many(
            Decision(
                id=f"{n}-{a}",
                query_id=n,
                document_id=a,
                level=level or (4 if n[:2][1:] == a[1:] else 1),
                who="李工",
                made_at=datetime.now(UTC),
            )
            for n in needs
            for a in OFFERS
        )


def versions(engine) -> int:
    with session_scope(engine, write=False) as session:
        return len(RankerRepository(session).all())


def test_decisions_make_a_ranker_that_is_kept_and_put_into_use(engine):
    decide(engine)

    trained = train(engine, pipeline)
    keep(engine, trained, author="王工")

    assert trained.better
    assert (trained.gain.n, trained.folds) == (3, 3)
    assert current_ranker(engine) == trained.ranker


@pytest.mark.parametrize(
    ("status", "pairs"), [(Status.SIGNED, 15), (Status.EXPIRED, 15), (Status.WITHDRAWN, 10)]
)
def test_what_came_to_its_end_is_learnt_from_and_what_was_taken_back_is_not(engine, status, pairs):
    decide(engine)
    with session_scope(engine) as session:
        needs = NeedRepository(session)
        needs.upsert_many([replace(needs.get("n1"), status=status)])

    assert len(lesson(engine).judged.judgements) == pairs


def test_a_worse_ranker_is_kept_but_not_put_into_use(engine):
    decide(engine)
    before = current_ranker(engine)

    keep(engine, replace(train(engine, pipeline), better=False), author="王工")

    assert versions(engine) == 1
    assert current_ranker(engine) == before


def test_a_ranker_that_saw_the_held_out_needs_has_no_advantage(engine):
    decide(engine)
    keep(engine, train(engine, pipeline), author="王工")

    again = train(engine, pipeline)

    assert again.gain.mean == 0
    assert again.candidate.score == again.current.score


def test_one_need_posted_twice_is_refused_and_nothing_is_changed(engine):
    with session_scope(engine) as session:
        needs = NeedRepository(session)
        needs.upsert_many([replace(needs.get_many(["n1"])["n1"], id="n1-again")])
    decide(engine, needs=("n1", "n1-again"))

    with pytest.raises(OneNeedOnly):
        train(engine, pipeline)
    assert versions(engine) == 0


def test_without_a_shipped_ranker_folds_that_teach_too_little_are_refused(
    engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("api.learning.ranker.default_ranker", lambda: None)
    decide(engine, needs=("n1", "n2"))

    with pytest.raises(TooLittleToLearn):
        train(engine, pipeline)


def test_without_a_shipped_ranker_the_first_that_is_learnt_comes_into_use(
    engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("api.learning.ranker.default_ranker", lambda: None)
    decide(engine)

    trained = train(engine, pipeline)

    assert trained.current.score is None
    assert trained.candidate.score is not None


def test_one_level_only_is_refused_before_anything_is_opened(engine):
    decide(engine, level=3)

    with pytest.raises(TooLittleToLearn):
        train(engine, lambda: pytest.fail("opened"))


def test_a_broken_ranker_is_passed_over_and_the_reason_told(engine):
    with session_scope(engine) as session:
        stored = RankerRepository(session).add(
            '{"format": 99}', author="", trained_on={}, figures={}
        )
        RankerRepository(session).promote(stored.version)
    told: list[str] = []

    current = current_ranker(engine, told.append)

    assert "99" in told[0]
    assert current == shipped_ranker()
