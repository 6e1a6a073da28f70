"""One contract for everything that retrieves, the pipeline included."""

import pytest

from matcher.errors import UnknownDocument
from matcher.lexical import LexicalRetriever
from matcher.retrieve import Retriever
from tests.builders import TITLES, make_dense, make_documents, make_pipeline, make_query

RETRIEVERS = {
    "lexical": LexicalRetriever.of(make_documents()),
    "dense": make_dense(make_documents()),
    "pipeline": make_pipeline(),
}
SCORING = ("lexical", "dense")


@pytest.fixture(params=RETRIEVERS.values(), ids=RETRIEVERS.keys())
def retriever(request: pytest.FixtureRequest) -> Retriever:
    return request.param


def test_the_document_that_shares_the_wording_comes_first(retriever: Retriever):
    found = retriever.retrieve(make_query("锂电池热失控"), k=3)

    assert next(iter(found)) == "a-battery"


def test_at_most_k_documents_come_back_best_first(retriever: Retriever):
    found = retriever.retrieve(make_query("永磁电机轴承"), k=3)

    assert len(found) == 3
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_a_cutoff_beyond_the_corpus_returns_every_document_once(retriever: Retriever):
    found = retriever.retrieve(make_query("永磁电机轴承"), k=1000)

    assert sorted(found) == sorted(TITLES)


def test_the_filter_acts_inside_so_that_k_allowed_documents_come_back(retriever: Retriever):
    allowed = {"a-dyeing", "a-robot", "not-there"}

    found = retriever.retrieve(make_query("锂电池热失控预警"), k=2, allowed=allowed)

    assert set(found) == {"a-dyeing", "a-robot"}


def test_an_empty_filter_allows_nothing(retriever: Retriever):
    assert retriever.retrieve(make_query("锂电池"), k=5, allowed=frozenset()) == {}


def test_the_same_query_gives_the_same_list(retriever: Retriever):
    query = make_query("机器人减速器", "谐波传动寿命短")

    assert list(retriever.retrieve(query, k=5).items()) == list(
        retriever.retrieve(query, k=5).items()
    )


@pytest.mark.parametrize("name", SCORING)
def test_scoring_agrees_with_retrieving(name: str):
    retriever = RETRIEVERS[name]
    query = make_query("六轴机器人", "轴承润滑")

    found = retriever.retrieve(query, k=5)
    scores = retriever.score(query, list(found))

    assert scores.tolist() == pytest.approx(list(found.values()), abs=1e-6)


@pytest.mark.parametrize("name", SCORING)
def test_scoring_an_unknown_document_says_which(name: str):
    with pytest.raises(UnknownDocument, match="a-missing"):
        RETRIEVERS[name].score(make_query("电机"), ["a-motor", "a-missing"])


def test_an_empty_corpus_answers_with_nothing():
    assert LexicalRetriever.of([]).retrieve(make_query("电机"), k=3) == {}
    assert make_pipeline([]).retrieve(make_query("电机"), k=3) == {}
