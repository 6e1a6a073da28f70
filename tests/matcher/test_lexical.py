from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from matcher.lexical import LexicalRetriever, _best
from matcher.types import Document
from tests.builders import make_documents, make_query


def ngrams(text: str) -> list[str]:
    pairs = [a + b for a, b in pairwise(text)]
    return [ngram for ngram in [*text, *pairs] if not any(c.isspace() for c in ngram)]


def test_scores_equal_the_tfidf_cosines_of_scikit_learn():
    documents = make_documents()
    query = make_query("高速电机轴承", "电机转子用陶瓷球轴承")
    doubled = [f"{d.title}\n{d.title}\n" for d in documents]
    reference = TfidfVectorizer(analyzer=ngrams, sublinear_tf=True)
    vectors = reference.fit_transform(doubled)
    wording = f"{query.title}\n{query.title}\n{query.text}"
    # the reference drops n-grams that no document has; ours keeps them in the query's norm,
    # which scales all documents alike
    expected = (vectors @ reference.transform([wording]).T).toarray().ravel()

    scores = LexicalRetriever.of(documents).score(query, [d.id for d in documents])

    assert scores / scores.max() == pytest.approx(expected / expected.max(), abs=1e-5)


def test_an_index_survives_its_arrays():
    index = LexicalRetriever.of(make_documents())

    again = LexicalRetriever.from_arrays(index.arrays())

    query = make_query("染色")
    assert again.retrieve(query, k=5) == index.retrieve(query, k=5)


def test_full_width_and_case_do_not_matter():
    index = LexicalRetriever.of(
        [Document(id="a", title="PEEK注塑"), Document(id="b", title="尼龙")]
    )

    assert next(iter(index.retrieve(make_query("ｐｅｅｋ"), k=1))) == "a"


def test_documents_that_tie_are_cut_by_id():
    documents = [Document(id=i, title="同名成果") for i in ("c", "a", "b")]

    assert list(LexicalRetriever.of(documents).retrieve(make_query("同名"), k=2)) == ["a", "b"]


def test_a_query_that_shares_nothing_scores_zero_everywhere():
    scores = LexicalRetriever.of(make_documents()).retrieve(make_query("xyz"), k=5)

    assert set(scores.values()) == {0.0}


def test_a_rare_phrase_says_more_than_a_common_one():
    documents = [Document(id=str(i), title=f"技术研究{c}") for i, c in enumerate("甲乙丙丁戊")]

    rare, common = LexicalRetriever.of(documents).rarity(["甲乙", "技术"])

    assert rare > common > 0


def test_a_very_long_text_is_searched_whole():
    long = "填充" * 50_000 + "超临界发泡"
    documents = [Document(id="long", title="题", text=long), Document(id="other", title="题目")]

    scores = LexicalRetriever.of(documents).retrieve(make_query("超临界发泡"), k=2)

    assert next(iter(scores)) == "long"
    assert np.isfinite(list(scores.values())).all()


@given(
    scores=st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]), min_size=1, max_size=2_000),
    k=st.integers(1, 300),
    spread=st.booleans(),
)
def test_the_best_are_found_with_all_that_tie_with_the_last(
    scores: list[float], k: int, spread: bool
):
    given_scores = np.array(scores, np.float32)
    if spread:
        given_scores += np.arange(len(scores), dtype=np.float32) / 4_096

    found = _best(given_scores, k)

    last = np.sort(given_scores)[::-1][min(k, len(scores)) - 1]
    assert found.tolist() == np.flatnonzero(given_scores >= last).tolist()


def test_a_sample_that_promises_too_much_costs_no_result():
    # every score that is sampled is high, and hardly any other
    scores = np.zeros(4_096, np.float32)
    scores[::16] = 1.0
    scores[1:300:2] = 0.5

    assert len(_best(scores, 300)) == 256 + 150
