import json

import pytest

from tests.api.conftest import Run

THINGS = ("轴承", "电机", "染料", "电池", "涂层", "齿轮", "刀具", "传感器", "阀门", "薄膜")
WORK = ("寿命预测", "在线检测", "低温制备", "轻量化设计", "故障诊断", "绿色回收", "精密加工")


LARGE = 60


@pytest.fixture
def corpus(yilian: Run, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A corpus that counts as large: encoding 500 titles takes half a minute."""
    for module in ("matcher.adapt", "matcher.adapted", "data.adapter_store"):
        monkeypatch.setattr(f"{module}.LEAST_DOCUMENTS", LARGE)

    def title(i: int) -> str:
        return f"{THINGS[i % 10]}{WORK[i // 10 % 7]}方法第{i // 70}种"

    rows = [{"id": f"a{i:04}", "title": title(i)} for i in range(LARGE)]
    path = tmp_path / "achievements.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    assert yilian("load", path).exit_code == 0


def test_a_small_corpus_is_left_as_it_is(on_samples: Run):
    printed = on_samples("train", "--model")

    assert printed.exit_code == 0
    assert printed.output.count("fewer than 500, left as they are") == 2


def test_a_large_corpus_is_adapted_to_and_matches_say_so(yilian: Run, corpus):
    trained = yilian("train", "--model")
    matched = yilian("match", "--text", "电池低温制备", "--json")

    assert trained.exit_code == 0
    assert "60 条" in trained.output
    assert "in use" in trained.output
    names = {signal["name"] for signal in json.loads(matched.output)["matches"][0]["signals"]}
    assert names == {"lexical", "adapted"}


def test_a_dry_run_keeps_nothing(yilian: Run, corpus, home):
    adapter = home / "indexes" / "achievements" / "adapter" / "manifest.json"
    yilian("match", "--text", "电池")
    before = adapter.read_text()

    printed = yilian("train", "--model", "--dry-run")

    assert "nothing was kept" in printed.output
    assert adapter.read_text() == before


def test_it_stands_alone(yilian: Run):
    assert yilian("train", "--model", "--history").exit_code == 2
