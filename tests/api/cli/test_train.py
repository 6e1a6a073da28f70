"""``yilian train`` as a broker's office uses it: what it learns from, keeps, and refuses."""

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from sqlalchemy import text

from api.service import MatchService
from api.settings import sqlite_url
from data.default_ranker import default_ranker, ranker_text, read_ranker
from data.importers.load import load
from data.rankers import RankerRepository
from data.session import make_engine, session_scope
from tests.api.conftest import Run, learn_terms, settings_for
from tests.api.labelled import write_labelled

NEEDS = {"n1": "靛蓝染色不用保险粉", "n2": "电机轴承异响", "n3": "光伏组件回收"}
OFFERS = {
    "a1": "靛蓝电化学还原染色",
    "a2": "电机陶瓷轴承润滑",
    "a3": "光伏组件热解回收",
    "a4": "茶叶保鲜包装",
    "a5": "数控机床主轴热补偿",
}
FITTING = [(n, a, 4 if n[1] == a[1] else 1, "李工") for n in NEEDS for a in OFFERS]
"""What a broker says who knows the trade: the achievement of the same number fits."""

Row = tuple[str, str, int, str]
Decide = Callable[[Iterable[Row]], None]


@pytest.fixture(scope="module")
def loaded_home(
    tmp_path_factory: pytest.TempPathFactory, model_folder: Path, known_terms: Path
) -> Path:
    """A home with needs and achievements, indexed, and without a decision."""
    home = tmp_path_factory.mktemp("city")
    learn_terms(home, known_terms)
    service = MatchService(settings_for(home, model_folder))
    for kind, header, rows in (("needs", "需求", NEEDS), ("achievements", "成果", OFFERS)):
        lines = [f"{key},{title}" for key, title in rows.items()]
        table = home / f"{kind}.csv"
        table.write_text("\n".join([f"编号,{header}名称", *lines]))
        load([table], engine=service.engine)
    service.refresh()
    service.close()
    return home


@pytest.fixture
def city(yilian: Run, home: Path, loaded_home: Path) -> Run:
    """The command in the test's own copy of the loaded home."""
    shutil.copytree(loaded_home, home, dirs_exist_ok=True)
    return yilian


@pytest.fixture
def decide(city: Run, tmp_path: Path) -> Decide:
    """Loads decisions, one a minute, so that the later of two is known."""

    def loaded(rows: Iterable[Row]) -> None:
        form = tmp_path / "decisions.csv"
        lines = [
            f"{n},{a},{level},{who},2026-06-30 14:{minute:02}"
            for minute, (n, a, level, who) in enumerate(rows)
        ]
        form.write_text("\n".join(["需求编号,成果编号,等级,经纪人,时间", *lines]))
        done = city("load", str(form), "--kind", "decisions")
        assert done.exit_code == 0, done.output

    return loaded


def stored(home: Path) -> list[str]:
    with session_scope(make_engine(sqlite_url(home)), write=False) as session:
        return [one.content for one in RankerRepository(session).all()]


def store(home: Path, content: str) -> None:
    """Puts a ranker into use as somebody could who edits the database by hand."""
    with session_scope(make_engine(sqlite_url(home))) as session:
        added = RankerRepository(session).add(content, author="", trained_on={}, figures={})
        RankerRepository(session).promote(added.version)


def test_decisions_are_compared_kept_listed_and_taken_back(city: Run, decide: Decide, home: Path):
    decide(FITTING)

    trained = city("train", "--who", "王工")
    history = city("train", "--history").stdout
    back = city("train", "--roll-back", "--who", "赵工")
    after = city("train", "--history").stdout

    assert trained.exit_code == 0, trained.output
    assert "15 judged pairs of 3 needs" in trained.stdout
    assert "version 1 is in use" in trained.stdout
    assert "现用 in use" in history
    assert "王工" in history
    assert "the shipped one" in back.stdout
    assert "赵工" in after
    assert "退回" in after
    assert "the shipped ranker is in use" in after
    assert len(stored(home)) == 1


def test_the_trained_ranker_answers_the_next_question(city: Run, decide: Decide, home: Path):
    decide(FITTING)
    before = json.loads(city("match", "n1", "--json").stdout)

    city("train", "--who", "王工")

    after = json.loads(city("match", "n1", "--json").stdout)
    assert after["matches"][0]["document_id"] == "a1"
    assert after["matches"][0]["levels"] != before["matches"][0]["levels"]


