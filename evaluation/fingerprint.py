"""Which data a figure was measured on, in one line that changes whenever the data does."""

import hashlib
import json
from collections.abc import Iterator

from evaluation.dataset import Dataset


def fingerprint(dataset: Dataset) -> str:
    """``sha256:`` and 64 hex digits over texts, judgements and groups.

    Neither the folder's name nor the order of its lines matters: the same content under
    another path is the same data.
    """
    digest = hashlib.sha256()
    for record in _records(dataset):
        digest.update(json.dumps(record).encode() + b"\n")
    return f"sha256:{digest.hexdigest()}"


def _records(dataset: Dataset) -> Iterator[tuple[str | int, ...]]:
    for kind, texts in (("query", dataset.queries), ("document", dataset.documents)):
        for text in sorted(texts, key=lambda text: text.id):
            yield kind, text.id, text.title, text.text
    for query_id, pool in sorted(dataset.qrels.items()):
        for document_id, score in sorted(pool.items()):
            yield "judgement", query_id, document_id, score
    for query_id, group in sorted(dataset.groups.items()):
        yield "group", query_id, group
