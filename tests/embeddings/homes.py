"""The homes that the index contract is run on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from embeddings.exact_index import ExactIndex
from embeddings.faiss_index import FaissIndex, FaissKind
from embeddings.faiss_structures import FaissSettings
from embeddings.index import IndexManifest, VectorIndex

# Tiny indexes would otherwise never reach their structures.
STRUCTURE_ALWAYS = FaissSettings(exact_below=0)


@dataclass(frozen=True)
class Home:
    name: str
    make: Callable[[int], VectorIndex]
    load: Callable[[Path], tuple[VectorIndex, IndexManifest]]


def _faiss_home(kind: FaissKind) -> Home:
    return Home(
        kind.value,
        lambda dim: FaissIndex(dim, kind=kind, settings=STRUCTURE_ALWAYS),
        lambda folder: FaissIndex.load(folder, settings=STRUCTURE_ALWAYS),
    )


HOMES = [Home("exact", ExactIndex, ExactIndex.load), *map(_faiss_home, FaissKind)]
