"""A navigable graph: the FAISS structure for large corpora that hardly change."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from embeddings.encoder import FloatArray
from embeddings.faiss_structures import FaissSettings, add_all, faiss, write_index
from embeddings.index_files import Writer
from embeddings.vector_table import RowArray, VectorTable

_MOST_DEAD_NODES = 0.2


class HnswStructure:
    """A navigable graph over 16-bit codes, for corpora that hardly change.

    FAISS cannot take a node out: a forgotten row's node stays as a signpost that is never
    returned, until too many are dead and the graph is built anew.
    """

    _FILE = "hnsw.faiss"
    _NODES = "nodes.npy"

    def __init__(self, index: Any, row_of_node: RowArray, *, settings: FaissSettings) -> None:
        self._index = index
        self._settings = settings
        self._row_of_node = row_of_node
        alive = np.flatnonzero(row_of_node >= 0)
        self._node_of_row = dict(zip(row_of_node[alive].tolist(), alive.tolist(), strict=True))

    @classmethod
    def build(cls, table: VectorTable, settings: FaissSettings) -> Self:
        """A graph with all rows of a table."""
        index = faiss.IndexHNSWSQ(
            table.dim, faiss.ScalarQuantizer.QT_fp16, settings.links, faiss.METRIC_INNER_PRODUCT
        )
        index.hnsw.efConstruction = settings.build_width
        structure = cls(index, np.empty(0, np.int64), settings=settings)
        add_all(structure, table)
        return structure

    @classmethod
    def read(cls, folder: Path, notes: Mapping[str, Any], settings: FaissSettings) -> Self:
        """A structure as it was written."""
        nodes = np.load(folder / cls._NODES, allow_pickle=False)
        return cls(faiss.read_index(str(folder / cls._FILE)), nodes, settings=settings)

    def __len__(self) -> int:
        return len(self._node_of_row)

    def add(self, rows: RowArray, vectors: FloatArray) -> None:
        first = len(self._row_of_node)
        self._index.add(vectors)
        self._row_of_node = np.concatenate([self._row_of_node, rows])
        self._node_of_row.update(zip(rows.tolist(), range(first, first + len(rows)), strict=True))

    def forget(self, rows: RowArray) -> None:
        """Leaves the rows' nodes as signposts."""
        for row in rows.tolist():
            self._row_of_node[self._node_of_row.pop(row)] = -1

    def outgrown(self, count: int) -> bool:
        """Whether more than a fifth of the nodes are dead."""
        nodes = len(self._row_of_node)
        return nodes - len(self) > _MOST_DEAD_NODES * nodes

    def candidates(self, queries: FloatArray, *, wanted: int, widening: float) -> RowArray:
        nodes = len(self._row_of_node)
        # Dead nodes are found like any other: look for that many more.
        dead = nodes / max(1, len(self))
        wanted = min(nodes, math.ceil(wanted * dead))
        width = max(wanted, math.ceil(self._settings.search_width * widening * dead))
        parameters = faiss.SearchParametersHNSW(efSearch=min(nodes, width))
        _, found = self._index.search(queries, wanted, params=parameters)
        # FAISS says -1 for "none", which here picks the -1 at the end.
        rows: RowArray = np.take(np.append(self._row_of_node, -1), found)
        return rows

    def writers(self) -> Mapping[str, Writer]:
        return {
            self._FILE: lambda file: write_index(file, self._index),
            self._NODES: lambda file: np.save(file, self._row_of_node),
        }

    def notes(self) -> Mapping[str, Any]:
        """Nothing: the files say it all."""
        return {}
