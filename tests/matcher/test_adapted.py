import numpy as np
import pytest

from embeddings.adapter import Adapter
from embeddings.exact_index import ExactIndex
from embeddings.hashing_encoder import HashingEncoder
from matcher.adapt import fit_adapter
from matcher.adapted import LEAST_DOCUMENTS, AdaptedRetriever, is_due
from matcher.config import MatchConfig
from matcher.dense import DenseRetriever, document_vectors, query_vector
from matcher.errors import UnknownDocument
from matcher.lexical import LexicalRetriever
from matcher.pipeline import default_pipeline
from matcher.types import Document
from tests.builders import make_documents, make_query

THINGS = ("轴承", "电机", "染料", "电池", "涂层", "齿轮", "刀具", "传感器", "阀门", "薄膜")
WORK = ("寿命预测", "在线检测", "低温制备", "轻量化设计", "故障诊断", "绿色回收", "精密加工")
ENCODER = HashingEncoder(dim=64)


def make_corpus(n: int) -> list[Document]:
    def title(i: int) -> str:
        return f"{THINGS[i % 10]}{WORK[i // 10 % 7]}方法第{i // 70}种"

    return [Document(id=f"a{i:04}", title=title(i)) for i in range(n)]


def make_index(documents) -> ExactIndex:
    index = ExactIndex(ENCODER.dim)
    index.add([d.id for d in documents], document_vectors(ENCODER, documents))
    return index


def with_matrix(matrix) -> Adapter:
    return Adapter(np.asarray(matrix, dtype=np.float32), fitted_on=600)


IDENTITY = with_matrix(np.eye(ENCODER.dim))


def test_a_small_corpus_is_left_as_it_is():
    documents = make_corpus(LEAST_DOCUMENTS - 1)

    assert fit_adapter(documents, make_index(documents)) is None


def test_the_order_of_the_corpus_does_not_matter(monkeypatch):
    monkeypatch.setattr("embeddings.adapter_training.STEPS", 20)
    documents = make_corpus(LEAST_DOCUMENTS)
    index = make_index(documents)

    one, other = fit_adapter(documents, index), fit_adapter(documents[::-1], index)

    assert one is not None
    assert other is not None
    assert one.matrix == pytest.approx(other.matrix, abs=1e-4)
    assert one.matrix != pytest.approx(np.eye(ENCODER.dim), abs=1e-2)


def test_titles_with_nothing_in_common_teach_nothing():
    # every title is a few characters that no other title has
    documents = [
        Document(id=f"a{i:04}", title="".join(chr(0x4E00 + 6 * i + j) for j in range(6)))
        for i in range(LEAST_DOCUMENTS)
    ]

    adapter = fit_adapter(documents, make_index(documents))

    assert adapter is not None
    assert (adapter.matrix == np.eye(ENCODER.dim)).all()


@pytest.mark.parametrize(
    ("fitted_on", "now", "due"),
    [(None, 499, False), (None, 500, True), (500, 999, False), (500, 1000, True)],
)
def test_an_adapter_is_due_when_the_corpus_is_large_enough_or_has_doubled(fitted_on, now, due):
    adapter = None if fitted_on is None else Adapter(IDENTITY.matrix, fitted_on)

    assert is_due(adapter, now) is due


def test_an_adapter_decides_what_is_near():
    documents = make_documents()
    query = make_query("锂电池着火的预警与监测")
    asked = query_vector(ENCODER, query)[0]
    away = with_matrix(np.eye(ENCODER.dim) - np.outer(asked, asked))

    plain = AdaptedRetriever(ENCODER, make_index(documents), IDENTITY).retrieve(query, k=5)
    turned = AdaptedRetriever(ENCODER, make_index(documents), away).retrieve(query, k=5)

    assert next(iter(plain)) == "a-battery"
    assert turned["a-battery"] < plain["a-battery"] - 0.3


def test_what_is_retrieved_has_the_scores_that_scoring_gives():
    retriever = AdaptedRetriever(ENCODER, make_index(make_documents()), IDENTITY)
    query = make_query("永磁电机", "转子护套强度")

    found = retriever.retrieve(query, k=3)

    assert list(found.values()) == retriever.score(query, list(found)).tolist()
    assert len(found) == 3


def test_equal_documents_tie_in_any_company():
    rng = np.random.default_rng(0)
    documents = [*make_corpus(40), Document(id="twin", title=make_corpus(1)[0].title)]
    adapter = with_matrix(rng.standard_normal((ENCODER.dim, ENCODER.dim)))
    retriever = AdaptedRetriever(ENCODER, make_index(documents), adapter)

    scores = retriever.score(make_query("轴承寿命"), [d.id for d in documents])

    assert scores[0] == scores[-1]
    assert scores[0] == retriever.score(make_query("轴承寿命"), ["twin"])[0]


def test_a_document_that_is_not_indexed_is_named():
    retriever = AdaptedRetriever(ENCODER, make_index(make_documents()), IDENTITY)

    with pytest.raises(UnknownDocument, match="not-there"):
        retriever.score(make_query("电机"), ["not-there"])


@pytest.mark.parametrize(
    ("without", "name"), [((), AdaptedRetriever.name), (("adapted",), DenseRetriever.name)]
)
def test_the_adapter_takes_the_place_of_the_plain_vectors_unless_switched_off(without, name):
    documents = make_documents()
    by_id = {d.id: d for d in documents}
    pipeline = default_pipeline(
        LexicalRetriever.of(documents),
        ENCODER,
        make_index(documents),
        lambda ids: {i: by_id[i] for i in ids},
        MatchConfig(without=without),
        adapter=IDENTITY,
    )

    best = pipeline.match(make_query("锂电池热失控")).matches[0]

    assert {signal.name for signal in best.signals} == {"lexical", name}
