"""How well texts are tagged with industry chains, on labels that two people agreed on."""

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
)
from sklearn.model_selection import StratifiedGroupKFold

from evaluation.errors import DatasetError, EmptyFile, MalformedLine, UnusableFolds
from matcher.tag import ChainTagger
from matcher.tag_training import train_tagger
from matcher.tag_types import NONE
from matcher.types import Document

_NEAR_COPY = 0.5


class UnreadableLabels(DatasetError):
    """A file of chain labels that cannot be opened or is not UTF-8."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"无法读取标注文件 {path}；请给出 UTF-8 的 JSONL 文件。"
            f" / cannot read the labels {path}; name a JSONL file in UTF-8"
        )
        self.path = path


@dataclass(frozen=True, slots=True)
class ChainLabels:
    """Texts with the chain that each serves.

    Attributes:
        labels: A chain id or ``none`` for each document.
    """

    documents: tuple[Document, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChainReport:
    """Figures of one tagger on one set of labels.

    Attributes:
        macro_f1: Mean F1 over all chains and none; a class without texts that is never
            named counts 0.
        per_chain: Class to precision, recall, f1 (each in [0, 1]) and support.
        confusion: Rows are labels, columns are answers, both in the order of ``per_chain``.
    """

    macro_f1: float
    accuracy: float
    per_chain: Mapping[str, Mapping[str, float]]
    confusion: Sequence[Sequence[int]]

    def as_json(self) -> dict[str, Any]:
        """Plain values, unrounded; the confusion matrix as labels and rows."""
        return {
            "macro_f1": self.macro_f1,
            "accuracy": self.accuracy,
            "per_chain": {name: dict(figures) for name, figures in self.per_chain.items()},
            "confusion": {
                "labels": list(self.per_chain),
                "rows": [list(row) for row in self.confusion],
            },
        }


def load_chain_labels(path: Path, chain_ids: Sequence[str]) -> ChainLabels:
    """Labels from a JSONL file; ``text`` may be missing, other fields are not read.

    Raises:
        UnreadableLabels: the file cannot be opened or is not UTF-8.
        EmptyFile: it holds no rows.
        MalformedLine: a line is no JSON object with ``_id``, ``title`` and ``chain``, or
            names a chain that is neither among ``chain_ids`` nor ``none``.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableLabels(path) from error
    rows = [_row(path, n, line, chain_ids) for n, line in enumerate(lines, 1) if line.strip()]
    if not rows:
        raise EmptyFile(path)
    return ChainLabels(tuple(d for d, _ in rows), tuple(label for _, label in rows))


def evaluate_tagger(tagger: ChainTagger, labels: ChainLabels) -> ChainReport:
    """The heaviest tag of each text, or none, against its label."""
    return _report(tagger, labels.labels, _answers(tagger, labels.documents))


def cross_validate(
    tagger: ChainTagger, labels: ChainLabels, *, folds: int = 5, seed: int = 0
) -> ChainReport:
    """The same for a tagger trained on the other folds, near-copies in one fold.

    Raises:
        UnusableFolds: there are fewer groups of texts, or of the commonest label, than folds.
    """
    groups = near_copies(labels.documents)
    truth = np.array(labels.labels)
    most = min(len(np.unique(groups)), int(np.unique(truth, return_counts=True)[1].max()))
    if not 2 <= folds <= most:
        raise UnusableFolds(folds, most, zh="组文本", en="groups of texts")
    answers = np.empty(len(truth), dtype=object)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # a chain rarer than the folds is missing from some; the figures show what that costs
        warnings.simplefilter("ignore", UserWarning)
        splits = list(splitter.split(truth, truth, groups))
    for learn, check in splits:
        trained = train_tagger(
            tagger,
            [labels.documents[i] for i in learn],
            [labels.labels[i] for i in learn],
            groups=groups[learn].tolist(),
        )
        answers[check] = _answers(trained, [labels.documents[i] for i in check])
    return _report(tagger, labels.labels, answers.tolist())


def near_copies(documents: Sequence[Document]) -> NDArray[np.intp]:
    """(documents,) a group number each; texts that are joined by near-copies share one.

    Near means a cosine above 0.5 of character 2- and 3-grams (TF-IDF) of title and text.
    """
    groups = np.arange(len(documents))
    texts = [f"{d.title} {d.text}" for d in documents]
    grams = TfidfVectorizer(analyzer="char", ngram_range=(2, 3)).fit_transform(texts)
    alike = (grams @ grams.T).tocoo()
    for a, b in zip(
        *(axis[alike.data > _NEAR_COPY] for axis in (alike.row, alike.col)), strict=True
    ):
        if groups[a] != groups[b]:
            groups[groups == groups[b]] = groups[a]
    return groups


def _answers(tagger: ChainTagger, documents: Sequence[Document]) -> list[str]:
    return [tags[0].chain if tags else NONE for tags in tagger.tag(documents)]


def _report(tagger: ChainTagger, truth: Sequence[str], answers: Sequence[str]) -> ChainReport:
    names = [*(chain.id for chain in tagger.chains), NONE]
    figures = precision_recall_fscore_support(truth, answers, labels=names, zero_division=0)
    keys = ("precision", "recall", "f1", "support")
    per_chain = {
        name: {
            key: int(column[i]) if key == "support" else float(column[i])
            for key, column in zip(keys, figures, strict=True)
        }
        for i, name in enumerate(names)
    }
    return ChainReport(
        macro_f1=float(f1_score(truth, answers, labels=names, average="macro", zero_division=0)),
        accuracy=float(accuracy_score(truth, answers)),
        per_chain=per_chain,
        confusion=confusion_matrix(truth, answers, labels=names).tolist(),
    )


def _row(path: Path, number: int, line: str, chain_ids: Sequence[str]) -> tuple[Document, str]:
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        raise MalformedLine(path, number, "不是 JSON", "this is not JSON") from error
    fields = value if isinstance(value, dict) else {}
    for field in ("_id", "title", "chain"):
        if not isinstance(fields.get(field), str):
            raise MalformedLine(
                path, number, f"字段 {field} 应为文字", f"field {field!r} must be a text"
            )
    label = fields["chain"]
    if label not in (*chain_ids, NONE):
        listed = ", ".join((*chain_ids, NONE))
        raise MalformedLine(
            path,
            number,
            f"没有产业链 {label!r}，可用：{listed}",
            f"no chain {label!r}; use one of: {listed}",
        )
    text = fields.get("text")
    body = text if isinstance(text, str) else ""
    return Document(id=fields["_id"], title=fields["title"], text=body), label
