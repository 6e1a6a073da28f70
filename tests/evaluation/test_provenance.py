import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from evaluation import provenance as module
from evaluation.fingerprint import fingerprint
from evaluation.provenance import provenance
from matcher.types import Document, Query
from tests.evaluation.toys import make_dataset

NOW = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_a_fingerprint_stays_with_the_content_whatever_its_name_and_order():
    dataset = make_dataset(4, {"n00": "g"})
    same = replace(
        dataset,
        name="elsewhere",
        split="other",
        queries=dataset.queries[::-1],
        documents=dataset.documents[::-1],
        qrels=dict(reversed(dataset.qrels.items())),
    )

    assert fingerprint(dataset).startswith("sha256:")
    assert len(fingerprint(dataset)) == 71
    assert fingerprint(same) == fingerprint(dataset)


def test_a_fingerprint_changes_with_anything_that_is_measured_on():
    dataset = make_dataset(2)
    query, document = dataset.queries[0], dataset.documents[0]
    others = [
        replace(dataset, queries=(replace(query, text="x"), *dataset.queries[1:])),
        replace(dataset, queries=(*dataset.queries, Query(id="n99", title="x"))),
        replace(dataset, documents=(replace(document, title="x"), *dataset.documents[1:])),
        replace(dataset, documents=(*dataset.documents, Document(id="d99", title="x"))),
        replace(dataset, qrels={**dataset.qrels, "n00": {"d0": 1}}),
        replace(dataset, groups={"n00": "g"}),
        # what stands in a title is not what stands in a text
        replace(dataset, queries=(Query(id="n00", title="", text=query.title), dataset.queries[1])),
    ]

    assert len({fingerprint(one) for one in (dataset, *others)}) == len(others) + 1


def test_all_that_made_a_report_is_listed():
    made = provenance(
        make_dataset(2),
        model="e5:abc",
        command=["yilian", "eval", "rank", "--dataset", "my data"],
        settings={"折 / folds": "5"},
        now=NOW,
    )

    rows = dict(made.rows())
    assert rows["命令 / command"] == "yilian eval rank --dataset 'my data'"
    assert rows["数据 / data"].startswith("toy dev sha256:")
    assert rows["模型 / model"] == "e5:abc"
    assert rows["时间 / date"] == "2031-05-06T07:08:09+00:00"
    assert rows["折 / folds"] == "5"
    assert rows["版本 / version"] == made.version


def test_what_is_not_known_is_not_listed(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_ROOT", tmp_path)

    made = provenance(replace(make_dataset(1), split=""), model="m", command=["x"], now=NOW)

    assert made.commit is None
    assert "提交 / commit" not in dict(made.rows())
    assert dict(made.rows())["数据 / data"].startswith("toy sha256:")


@pytest.fixture
def git(tmp_path):
    if shutil.which("git") is None:
        pytest.skip("git is not installed")

    def run(*words):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        said = subprocess.run(
            ["git", *identity, *words], cwd=tmp_path, check=True, capture_output=True, text=True
        )
        return said.stdout.strip()

    run("init")
    return run


def test_the_commit_is_that_of_the_checkout_and_says_when_files_differ(git, tmp_path):
    before = module._commit(tmp_path)
    (tmp_path / "file").write_text("one")
    git("add", "file")
    git("commit", "-m", "first")
    clean = module._commit(tmp_path)
    (tmp_path / "file").write_text("two")

    assert before is None
    assert clean == git("rev-parse", "HEAD")
    assert module._commit(tmp_path) == f"{clean}-dirty"


def test_a_package_inside_another_checkout_does_not_claim_its_commit(git, tmp_path):
    git("commit", "--allow-empty", "-m", "theirs")
    (tmp_path / "site-packages").mkdir()

    assert module._commit(tmp_path) is not None
    assert module._commit(tmp_path / "site-packages") is None
