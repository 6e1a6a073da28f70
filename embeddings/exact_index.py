"""The exact home: a scan in NumPy. It needs no FAISS and is the yardstick for the others."""

from pathlib import Path
from typing import Self

from embeddings.index import IndexManifest
from embeddings.index_files import read_snapshot
from embeddings.table_index import TableIndex, read_table
from embeddings.vector_table import VectorTable


class ExactIndex(TableIndex):
    """A vector index that compares each query with every allowed vector.

    Implements ``VectorIndex``; see there for arguments and errors.

    Args:
        dim: Width of a vector.
    """

    def __init__(self, dim: int) -> None:
        super().__init__(VectorTable(dim))

    @classmethod
    def load(cls, folder: Path) -> tuple[Self, IndexManifest]:
        """The vectors in a folder, whichever home saved them, memory-mapped."""
        table, manifest = read_snapshot(folder, read_table)
        index = cls(table.dim)
        index._table = table
        return index, manifest