def test_a_dry_run_prints_the_comparison_and_keeps_nothing(city: Run, decide: Decide, home: Path):
    decide(FITTING)

    done = city("train", "--dry-run")

    assert done.exit_code == 0, done.output
    assert "candidate" in done.stdout
    assert "current" in done.stdout
    assert "nothing was kept" in done.stdout
    assert stored(home) == []


def test_of_one_broker_who_contradicts_himself_the_later_word_counts(city: Run, decide: Decide):
    decide([*FITTING, ("n1", "a1", 2, "李工")])

    done = city("train", "--dry-run")

    assert "15 judged pairs" in done.stdout
    assert "1  同一经纪人后来另有反馈" in done.stdout
    assert "brokers differ" not in done.stdout


def test_brokers_who_differ_are_named_with_their_levels(city: Run, decide: Decide):
    decide([*FITTING, ("n1", "a1", 1, "赵[b]工")])

    done = city("train", "--dry-run")

    assert "15 judged pairs" in done.stdout
    assert "brokers differ: 1" in done.stdout
    assert "n1 ↔ a1: 李工 4, 赵[b]工 1" in done.stdout


def test_of_many_contradictions_the_number_not_shown_is_told(
    city: Run, decide: Decide, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("api.cli.train._CONTRADICTIONS_SHOWN", 2)
    decide([*FITTING, *((n, a, 5 - level, "赵工") for n, a, level, _ in FITTING)])

    done = city("train", "--dry-run")

    assert "brokers differ: 15" in done.stdout
    assert done.stdout.count("↔") == 2
    assert "另有 13 对 / 13 more" in done.stdout


def test_decisions_on_a_withdrawn_achievement_are_left_out_and_counted(
    city: Run, decide: Decide, home: Path
):
    decide(FITTING)
    with session_scope(make_engine(sqlite_url(home))) as session:
        session.execute(text("UPDATE achievements SET status = 'withdrawn' WHERE id = 'a5'"))

    done = city("train", "--dry-run")

    assert done.exit_code == 0, done.output
    assert "12 judged pairs of 3 needs" in done.stdout
    assert "3  需求或成果已撤回或不存在" in done.stdout


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        pytest.param([], "0 judged pairs", id="no decision"),
        pytest.param(FITTING[:9], "9 judged pairs of 2 levels", id="nine rows"),
        pytest.param([(n, a, 3, w) for n, a, _, w in FITTING], "of 1 levels", id="one level"),
        pytest.param(
            [*FITTING[:5], *((n, a, 2, "李工") for n, a, _, _ in FITTING[:5])],
            "5 judged pairs",
            id="ten rows on five pairs",
        ),
    ],
)
def test_too_little_to_learn_from_is_refused_and_nothing_changes(
    city: Run, decide: Decide, home: Path, rows: list[Row], why: str
):
    if rows:
        decide(rows)

    done = city("train", "--who", "王工")

    assert done.exit_code == 1
    assert why in str(done.exception)
    assert "at least 10 pairs of two levels" in str(done.exception)
    assert stored(home) == []


def test_one_need_alone_is_refused_and_says_what_to_do(
    city: Run, decide: Decide, home: Path, tmp_path: Path
):
    more = tmp_path / "more.csv"
    more.write_text("编号,成果名称\n" + "\n".join(f"b{i},第{i}种轴承" for i in range(6)))
    city("load", str(more), "--kind", "achievements")
    decide([*FITTING[:5], *(("n1", f"b{i}", 2, "李工") for i in range(6))])

    done = city("train", "--who", "王工")

    assert done.exit_code == 1
    assert "only 1 different needs" in str(done.exception)
    assert "yilian decide" in str(done.exception)
    assert stored(home) == []


def test_ten_pairs_of_two_needs_are_enough(city: Run, decide: Decide, home: Path):
    decide(FITTING[:10])

    done = city("train", "--who", "王工")

    assert done.exit_code == 0, done.output
    assert "10 judged pairs of 2 needs" in done.stdout
    assert len(stored(home)) == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda plain: plain["signals"]["fused"].update(slope=9.5), "digest"),
        (lambda plain: plain["origin"].update(needs=10_000), "digest"),
        (lambda plain: plain.pop("digest"), "digest"),
        (lambda plain: plain.update(format=2), "format 2"),
        (lambda plain: plain["signals"].update(magic={"centre": 0, "slope": 1}), "magic"),
    ],
)
def test_a_ranker_edited_or_of_another_version_is_passed_over_with_the_reason(
    city: Run, home: Path, change: Callable[[dict], object], why: str
):
    with_shipped = json.loads(city("match", "n1", "--json").stdout)
    shipped = default_ranker()
    assert shipped is not None
    plain = json.loads(ranker_text(shipped))
    change(plain)
    store(home, json.dumps(plain))

    done = city("match", "n1", "--json")

    assert done.exit_code == 0
    assert "改用出厂模型" in done.stderr
    assert why in done.stderr
    assert json.loads(done.stdout)["matches"] == with_shipped["matches"]


