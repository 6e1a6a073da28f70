"""The default pipeline and its baselines, side by side on a labelled data set."""

from collections.abc import Callable
from pathlib import Path

from api.settings import Settings
from embeddings.cache import CachedEncoder, VectorCache
from embeddings.faiss_index import FaissIndex
from embeddings.sentence_encoder import open_encoder
from evaluation.compare import Report, evaluate
from evaluation.dataset import load_dataset
from evaluation.systems import Bm25System, Named, RandomSystem, System
from evaluation.tfidf import TfidfSystem
from matcher.dense import DenseRetriever, document_vectors
from matcher.lexical import LexicalRetriever
from matcher.pipeline import default_pipeline

Progress = Callable[[int, int], None]


def ranking_report(
    settings: Settings,
    folder: Path,
    split: str,
    *,
    encoding: Progress,
    evaluating: Progress,
) -> tuple[Report, str]:
    """Every system measured on one split, and the fingerprint of the model used.

    Documents are encoded through the cache of the home. Queries are encoded anew for each
    system, so that ``ms_per_query`` is what a question never asked before costs.

    Raises:
        DatasetError: the folder or the split cannot be read.
        EmbeddingError: the model cannot be opened.
    """
    dataset = load_dataset(folder, split)
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
    systems: list[System] = [
        pipeline,
        Bm25System(dataset.documents),
        TfidfSystem(dataset.documents),
        Named("dense", DenseRetriever(model, index)),
        RandomSystem(tuple(by_id)),
    ]
    return evaluate(dataset, systems, progress=evaluating), model.fingerprint
