"""Tiny inputs for tests: a corpus small enough to work out by hand."""

from collections.abc import Mapping, Sequence

from embeddings.exact_index import ExactIndex
from embeddings.hashing_encoder import HashingEncoder
from matcher.config import MatchConfig
from matcher.dense import DenseRetriever, document_vectors
from matcher.lexical import LexicalRetriever
from matcher.pipeline import Pipeline
from matcher.types import Document, Query

TITLES = {
    "a-motor": "高速永磁电机转子护套",
    "a-bearing": "陶瓷球轴承润滑脂",
    "a-battery": "锂电池热失控预警",
    "a-dyeing": "棉织物无水染色工艺",
    "a-robot": "六轴机器人谐波减速器",
}


def make_documents(titles: Mapping[str, str] | None = None) -> list[Document]:
    """Documents with these titles and no text; five of different fields by default."""
    return [Document(id=i, title=t) for i, t in (TITLES if titles is None else titles).items()]


def make_query(title: str, text: str = "") -> Query:
    """A query called ``n``."""
    return Query(id="n", title=title, text=text)


def make_dense(documents: Sequence[Document]) -> DenseRetriever:
    """Dense retrieval with the hashing encoder and the exact index."""
    encoder = HashingEncoder()
    index = ExactIndex(encoder.dim)
    index.add([d.id for d in documents], document_vectors(encoder, documents))
    return DenseRetriever(encoder, index)


def make_pipeline(
    documents: Sequence[Document] | None = None, config: MatchConfig | None = None
) -> Pipeline:
    """The whole pipeline over the documents, without a model."""
    documents = make_documents() if documents is None else documents
    by_id = {d.id: d for d in documents}
    return Pipeline(
        LexicalRetriever.of(documents),
        [make_dense(documents)],
        lambda ids: {i: by_id[i] for i in ids if i in by_id},
        config,
    )
