"""A data set small enough to see through, and a grader whose skill grows with what it saw."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from evaluation.dataset import Dataset
from evaluation.grader import Judged
from matcher.run import top
from matcher.types import Document, Query

POOL = 8


def make_dataset(needs: int = 6, groups: dict[str, str] | None = None) -> Dataset:
    """Needs ``n00``, ``n01`` … with eight judged documents each, two of every score."""
    return Dataset(
        name="toy",
        split="dev",
        queries=tuple(Query(id=f"n{n:02}", title=f"第 {n} 项需求") for n in range(needs)),
        documents=tuple(Document(id=f"d{d}", title=f"第 {d} 项成果") for d in range(POOL)),
        qrels={f"n{n:02}": {f"d{d}": (n + d) % 4 for d in range(POOL)} for n in range(needs)},
        groups=groups or {},
    )


def noise(*words: str) -> float:
    """A number in [0, 1) that depends on the words alone."""
    return zlib.crc32("/".join(words).encode()) % 997 / 997


@dataclass
class ToyGrader:
    """Knows the truth the better, the more queries it was trained on; some teach more."""

    dataset: Dataset
    seen: frozenset[str] = frozenset()
    name: str = "toy"
    full_skill_at: int = 10

    def _scores(self, query_id: str, ids: Sequence[str]) -> np.ndarray:
        skill = min(1.0, sum(1 + noise(seen) for seen in self.seen) / self.full_skill_at)
        truth = np.array([self.dataset.qrels[query_id].get(i, 0) for i in ids], dtype=float)
        return skill * truth + (1 - skill) * np.array([3 * noise(query_id, i) for i in ids])

    def retrieve(self, query, *, k, allowed=None):
        ids = [d.id for d in self.dataset.documents if allowed is None or d.id in allowed]
        return top(dict(zip(ids, self._scores(query.id, ids).tolist(), strict=True)), k=k)

    def grade(self, query, document_ids):
        levels = 1 + self._scores(query.id, document_ids)
        return np.clip(levels[:, None] - np.array([[1.0, 2.0, 3.0]]), 0, 1)


@dataclass
class ToyFit:
    """Fits toy graders and remembers what each was given."""

    dataset: Dataset
    given: list[tuple[Judged, ...]] = field(default_factory=list)
    full_skill_at: int = 10

    def __call__(self, judgements):
        self.given.append(tuple(judgements))
        seen = frozenset(judged.query_id for judged in judgements)
        return ToyGrader(self.dataset, seen, full_skill_at=self.full_skill_at)
