"""What every home with its own vectors shares: the table, its checks and its files."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from embeddings.encoder import FloatArray
from embeddings.exact_search import search_exactly
from embeddings.index import Hit, IndexManifest
from embeddings.index_files import FORMAT_VERSION, Snapshot, Writer, write_snapshot
from embeddings.vector_table import RowArray, VectorTable, unit_rows

_VECTORS = "vectors.npy"
_IDS = "ids.json"


class TableIndex:
    """A vector index over a ``VectorTable``, searched exactly unless a home knows better.

    Implements all of ``VectorIndex`` but ``load``; see there for arguments and errors.
    """

    def __init__(self, table: VectorTable) -> None:
        self._table = table
        self._filtered: tuple[Collection[str], RowArray] | None = None

    @property
    def kind(self) -> str:
        """How the vectors are searched, as the manifest says it."""
        return "exact"

    @property
    def dim(self) -> int:
        return self._table.dim

    def __len__(self) -> int:
        return len(self._table)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._table

    def ids(self) -> list[str]:
        return self._table.ids()

    def vectors(self, ids: Sequence[str]) -> FloatArray:
        return self._table.take(self._table.rows(ids))

    def add(self, ids: Sequence[str], vectors: FloatArray) -> None:
        before = len(self)
        rows = self._table.put(ids, vectors, overwrite=False)
        self._written(rows[rows < before], rows)

    def replace(self, ids: Sequence[str], vectors: FloatArray) -> None:
        before = len(self)
        rows = self._table.put(ids, vectors, overwrite=True)
        self._written(rows[rows < before], rows)

    def remove(self, ids: Sequence[str]) -> None:
        self._written(*self._table.remove(ids))

    def search(
        self, vectors: FloatArray, *, k: int, allowed: Collection[str] | None = None
    ) -> list[list[Hit]]:
        if k < 1:
            raise ValueError(f"k 至少为 1，得到 {k}。 / k must be at least 1, not {k}")
        queries = unit_rows(vectors, dim=self.dim)
        rows = None if allowed is None else self._known_rows(allowed)
        return self._search(queries, k=k, rows=rows)

    def save(self, folder: Path, *, fingerprint: str, data_version: str) -> None:
        manifest = IndexManifest(
            fingerprint=fingerprint,
            data_version=data_version,
            kind=self.kind,
            dim=self.dim,
            count=len(self),
            format_version=FORMAT_VERSION,
        )
        ids = json.dumps(self.ids()).encode()
        writers: dict[str, Writer] = {
            _VECTORS: lambda file: _write_rows(file, self._table),
            _IDS: lambda file: file.write(ids),
            **self._extra_writers(),
        }
        write_snapshot(folder, manifest, writers, home=self._notes())

    def _search(self, queries: FloatArray, *, k: int, rows: RowArray | None) -> list[list[Hit]]:
        return search_exactly(self._table, queries, k=k, rows=rows)

    def _known_rows(self, allowed: Collection[str]) -> RowArray:
        """Rows of a filter; those of the last one are kept, as everybody asks with the same."""
        held = self._filtered
        if held is not None and held[0] is allowed:
            return held[1]
        rows = self._table.known_rows(allowed)
        # what can be altered may be another filter by the next search
        self._filtered = (allowed, rows) if isinstance(allowed, frozenset) else None
        return rows

    def _written(self, forgotten: RowArray, learned: RowArray) -> None:
        self._filtered = None
        self._changed(forgotten, learned)

    def _changed(self, forgotten: RowArray, learned: RowArray) -> None:
        """Called after a write: rows whose old vector is gone, rows with a new vector."""

    def _extra_writers(self) -> Mapping[str, Writer]:
        return {}

    def _notes(self) -> Mapping[str, Any]:
        return {}


def read_table(snapshot: Snapshot) -> VectorTable:
    """The vectors of any saved index, memory-mapped; changes stay in memory.

    Raises:
        ValueError, DuplicateId, DimensionMismatch: the files contradict each other.
    """
    manifest = snapshot.manifest
    ids = json.loads((snapshot.folder / _IDS).read_bytes())
    if len(ids) != manifest.count:
        raise ValueError(f"{len(ids)} ids instead of {manifest.count}")
    path = snapshot.folder / _VECTORS
    # Nothing can be mapped from a file that ends after its header.
    mapped = np.load(path, mmap_mode="c" if ids else None, allow_pickle=False)
    if mapped.dtype != np.float32:
        raise ValueError(f"{_VECTORS} holds {mapped.dtype}")
    return VectorTable(manifest.dim, ids, np.asarray(mapped))


def _write_rows(file: BinaryIO, table: VectorTable) -> None:
    # Not np.save, which wants the parts joined; nor a writable map, which a full disk kills.
    shape = (len(table), table.dim)
    np.lib.format.write_array_header_1_0(
        file, {"descr": "<f4", "fortran_order": False, "shape": shape}
    )
    for part in table.parts():
        file.write(np.ascontiguousarray(part).data)
