"""Inverted lists: the FAISS structure for corpora that are too large for a scan.

Two traps of FAISS 1.15 are avoided here. After reading with ``IO_FLAG_MMAP_IFC`` a
removal crashes the process; and writing an index whose lists are mapped writes a
reference to the old file in place of the lists.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from embeddings.encoder import FloatArray
from embeddings.faiss_structures import FaissSettings, add_all, faiss, write_index
from embeddings.index_files import Writer
from embeddings.vector_table import RowArray, VectorTable

_TRAINING_ROWS_PER_LIST = 64
_LEAST_ROWS_PER_LIST = 39
_LEAST_PROBES = 8
_RETRAINED_AT = 4
_SEED = 20_190_901


class IvfStructure:
    """Inverted lists with 8-bit codes; the lists of a loaded one stay memory-mapped."""

    _FILE = "ivf.faiss"

    def __init__(
        self, index: Any, *, trained_on: int, mapped: bool, settings: FaissSettings
    ) -> None:
        self._index = index
        self._trained_on = trained_on
        self._mapped = mapped
        self._settings = settings

    @classmethod
    def build(cls, table: VectorTable, settings: FaissSettings) -> Self:
        """Lists fitted to a table that is not empty, with all its rows."""
        count = len(table)
        lists = _list_count(count)
        quantizer = faiss.IndexFlatIP(table.dim)
        index = faiss.IndexIVFScalarQuantizer(
            quantizer, table.dim, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        index.cp.spherical = True
        index.cp.seed = _SEED
        index.cp.min_points_per_centroid = 1
        index.cp.max_points_per_centroid = _TRAINING_ROWS_PER_LIST
        sample = np.random.default_rng(_SEED).permutation(count)
        index.train(table.take(np.sort(sample[: lists * _TRAINING_ROWS_PER_LIST])))
        structure = cls(index, trained_on=count, mapped=False, settings=settings)
        add_all(structure, table)
        return structure

    @classmethod
    def read(cls, folder: Path, notes: Mapping[str, Any], settings: FaissSettings) -> Self:
        """A structure as it was written."""
        flags = faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY
        index = faiss.read_index(str(folder / cls._FILE), flags)
        return cls(index, trained_on=notes["trained_on"], mapped=True, settings=settings)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, rows: RowArray, vectors: FloatArray) -> None:
        self._leave_the_file()
        self._index.add_with_ids(vectors, rows)

    def forget(self, rows: RowArray) -> None:
        self._leave_the_file()
        self._index.remove_ids(rows)

    def outgrown(self, count: int) -> bool:
        """Whether there are four times as many rows as the lists were fitted to."""
        return count > _RETRAINED_AT * self._trained_on

    def candidates(self, queries: FloatArray, *, wanted: int, widening: float) -> RowArray:
        probes = max(_LEAST_PROBES, self._index.nlist * self._settings.probed_share) * widening
        parameters = faiss.SearchParametersIVF(nprobe=min(self._index.nlist, math.ceil(probes)))
        _, found = self._index.search(queries, wanted, params=parameters)
        return np.asarray(found, dtype=np.int64)

    def writers(self) -> Mapping[str, Writer]:
        self._leave_the_file()
        return {self._FILE: lambda file: write_index(file, self._index)}

    def notes(self) -> Mapping[str, Any]:
        """How many rows the lists were fitted to."""
        return {"trained_on": self._trained_on}

    def _leave_the_file(self) -> None:
        if not self._mapped:
            return
        lists = faiss.ArrayInvertedLists(self._index.nlist, self._index.code_size)
        every_id = (faiss.InvertedLists.SUBSET_TYPE_ID_RANGE, 0, np.iinfo(np.int64).max)
        self._index.invlists.copy_subset_to(lists, *every_id)
        self._index.replace_invlists(lists, True)
        lists.this.disown()
        self._mapped = False


def _list_count(count: int) -> int:
    """A power of two near 2 √count, with some dozens of rows in each list."""
    most = count / _LEAST_ROWS_PER_LIST
    return 1 << round(math.log2(max(1.0, min(2 * math.sqrt(count), most))))
