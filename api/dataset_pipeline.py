"""The pipeline over a labelled data set, and how it learns from that set's judgements."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from api.settings import Settings
from embeddings.cache import CachedEncoder, VectorCache
from embeddings.encoder import Encoder
from embeddings.faiss_index import FaissIndex
from embeddings.index import VectorIndex
from embeddings.sentence_encoder import open_encoder
from evaluation.dataset import Dataset
from evaluation.near_copies import near_copies
from matcher.dense import document_vectors
from matcher.lexical import LexicalRetriever
from matcher.pipeline import Pipeline, default_pipeline

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class DatasetPipeline:
    """The untrained pipeline over a data set's documents, with what it is made of."""

    pipeline: Pipeline
    encoder: Encoder
    vectors: VectorIndex


def open_pipeline(settings: Settings, dataset: Dataset, *, encoding: Progress) -> DatasetPipeline:
    """The pipeline that users get, over these documents.

    Documents are encoded through the cache of the home. Queries are encoded anew each time,
    so that the time of a query is what a question never asked before costs.

    Raises:
        EmbeddingError: the model cannot be opened.
    """
    model = open_encoder(settings.model)
    cached = CachedEncoder(model, VectorCache(settings.cache), progress=encoding)
    index = FaissIndex(model.dim)
    index.add([d.id for d in dataset.documents], document_vectors(cached, dataset.documents))
    by_id = {d.id: d for d in dataset.documents}
    pipeline = default_pipeline(
        LexicalRetriever.of(dataset.documents),
        model,
        index,
        lambda ids: {i: by_id[i] for i in ids if i in by_id},
    )
    return DatasetPipeline(pipeline, model, index)


def with_groups(dataset: Dataset) -> Dataset:
    """The data set with its near-copies: those it names, else those found in its words."""
    return dataset if dataset.groups else replace(dataset, groups=near_copies(dataset.queries))
