import json
from pathlib import Path

import pytest

from api.bench.explain import TooSmall, time_explanations
from api.bench.matching import TooFewNeeds, time_matches
from tests.api.conftest import Run, settings_for


def test_a_data_set_with_too_few_needs_is_refused(home: Path, model_folder: Path, tmp_path: Path):
    (tmp_path / "corpus.jsonl").write_text('{"_id": "a", "title": "轴承", "text": ""}\n')
    (tmp_path / "queries.jsonl").write_text('{"_id": "n", "title": "轴承异响", "text": ""}\n')

    with pytest.raises(TooFewNeeds, match="1"):
        time_matches(settings_for(home, model_folder), tmp_path, progress=lambda words: None)


def write_data_set(folder: Path, *, documents: int) -> Path:
    parts = ["叶轮", "轴承", "转子", "端盖", "护套"]
    corpus = [
        {"_id": f"a{n}", "title": f"{n}号{parts[n % 5]}涂层", "text": ""} for n in range(documents)
    ]
    needs = [
        {"_id": f"n{n}", "title": f"{part}涂层脱落", "text": ""} for n, part in enumerate(parts)
    ]
    for name, rows in (("corpus", corpus), ("queries", needs)):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (folder / "qrels").mkdir()
    (folder / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nn0\ta0\t3\n")
    return folder


def test_explanations_are_timed_beside_the_model(yilian: Run, tmp_path: Path):
    folder = write_data_set(tmp_path, documents=200)

    result = yilian("bench", "explain", "--dataset", str(folder), "--json")

    assert result.exit_code == 0, result.output
    times = json.loads(result.stdout)
    assert times["needs"] == 2
    assert 0 < times["explained_ms"] <= times["slowest_ms"]
    assert times["ratio"] == pytest.approx(times["explained_ms"] / times["peer_ms"])


def test_a_corpus_of_fewer_than_two_hundred_is_refused(
    home: Path, model_folder: Path, tmp_path: Path
):
    folder = write_data_set(tmp_path, documents=199)

    with pytest.raises(TooSmall, match="199"):
        time_explanations(
            settings_for(home, model_folder), folder, split="dev", progress=lambda words: None
        )
