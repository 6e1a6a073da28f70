"""How long two hundred explained candidates take, beside a peer measured in the same run.

The peer is what the model takes for the texts of the same candidates, in one batch: the
least that an explanation by comparing vectors of sentences would cost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

from api.errors import ApiError
from api.learning.ranker import shipped_ranker
from api.reports.dataset_pipeline import open_pipeline
from api.settings import Settings
from evaluation.dataset import load_dataset
from matcher.dense import document_vectors

CANDIDATES: Final = 200
SHORT_LIST: Final = 10
NEEDS: Final = 60
PEER_CALLS: Final = 5


class TooSmall(ApiError):
    """A data set without two hundred candidates, or without needs to ask for them."""

    def __init__(self, needs: int, documents: int) -> None:
        super().__init__(
            f"数据集有 {needs} 条需求、{documents} 项成果，"
            f"计时至少需要 3 条需求和 {CANDIDATES} 项成果。"
            f" / the data set has {needs} needs and {documents} achievements;"
            f" timing takes at least 3 and {CANDIDATES}"
        )
        self.needs = needs
        self.documents = documents


@dataclass(frozen=True, slots=True)
class ExplainTimes:
    """One run; milliseconds inside a running process, the model on one thread.

    Attributes:
        explained_ms: Median time of one need with ``CANDIDATES`` candidates graded, listed
            and explained.
        slowest_ms: The slowest of them.
        short_list_ms: Median time with as many graded and ``SHORT_LIST`` explained.
        peer_ms: Median time of the model for one batch of those candidates' texts.
        ratio: ``explained_ms`` over ``peer_ms``.
        needs: Needs that were timed.
    """

    explained_ms: float
    slowest_ms: float
    short_list_ms: float
    peer_ms: float
    ratio: float
    needs: int


def time_explanations(
    settings: Settings, dataset: Path, *, split: str, progress: Callable[[str], None]
) -> ExplainTimes:
    """Times the shipped ranker's lists over a data set.

    Args:
        settings: The model, and the cache that the corpus is encoded through.
        dataset: Folder in BEIR layout.
        split: Which judgements of the folder to read; they are not looked at.
        progress: Told in a sentence what is going on.

    Raises:
        TooSmall: fewer than 3 needs or ``CANDIDATES`` documents.
        EvaluationError: the folder cannot be read.
    """
    data = load_dataset(dataset, split)
    if len(data.queries) < 3 or len(data.documents) < CANDIDATES:
        raise TooSmall(len(data.queries), len(data.documents))
    progress("编码 / encoding")
    opened = open_pipeline(settings, data, encoding=lambda done, total: None, threads=1)
    pipeline = opened.pipeline.with_ranker(shipped_ranker())
    documents = {document.id: document for document in data.documents}
    # the first one pays for dictionaries that are read once
    pipeline.match(data.queries[0], k=CANDIDATES)
    progress("计时 / timing")
    explained: list[float] = []
    short: list[float] = []
    peer: list[float] = []
    # each need is asked once, for a pipeline remembers the last few; taking turns, so that
    # a busy minute slows all
    asked = data.queries[1 : NEEDS + 1]
    for long_need, short_need in zip(asked[::2], asked[1::2], strict=False):
        start = perf_counter()
        found = pipeline.match(long_need, k=CANDIDATES)
        explained.append(perf_counter() - start)
        start = perf_counter()
        pipeline.match(short_need, k=SHORT_LIST)
        short.append(perf_counter() - start)
        if len(peer) < PEER_CALLS:
            listed = [documents[match.document_id] for match in found.matches]
            start = perf_counter()
            document_vectors(opened.encoder, listed)
            peer.append(perf_counter() - start)
    return ExplainTimes(
        explained_ms=median(explained) * 1e3,
        slowest_ms=max(explained) * 1e3,
        short_list_ms=median(short) * 1e3,
        peer_ms=median(peer) * 1e3,
        ratio=median(explained) / median(peer),
        needs=len(explained),
    )
