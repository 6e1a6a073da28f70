"""``yilian eval rank|levels|learn|calibration|chains`` on a data set made for the test."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.app import app
from api.reports.dataset_pipeline import with_groups
from data.default_ranker import default_ranker
from evaluation.dataset import load_dataset
from evaluation.fingerprint import fingerprint
from tests.api.conftest import Run
from tests.api.labelled import TOPICS, write_labelled

Evaluated = Callable[..., Result]

ALL_PAIRS = [(need, offer) for need in range(len(TOPICS)) for offer in range(len(TOPICS))]
N_PAIRS = len(TOPICS) * 5


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_labelled(tmp_path_factory.mktemp("made") / "toy")


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six texts of two chains and of none."""
    texts = {"robot": "谐波减速器寿命", "textile": "活性染料低盐染色", "none": "高速公路边坡防护"}
    records = [
        {"_id": f"{chain}{part}", "title": f"{text}{part}", "chain": chain}
        for chain, text in texts.items()
        for part in ("试验", "评估")
    ]
    path = tmp_path_factory.mktemp("labels") / "labels.jsonl"
    path.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records))
    return path


@pytest.fixture(scope="module")
def evaluate_anew(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Evaluated:
    """Runs ``yilian eval`` in a home of the module's own, where texts are encoded once."""
    home = tmp_path_factory.mktemp("evaluated")

    def run(*arguments: object) -> Result:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("YILIAN_HOME", str(home))
            patch.setenv("YILIAN_MODEL", str(model_folder))
            return CliRunner().invoke(app, ["eval", *map(str, arguments)])

    return run


@pytest.fixture(scope="module")
def evaluated(evaluate_anew: Evaluated) -> Evaluated:
    """The same, which asks no question twice."""
    return cache(evaluate_anew)


def ran(evaluated: Evaluated, *arguments: object) -> str:
    done = evaluated(*arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def refused(evaluated: Evaluated, *arguments: object) -> str:
    """The message with which a command gives up before it prints anything."""
    done = evaluated(*arguments)
    assert done.exit_code == 1
    assert done.stdout == ""
    return str(done.exception)


def test_rank_stands_beside_baselines_with_the_worst_needs(evaluated: Evaluated, dataset: Path):
    shown = ran(evaluated, "rank", "--dataset", dataset)

    assert [s for s in ("yilian", "untrained", "bm25", "tfidf", "random") if s not in shown] == []
    assert "trained − " not in shown
    assert "worst needs, for reading: yilian" in shown
    assert "寻求" in shown.split("worst needs")[1]


def test_folds_add_a_ranker_and_an_ablation_tells_what_its_signals_are_worth(
    evaluated: Evaluated, dataset: Path
):
    asked = ("rank", "--dataset", dataset, "--folds", 4, "--ablate")

    plain = json.loads(ran(evaluated, *asked, "--json"))
    shown = ran(evaluated, *asked)

    assert set(plain["systems"]) >= {"yilian", "trained", "untrained", "bm25"}
    assert plain["systems"]["trained"]["ndcg@10"]["n"] == len(TOPICS)
    assert plain["model"]
    assert set(plain["ablation"]["without"]) >= {"retrieval", "requirements", "fit"}
    assert [w for w in ("检索 retrieval", "要求 requirements", "条件 fit") if w not in shown] == []
    assert "trained − untrained" in shown


def test_figures_on_what_the_shipped_ranker_learnt_from_are_marked(
    evaluate_anew: Evaluated, dataset: Path, monkeypatch: pytest.MonkeyPatch
):
    shipped = default_ranker()
    assert shipped is not None
    own = {"fingerprint": fingerprint(with_groups(load_dataset(dataset, "test")))}
    monkeypatch.setattr(
        "api.reports.ranking.shipped_ranker",
        lambda notify: replace(shipped, origin=own),
    )

    shown = ran(evaluate_anew, "rank", "--dataset", dataset)

    assert "learnt from these judgements" in shown


def test_a_report_is_written_with_its_pictures_over_the_last_one(
    evaluated: Evaluated, dataset: Path, tmp_path: Path
):
    report = tmp_path / "var" / "ranking"

    report.mkdir(parents=True)
    (report / "report.html").write_text("the last one")

    done = evaluated("calibration", "--dataset", dataset, "--report", report, "--folds", 0)

    assert done.exit_code == 0, done.output
    assert "report.html" in done.stderr.replace("\n", "")
    assert "the last one" not in (report / "report.html").read_text()
    assert "toy" in (report / "report.md").read_text()
    assert list(report.glob("*.svg"))


@pytest.mark.parametrize("command", ["rank", "learn", "calibration", "levels"])
def test_a_folder_of_other_things_is_refused_before_any_work(
    evaluated: Evaluated,
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
):
    monkeypatch.setattr("api.model.ensure_model", lambda *_: pytest.fail("work has begun"))
    (tmp_path / "thesis.docx").write_text("mine")
    train = ("--train", dataset / "levels.csv") if command == "levels" else ()

    told = refused(evaluated, command, "--dataset", dataset, *train, "--report", tmp_path)

    assert "will not be replaced" in told
    assert (tmp_path / "thesis.docx").read_text() == "mine"


@pytest.mark.parametrize("folds", [0, 4])
def test_calibration_is_told_for_every_level_and_bin_by_bin(
    evaluated: Evaluated, dataset: Path, folds: int
):
    asked = ("calibration", "--dataset", dataset, "--folds", folds)

    plain = json.loads(ran(evaluated, *asked, "--json"))
    shown = ran(evaluated, *asked)

    assert set(plain["cuts"]) == {"2", "3", "4"}
    assert sum(one["n"] for one in plain["cuts"]["3"]["bins"]) == N_PAIRS
    assert "P(level ≥ 3)" in shown
    assert "by chance" in shown
    assert sum(" … " in line for line in shown.splitlines()) == len(plain["cuts"]["3"]["bins"])


def test_calibration_without_a_shipped_ranker_says_how_to_measure_trained_ones(
    evaluate_anew: Evaluated, dataset: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("api.reports.learning.shipped_ranker", lambda notify: None)

    told = refused(evaluate_anew, "calibration", "--dataset", dataset, "--folds", 0)

    assert "--folds 5" in told


def test_the_learning_curve_names_sizes_it_had_no_needs_for(evaluated: Evaluated, dataset: Path):
    shown = ran(evaluated, "learn", "--dataset", dataset, "--draws", 1)

    assert "too few judged needs for: 10, 25, 50, 100" in shown


def test_levels_are_predicted_in_folds_or_from_file_to_file(
    evaluated: Evaluated, dataset: Path, tmp_path: Path
):
    rows = (dataset / "levels.csv").read_text().splitlines()
    train, test = tmp_path / "train.csv", tmp_path / "test.csv"
    train.write_text("\n".join(rows[:-8]))
    test.write_text("\n".join([rows[0], *rows[-8:]]))
    texts = ("--dataset", dataset)

    folded = json.loads(
        ran(evaluated, "levels", *texts, "--train", dataset / "levels.csv", "--folds", 4, "--json")
    )
    apart = ran(evaluated, "levels", *texts, "--train", train, "--test", test)

    assert folded["score"] == pytest.approx(1 / (1 + folded["mae"]), abs=1e-4)
    assert f"{N_PAIRS - 8} in training, 8 predicted" in apart


@pytest.mark.parametrize(
    "rows", [["1,n0,a0,4"], [f"{need}{offer},n{need},a{offer},3" for need, offer in ALL_PAIRS]]
)
def test_too_few_levels_or_one_alone_teach_nothing(
    evaluated: Evaluated, dataset: Path, tmp_path: Path, rows: list[str]
):
    train = tmp_path / "train.csv"
    train.write_text("\n".join(["pair_id,need_id,achievement_id,level", *rows]))
    asked = ("levels", "--dataset", dataset, "--train", train, "--json")

    told = refused(evaluated, *asked, "--test", dataset / "levels.csv")

    assert "at least 10 pairs of two levels" in told


def test_a_data_set_that_leaves_too_little_in_a_fold_is_refused(
    evaluated: Evaluated, dataset: Path, tmp_path: Path
):
    small = tmp_path / "small"
    shutil.copytree(dataset, small)
    rows = (small / "qrels" / "test.tsv").read_text().splitlines()
    (small / "qrels" / "test.tsv").write_text("\n".join(rows[:12]))

    for command in ("rank", "calibration"):
        told = refused(evaluated, command, "--dataset", small, "--folds", 2)
        assert "too little to learn from" in told


def test_needs_that_are_hardly_judged_have_no_order_to_measure(
    evaluated: Evaluated, dataset: Path, tmp_path: Path
):
    small = tmp_path / "small"
    shutil.copytree(dataset, small)
    (small / "qrels" / "test.tsv").write_text("n0\ta0\t3\nn1\ta3\t0\n")

    shown = ran(evaluated, "rank", "--dataset", small)

    assert "no need has five judged matches of several levels" in shown


@pytest.mark.parametrize(
    ("row", "why"),
    [("x,n0,a0,5", "line 2"), ("x,n0,a99,3", "a99"), ("x,n0,a0", "line 2"), ("", "no rows")],
)
def test_levels_that_cannot_be_read_are_refused_with_the_line(
    evaluated: Evaluated, dataset: Path, tmp_path: Path, row: str, why: str
):
    broken = tmp_path / "broken.csv"
    broken.write_text(f"pair_id,need_id,achievement_id,level\n{row}")

    told = refused(
        evaluated,
        *("levels", "--dataset", dataset, "--train", dataset / "levels.csv", "--test", broken),
    )

    assert why in told


def test_chains_are_scored_by_class_with_a_table_of_confusions(on_samples: Run, labels: Path):
    plain = json.loads(on_samples("eval", "chains", "--labels", labels, "--json").stdout)
    shown = on_samples("eval", "chains", "--labels", labels).stdout

    assert plain["accuracy"] == 1
    assert plain["per_chain"]["robot"]["support"] == 2
    assert "trained_5fold" not in plain
    assert "definitions alone" in shown
    assert "判为 answer" in shown


def test_chains_trained_on_too_few_texts_are_refused(on_samples: Run, labels: Path):
    done = on_samples("eval", "chains", "--labels", labels, "--trained")

    assert done.exit_code == 1
    assert "folds must be between 2 and 2" in str(done.exception)


def test_a_label_that_is_no_chain_is_refused_with_its_line(evaluated: Evaluated, tmp_path: Path):
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text(json.dumps({"_id": "1", "title": "谐波减速器", "chain": "rockets"}))

    told = refused(evaluated, "chains", "--labels", wrong)

    assert "line 1" in told
    assert "rockets" in told


@pytest.mark.parametrize("command", ["rank", "learn", "calibration"])
def test_a_folder_that_is_not_there_or_lacks_the_split_is_refused(
    evaluated: Evaluated, dataset: Path, command: str
):
    nowhere = refused(evaluated, command, "--dataset", dataset / "nowhere")
    unsplit = refused(evaluated, command, "--dataset", dataset, "--split", "dev")

    assert "nowhere" in nowhere
    assert "corpus.jsonl" in nowhere
    assert "choose one of: test" in unsplit


def test_files_that_are_not_there_are_named(evaluated: Evaluated, dataset: Path):
    gone = dataset / "gone.csv"

    assert "gone.csv" in refused(evaluated, "chains", "--labels", gone)
    assert "gone.csv" in refused(evaluated, "levels", "--dataset", dataset, "--train", gone)
    assert "nowhere" in refused(
        evaluated,
        *("levels", "--dataset", dataset / "nowhere", "--train", dataset / "levels.csv"),
    )


@pytest.mark.parametrize(
    "asked",
    [
        ("rank", "--folds", 9),
        ("rank", "--folds", 1),
        ("calibration", "--folds", 9),
        ("rank", "--folds", 9, "--ablate"),
    ],
)
def test_more_folds_than_needs_or_a_single_one_are_refused(
    evaluated: Evaluated, dataset: Path, asked: tuple[object, ...]
):
    assert "between 2 and 8" in refused(evaluated, *asked, "--dataset", dataset)


@pytest.mark.parametrize(
    "asked",
    [
        ("rank",),
        ("rank", "--dataset", ".", "--folds", -1),
        ("rank", "--dataset", ".", "--folds", "many"),
        ("levels", "--dataset", ".", "--train", "x.csv", "--folds", 1),
        ("learn", "--dataset", ".", "--draws", 0),
        ("calibration", "--dataset", ".", "--folds", -1),
        ("chains",),
    ],
)
def test_options_that_cannot_be_meant_are_refused(evaluated: Evaluated, asked: tuple[object, ...]):
    assert evaluated(*asked).exit_code == 2


@pytest.mark.parametrize(
    "asked",
    [
        ("rank", "--dataset", "{}", "--folds", 4, "--ablate"),
        ("calibration", "--dataset", "{}", "--folds", 4),
        ("learn", "--dataset", "{}", "--draws", 1),
    ],
)
def test_tables_fit_a_terminal_of_eighty_columns(
    evaluated: Evaluated, dataset: Path, asked: tuple[object, ...]
):
    shown = ran(evaluated, *(dataset if word == "{}" else word for word in asked))

    assert [line for line in shown.splitlines() if columns(line) > 80] == []


def columns(line: str) -> int:
    return sum(1 if character < "\u2e80" else 2 for character in line.rstrip())
