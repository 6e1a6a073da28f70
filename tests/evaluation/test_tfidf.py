from evaluation.tfidf import TfidfSystem
from matcher.types import Document, Query
from tests.builders import make_documents, make_query


def test_the_wording_that_is_shared_comes_first():
    found = TfidfSystem(make_documents()).retrieve(make_query("锂电池热失控"), k=2)

    assert next(iter(found)) == "a-battery"
    assert len(found) == 2


def test_the_filter_acts_inside_and_ties_break_by_id():
    documents = [Document(id=i, title="同名") for i in ("c", "a", "b")]

    found = TfidfSystem(documents).retrieve(make_query("同名"), k=1, allowed={"b", "c", "z"})

    assert list(found) == ["b"]


def test_a_corpus_without_words_answers_with_nothing():
    for documents in ([], [Document(id="a", title="")]):
        assert TfidfSystem(documents).retrieve(Query(id="n", title="电机"), k=3) == {}
