"""The pipeline over a labelled data set, and how it learns from that set's judgements."""

from dataclasses import dataclass, replace
from functools import partial

from api.progress import Progress
from api.settings import Settings
from embeddings.cache import CachedEncoder, VectorCache
from embeddings.encoder import Encoder
from embeddings.faiss_index import FaissIndex
from embeddings.index import VectorIndex
from embeddings.sentence_encoder import open_encoder
from evaluation.dataset import Dataset
from evaluation.near_copies import near_copies
from matcher.adapt import fit_adapter
from matcher.dense import document_vectors
from matcher.lexical import LexicalRetriever
from matcher.pipeline import Pipeline, default_pipeline


@dataclass(frozen=True, slots=True)
class DatasetPipeline:
    """The pipeline without a ranker over a data set's documents, with what it is made of.

    Attributes:
        pipeline: With the adapter that the documents themselves teach, without labels;
            without one where there are too few.
        plain: The same without an adapter: nothing in it is learnt here.
    """

    pipeline: Pipeline
    plain: Pipeline
    encoder: Encoder
    vectors: VectorIndex

    @property
    def adapted(self) -> bool:
        """Whether the documents taught an adapter."""
        return self.pipeline is not self.plain


def open_pipeline(
    settings: Settings, dataset: Dataset, *, encoding: Progress, threads: int | None = None
) -> DatasetPipeline:
    """The pipeline that users get, over these documents.

    Documents are encoded through the cache of the home. Queries are encoded anew each time,
    so that the time of a query is what a question never asked before costs.

    Args:
        settings: The model and its cache.
        dataset: Whose documents are searched.
        encoding: Told how many of them are encoded.
        threads: Threads of the model; None for one per processor.

    Raises:
        EmbeddingError: the model cannot be opened.
    """
    model = open_encoder(settings.model, threads=threads)
    cached = CachedEncoder(model, VectorCache(settings.cache), progress=encoding)
    index = FaissIndex(model.dim)
    index.add([d.id for d in dataset.documents], document_vectors(cached, dataset.documents))
    by_id = {d.id: d for d in dataset.documents}
    make = partial(
        default_pipeline,
        LexicalRetriever.of(dataset.documents),
        model,
        index,
        lambda ids: {i: by_id[i] for i in ids if i in by_id},
    )
    adapter = fit_adapter(dataset.documents, index)
    plain = make()
    pipeline = plain if adapter is None else make(adapter=adapter)
    return DatasetPipeline(pipeline, plain, model, index)


def with_groups(dataset: Dataset) -> Dataset:
    """The data set with its near-copies: those it names, else those found in its words."""
    return dataset if dataset.groups else replace(dataset, groups=near_copies(dataset.queries))
