"""What the approximate search structures of FAISS share.

A structure knows rows by number and holds compressed codes. It proposes rows and never
has the last word: the stored vectors, exact scores, ids and ties are the caller's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

import faiss as _faiss
import numpy as np

from embeddings.encoder import FloatArray
from embeddings.index_files import Writer
from embeddings.vector_table import RowArray, VectorTable

faiss: Any = _faiss
"""FAISS without its stubs, which leave out half of what is used here."""

_ADDED_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class FaissSettings:
    """How the approximate structures are built and searched.

    Attributes:
        flat_below: An index that chooses its kind stays flat below this many vectors.
        exact_below: Searches with at most this many allowed vectors are exact.
        exact_share: So are searches with at most this share of all vectors allowed.
        rescored: Fewest candidates scored again from the stored vectors; at least 4 k are.
        probed_share: Share of the inverted lists that a search visits.
        links: Neighbours of an HNSW node (M).
        build_width: Width of the search that places an HNSW node (efConstruction).
        search_width: Least width of an HNSW search (efSearch).
    """

    flat_below: int = 200_000
    exact_below: int = 5_000
    exact_share: float = 0.1
    rescored: int = 100
    probed_share: float = 1 / 32
    links: int = 16
    build_width: int = 64
    search_width: int = 128


class Structure(Protocol):
    """Proposes rows that are probably near a query."""

    def add(self, rows: RowArray, vectors: FloatArray) -> None:
        """Learns rows that it does not know."""
        ...

    def forget(self, rows: RowArray) -> None:
        """Forgets rows that it knows."""
        ...

    def outgrown(self, count: int) -> bool:
        """Whether it should be built anew for ``count`` rows."""
        ...

    def candidates(self, queries: FloatArray, *, wanted: int, widening: float) -> RowArray:
        """Rows near each query, the nearest first as far as the codes can tell.

        Args:
            queries: (n, dim) float32 unit rows.
            wanted: Rows per query.
            widening: How much wider than usual to search, at least 1.

        Returns:
            (n, wanted or more) rows, -1 where there was none.
        """
        ...

    def writers(self) -> Mapping[str, Writer]:
        """File name to the function that writes its content."""
        ...

    def notes(self) -> Mapping[str, Any]:
        """What ``read`` needs back besides the files; plain JSON."""
        ...


def add_all(structure: Structure, table: VectorTable) -> None:
    """Teaches a structure every row of a table."""
    for start in range(0, len(table), _ADDED_ROWS):
        rows = np.arange(start, min(start + _ADDED_ROWS, len(table)))
        structure.add(rows, table.take(rows))


def write_index(file: BinaryIO, index: Any) -> None:
    """Writes a FAISS index into an open file."""
    # Through a callback, because write_index with a path cannot be forced to the disk.
    faiss.write_index(index, faiss.PyCallbackIOWriter(file.write))
