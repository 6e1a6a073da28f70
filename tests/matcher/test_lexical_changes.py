"""A lexical index follows changes: nearly as a new one would count, and exactly once settled."""

import numpy as np
import pytest

from matcher.lexical import LexicalRetriever
from matcher.posting_lists import MOST
from matcher.types import Document
from tests.builders import make_query

WORDS = (
    "轴承电机染料电池涂层齿轮刀具传感器阀门薄膜陶瓷纤维树脂激光超声光纤芯片铸件焊缝模具".encode()
)
SYLLABLES = [WORDS[i : i + 6].decode() for i in range(0, len(WORDS) - 6, 3)]
QUERIES = [make_query("陶瓷轴承", "激光焊缝检测"), make_query("光纤传感器"), make_query("树脂")]


def make_corpus(rng: np.random.Generator, ids) -> dict[str, Document]:
    def text(most: int) -> str:
        return "".join(rng.choice(SYLLABLES, rng.integers(1, most)))

    return {i: Document(id=i, title=text(4), text=text(40)) for i in ids}


def some(rng: np.random.Generator, ids, share: float) -> list[str]:
    return sorted(rng.choice(sorted(ids), max(1, int(share * len(ids))), replace=False))


@pytest.fixture(scope="module", params=range(2))
def changed(request):
    """An index after three rounds of changes, and what the corpus is after them."""
    rng = np.random.default_rng(request.param)
    corpus = make_corpus(rng, [f"d{i:03}" for i in range(400)])
    index = LexicalRetriever.of(corpus.values())
    for round_ in range(3):
        new = make_corpus(rng, [*some(rng, corpus, 0.01), f"n{round_}", f"m{round_}"])
        removed = set(some(rng, corpus, 0.01)) - new.keys()
        index = index.with_changes(list(new.values()), [*removed, "unknown"])
        corpus = {i: d for i, d in (corpus | new).items() if i not in removed}
    return index, corpus


def test_after_changes_exactly_the_documents_that_there_are_come_back(changed):
    index, corpus = changed

    assert len(index) == len(corpus)
    for query in QUERIES:
        assert index.retrieve(query, k=1000).keys() == corpus.keys()


def test_scores_after_changes_are_near_those_of_a_new_index(changed):
    index, corpus = changed
    fresh, ids = LexicalRetriever.of(corpus.values()), sorted(corpus)

    for query in QUERIES:
        off = np.abs(index.score(query, ids) - fresh.score(query, ids))
        assert 0 < off.max() < 0.01


def test_a_settled_index_counts_exactly_as_a_new_one(changed):
    index, corpus = changed
    fresh, settled, ids = LexicalRetriever.of(corpus.values()), index.settled(), sorted(corpus)

    assert (settled.idf == fresh.idf).all()
    for query in QUERIES:
        assert (settled.score(query, ids) == fresh.score(query, ids)).all()
        assert settled.retrieve(query, k=20) == fresh.retrieve(query, k=20)


def test_what_is_stored_of_a_changed_index_is_a_settled_one(changed):
    index, _ = changed

    again = LexicalRetriever.from_arrays(index.arrays())

    assert again.changes == 0
    assert again.retrieve(QUERIES[0], k=20) == index.settled().retrieve(QUERIES[0], k=20)


def test_equal_documents_tie_whether_they_are_old_or_new(changed):
    index, corpus = changed
    old = next(i for i in corpus if i.startswith("d"))

    twins = index.with_changes(
        [Document(id="twin", title=corpus[old].title, text=corpus[old].text)]
    )

    for query in QUERIES:
        first, second = twins.score(query, [old, "twin"])
        assert first == second


def test_a_changed_index_leaves_the_one_before_as_it_was(changed):
    index, corpus = changed
    before = index.retrieve(QUERIES[0], k=1000)

    index.with_changes([Document(id="d000", title="别的")], list(corpus)[10:20])

    assert index.retrieve(QUERIES[0], k=1000) == before


def test_filters_hold_for_old_and_new_documents(changed):
    index, corpus = changed
    allowed = {"n2", next(i for i in corpus if i.startswith("d")), "gone"}

    assert index.retrieve(QUERIES[0], k=5, allowed=allowed).keys() == allowed - {"gone"}


def test_a_repetition_beyond_the_most_told_apart_counts_no_more():
    def alone(times: int) -> float:
        documents = [Document(id="a", title="", text="硅 " * times), Document(id="b", title="铝")]
        return float(LexicalRetriever.of(documents).score(make_query("硅"), ["a"])[0])

    assert alone(MOST) == alone(4 * MOST)