def test_white_space_and_the_order_of_entries_are_no_edit(city: Run, home: Path):
    shipped = default_ranker()
    assert shipped is not None
    store(home, json.dumps(json.loads(ranker_text(shipped)), sort_keys=True, indent=7))

    assert city("match", "n1").stderr == ""


def test_training_beside_a_broken_ranker_compares_with_the_shipped_one(
    city: Run, decide: Decide, home: Path
):
    decide(FITTING)
    store(home, "{")

    done = city("train", "--who", "王工")

    assert done.exit_code == 0, done.output
    assert "改用出厂模型" in done.stderr
    assert "not JSON" in done.stderr
    assert read_ranker(stored(home)[-1]).origin["data"] == "decisions"


def test_there_is_nothing_to_roll_back_before_the_first_training(city: Run):
    done = city("train", "--roll-back", "--who", "王工")

    assert done.exit_code == 1
    assert "nothing to go back to" in str(done.exception)


def test_without_a_version_the_history_says_what_is_in_use(city: Run):
    assert city("train", "--history").stdout == (
        "现用出厂排序模型 / the shipped ranker is in use\n"
    )


@pytest.mark.parametrize(
    "options",
    [
        ("--dry-run", "--history"),
        ("--history", "--roll-back"),
        ("--dataset", "somewhere"),
        ("--out", "ranker.json"),
        ("--folds", "1"),
        ("--roll-back", "--who", " "),
    ],
)
def test_options_that_make_no_sense_together_are_refused(yilian: Run, options: tuple[str, ...]):
    assert yilian("train", *options).exit_code == 2


def test_a_labelled_data_set_becomes_a_file_that_tells_where_it_comes_from(
    yilian: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # simulated cities take minutes, and have tests of their own
    monkeypatch.setattr(
        "api.reports.default_training.with_graph_slopes", lambda ranker, encoder, progress: ranker
    )
    folder, target = write_labelled(tmp_path / "toy"), tmp_path / "ranker.json"
    asked = ("--dataset", folder, "--split", "test", "--folds", "4", "--out", target)

    done = yilian("train", *asked)

    assert done.exit_code == 0, done.output
    assert "ndcg@10" in done.stdout
    assert "P(level ≥ 3)" in done.stdout
    made = read_ranker(target.read_text())
    assert (made.origin["data"], made.origin["pairs"], made.origin["folds"]) == ("toy test", 40, 4)


@pytest.mark.parametrize(("rows", "why"), [(1, "1 judged pairs"), (12, "too little to learn from")])
def test_a_data_set_with_too_little_in_it_writes_no_file(
    yilian: Run, tmp_path: Path, rows: int, why: str
):
    folder, target = write_labelled(tmp_path / "toy"), tmp_path / "ranker.json"
    qrels = folder / "qrels" / "test.tsv"
    qrels.write_text("\n".join(qrels.read_text().splitlines()[:rows]))

    done = yilian("train", "--dataset", folder, "--split", "test", "--folds", "2", "--out", target)

    assert done.exit_code == 1
    assert why in str(done.exception)
    assert not target.exists()


@pytest.mark.parametrize("target", ["missing/ranker.json", "."])
def test_a_place_that_cannot_be_written_is_refused_before_any_work(
    yilian: Run, tmp_path: Path, target: str
):
    done = yilian("train", "--dataset", str(tmp_path), "--out", str(tmp_path / target))

    assert done.exit_code == 2
    assert "--out" in done.output


def test_no_line_for_people_is_wider_than_a_terminal(city: Run, decide: Decide):
    decide([*FITTING, ("n1", "a1", 1, "赵工"), ("n1", "a1", 2, "赵工")])

    shown = city("train", "--who", "王工").stdout + city("train", "--history").stdout

    assert [line for line in shown.splitlines() if columns(line) > 80] == []
    # rich would have broken a longer line, which leaves a tail of a word or two
    assert [line for line in shown.splitlines() if 0 < columns(line) < 8] == []


def columns(line: str) -> int:
    return sum(1 if character < "\u2e80" else 2 for character in line.rstrip())
