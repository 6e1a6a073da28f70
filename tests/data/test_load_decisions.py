"""Decisions from files."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.decisions import DecisionRepository
from data.importers.decision_fields import parse_level, parse_moment, parse_rank
from data.importers.load import load
from data.importers.problems import BadCell
from data.importers.rows import Kind
from data.repositories import AchievementRepository, NeedRepository
from data.repository import UpsertCounts
from data.session import session_scope
from matcher.decision import Decision, ReasonCode, Verdict
from tests.data.builders import (
    MOMENT,
    make_achievement,
    make_decision,
    make_need,
    write_lines,
    write_sheet,
)


@pytest.fixture
def store(sqlite_engine: Engine) -> Engine:
    """A database that holds n1 and a1."""
    with session_scope(sqlite_engine) as session:
        NeedRepository(session).upsert_many([make_need("n1")])
        AchievementRepository(session).upsert_many([make_achievement("a1")])
    return sqlite_engine


def stored(engine: Engine) -> tuple[Decision, ...]:
    with session_scope(engine, write=False) as session:
        return DecisionRepository(session).all()


def test_chinese_and_english_tables_in_every_format_mean_the_same(store: Engine, tmp_path: Path):
    rows = {
        "需求编号,成果编号,等级,是否采纳,原因,备注,经纪人,时间,名次": tmp_path / "一.csv",
        "need,achievement,level,verdict,reason,note,who,when,rank": tmp_path / "two.csv",
    }
    for header, path in rows.items():
        path.write_text(f"{header}\nn1,a1,2,不采纳,指标不达标,慢,李工,2026-03-04 13:06:07,3\n")
    sheet = write_sheet(
        tmp_path / "三.xlsx",
        ("需求编号", "成果编号", "匹配等级", "结论", "原因", "备注", "经纪人", "日期", "名次"),
        ("n1", "a1", 2, "拒绝", "must_have_open", "慢", "李工", datetime(2026, 3, 4, 13, 6, 7), 3),
        sheet="Sheet1",
    )

    report = load([*rows.values(), sheet], engine=store)

    assert (report.problems, report.warnings) == ((), ())
    assert {table.kind for table in report.tables} == {Kind.DECISIONS}
    (decision,) = stored(store)
    assert decision == make_decision(
        decision.id,
        level=2,
        verdict=Verdict.REJECT,
        reason=ReasonCode.MUST_HAVE_OPEN,
        note="慢",
        who="李工",
        made_at=MOMENT,
        rank=3,
    )


def test_loading_a_file_again_adds_nothing_also_where_it_gives_no_time(
    store: Engine, tmp_path: Path
):
    path = tmp_path / "反馈.csv"
    path.write_text("需求编号,成果编号,等级,经纪人\nn1,a1,强相关,李工\nn1,a1,无相关,王工\n")

    first = load([path], engine=store)
    again = load([path], engine=store)

    assert first.counts == {Kind.DECISIONS: UpsertCounts(added=2)}
    assert again.counts == {Kind.DECISIONS: UpsertCounts(unchanged=2)}
    assert {d.who: d.level for d in stored(store)} == {"李工": 4, "王工": 1}
    assert all(abs(datetime.now(UTC) - d.made_at) < timedelta(minutes=5) for d in stored(store))


def test_what_is_listed_as_json_loads_back_under_its_own_id(store: Engine, tmp_path: Path):
    decision = make_decision("d-own", level=3, run_id="r1", rank=2)
    plain = json.dumps(asdict(decision), default=str)
    path = write_lines(tmp_path / "back.jsonl", plain)

    report = load([path], engine=store)

    assert report.problems == ()
    assert stored(store) == (decision,)


def test_a_row_that_contradicts_itself_stays_out_and_says_why(store: Engine, tmp_path: Path):
    path = tmp_path / "decisions.csv"
    path.write_text(
        "need,achievement,level,verdict,who\n"
        "n1,a1,4,reject,李工\n"
        "n1,a1,,,李工\n"
        "n1,a1,3,accept,李工\n"
        "n1,a1,5,accept,李工\n"
        "n1,a1,3,accept,\n"
    )

    report = load([path], engine=store)

    assert [p.row for p in report.problems] == [2, 3, 5, 6]
    told = [p.what_is_right for p in report.problems]
    assert ["矛盾" in told[0], "accept or reject" in told[1]] == [True, True]
    assert ["强相关" in told[2], "经纪人" in told[3]] == [True, True]
    assert [(d.level, d.verdict) for d in stored(store)] == [(3, Verdict.ACCEPT)]


def test_decisions_on_items_not_stored_are_kept_with_a_warning(store: Engine, tmp_path: Path):
    path = tmp_path / "decisions.csv"
    path.write_text("need,achievement,level,who\nn1,a9,4,李工\nn9,a1,4,李工\nn9,a9,1,李工\n")

    report = load([path], engine=store)

    assert report.problems == ()
    assert [w.value for w in report.warnings] == ["a9", "n9"]
    assert len(stored(store)) == 3


def test_needs_of_the_same_load_are_known_to_its_decisions(store: Engine, tmp_path: Path):
    decisions = tmp_path / "decisions.csv"
    decisions.write_text("need,achievement,level,who\nn2,a1,4,李工\n")
    needs = tmp_path / "需求.csv"
    needs.write_text("编号,需求名称\nn2,电机异响\n")

    report = load([decisions, needs], engine=store)

    assert (report.problems, report.warnings) == ((), ())


@pytest.mark.parametrize(
    ("value", "level"),
    [(4, 4), (1.0, 1), ("３", 3), ("较强相关", 3), ("Weak", 2), ("不相关", 1)],
)
def test_levels_are_read_as_figures_or_words(value: object, level: int):
    assert parse_level(value) == level


@pytest.mark.parametrize("value", [0, 5, "2.5", "很好", True])
def test_what_is_no_level_is_answered_with_the_scale(value: object):
    with pytest.raises(BadCell) as caught:
        parse_level(value)

    assert "4 强相关" in caught.value.advice.zh


@pytest.mark.parametrize(("value", "rank"), [(1, 1), (12.0, 12), ("１0", 10)])
def test_ranks_are_whole_numbers_from_one(value: object, rank: int):
    assert parse_rank(value) == rank


@pytest.mark.parametrize("value", [0, -1, "1.5", "第一", 10**9])
def test_what_is_no_rank_is_refused(value: object):
    with pytest.raises(BadCell, match="whole number"):
        parse_rank(value)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-03-04 13:06:07", MOMENT),
        ("2026年3月4日 13:06:07", MOMENT),
        ("2026-03-04T05:06:07Z", MOMENT),
        ("2026-03-04T05:06:07+00:00", MOMENT),
        (datetime(2026, 3, 4, 13, 6, 7), MOMENT),
        ("2026/3/4 13:06", MOMENT.replace(second=0)),
        ("2026-03-04", datetime(2026, 3, 3, 16, tzinfo=UTC)),
    ],
)
def test_a_time_without_a_zone_is_beijing_time(value: object, moment: datetime):
    assert parse_moment(value) == moment


@pytest.mark.parametrize(
    "value", ["2090-01-01", "0001-01-01", "昨天", "长期", "2026/3/4 27:00", 3.5]
)
def test_a_time_that_cannot_be_is_refused(value: object):
    with pytest.raises(BadCell):
        parse_moment(value)
