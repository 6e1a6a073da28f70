"""The chain tagger as it ships, measured on a file of labels."""

from pathlib import Path

from api.graph.tagging import packaged_tagger
from api.progress import Progress
from api.settings import Settings
from data import reference
from embeddings.cache import CachedEncoder, VectorCache
from embeddings.sentence_encoder import open_encoder
from evaluation.chains import ChainReport, cross_validate, evaluate_tagger, load_chain_labels


def chain_report(
    settings: Settings, labels: Path, *, folds: int, encoding: Progress
) -> tuple[ChainReport, ChainReport | None]:
    """Figures of the shipped tagger, and of one trained in ``folds`` folds unless that is 0.

    Raises:
        DatasetError: the labels cannot be read.
        EmbeddingError: the model cannot be opened.
        UnusableFolds: there are more folds than groups of texts.
    """
    rows = load_chain_labels(labels, [chain.id for chain in reference.chains()])
    model = open_encoder(settings.model)
    tagger = packaged_tagger(CachedEncoder(model, VectorCache(settings.cache), progress=encoding))
    shipped = evaluate_tagger(tagger, rows)
    return shipped, cross_validate(tagger, rows, folds=folds) if folds else None
