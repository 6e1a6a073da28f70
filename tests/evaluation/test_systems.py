import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from evaluation.systems import Bm25System, Named, RandomSystem
from matcher.types import Document, Query

DOCUMENTS = [
    Document(id="d3", title="污水处理", text="过滤工业污水"),
    Document(id="d1", title="电机轴承", text="高速电机用陶瓷轴承"),
    Document(id="d5", title="", text=""),
    Document(id="d2", title="电机", text=""),
    Document(id="d4", title="电机", text=""),
]
IDS = {document.id for document in DOCUMENTS}
QUERY = Query(id="q1", title="电机轴承", text="需要耐磨的轴承 IP67")

SYSTEMS = {
    "bm25": lambda: Bm25System(DOCUMENTS),
    "random": lambda: RandomSystem(IDS),
    "named": lambda: Named("named", RandomSystem(IDS)),
}


@pytest.fixture(params=sorted(SYSTEMS))
def build(request):
    return SYSTEMS[request.param]


def test_a_baseline_answers_at_most_k_documents_best_first(build):
    found = build().retrieve(QUERY, k=2)

    assert len(found) == 2
    assert found.keys() <= IDS
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_a_filter_acts_inside_a_baseline(build):
    everything = build().retrieve(QUERY, k=5)
    allowed = ["d4", "d2", "unheard-of"]

    found = build().retrieve(QUERY, k=2, allowed=allowed)

    assert list(found.items()) == [(d, s) for d, s in everything.items() if d in allowed]
    assert set(found) == {"d2", "d4"}
    assert build().retrieve(QUERY, k=2, allowed=[]) == {}


def test_a_baseline_answers_the_same_whenever_it_is_asked(build):
    system = build()

    first = list(system.retrieve(QUERY, k=5).items())

    assert list(system.retrieve(QUERY, k=5).items()) == first
    assert list(build().retrieve(QUERY, k=5).items()) == first


def test_baselines_bear_the_names_of_reports():
    assert [SYSTEMS[key]().name for key in SYSTEMS] == ["bm25", "random", "named"]


def test_bm25_prefers_the_rarer_word_and_breaks_ties_by_id():
    found = Bm25System(DOCUMENTS).retrieve(QUERY, k=5)

    assert list(found) == ["d1", "d2", "d4"]
    assert found["d2"] == found["d4"]


def test_bm25_reads_title_and_text_in_any_case():
    documents = [Document(id="d1", title="泵", text="IP67 防护"), Document(id="d2", title="泵")]

    found = Bm25System(documents).retrieve(Query(id="q", title="防水", text="ip67"), k=5)

    assert list(found) == ["d1"]


@pytest.mark.parametrize("title", ["", "，。！", "犇羴鱻麤"])
def test_bm25_finds_nothing_for_a_query_it_shares_no_word_with(title):
    assert Bm25System(DOCUMENTS).retrieve(Query(id="q", title=title), k=5) == {}


@pytest.mark.parametrize("documents", [[], [Document(id="d1", title="。")]])
def test_bm25_finds_nothing_among_documents_without_words(documents):
    assert Bm25System(documents).retrieve(QUERY, k=5) == {}


def test_random_orders_queries_and_seeds_differently():
    ids = [f"d{number}" for number in range(50)]
    system = RandomSystem(ids)

    first = list(system.retrieve(QUERY, k=50))

    assert list(system.retrieve(Query(id="q2", title=QUERY.title), k=50)) != first
    assert list(RandomSystem(ids, seed=1).retrieve(QUERY, k=50)) != first


def test_random_favours_no_document():
    system = RandomSystem(["a", "b", "c", "d"])

    first = [next(iter(system.retrieve(Query(id=str(n), title=""), k=1))) for n in range(2000)]

    shares = [first.count(document_id) / 2000 for document_id in "abcd"]
    assert shares == pytest.approx(np.full(4, 0.25), abs=0.04)


def test_bm25_loads_without_a_warning_a_word_or_a_file(tmp_path):
    program = (
        "from evaluation.systems import Bm25System; from matcher.types import Document;"
        "Bm25System([Document(id='d', title='电机轴承')])"
    )
    # A fresh bytecode folder makes Python compile everything, which is when jieba would warn.
    environment = {
        **os.environ,
        "PYTHONPYCACHEPREFIX": str(tmp_path / "bytecode"),
        "TMPDIR": str(tmp_path / "tmp"),
    }
    (tmp_path / "tmp").mkdir()

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list((tmp_path / "tmp").iterdir()) == []
