"""The FAISS home: flat while a scan is fast enough, then inverted lists; HNSW on request."""

import math
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import numpy as np

from embeddings.encoder import FloatArray
from embeddings.exact_search import best_of, search_exactly
from embeddings.faiss_flat import search_flat
from embeddings.faiss_hnsw import HnswStructure
from embeddings.faiss_ivf import IvfStructure
from embeddings.faiss_structures import FaissSettings
from embeddings.index import Hit, IndexManifest
from embeddings.index_files import Snapshot, Writer, read_snapshot
from embeddings.table_index import TableIndex, read_table
from embeddings.vector_table import RowArray, VectorTable

_DEFAULTS = FaissSettings()


class FaissKind(StrEnum):
    """How the vectors are searched."""

    FLAT = "flat"
    IVF = "ivf"
    HNSW = "hnsw"


_STRUCTURES: Mapping[FaissKind, type[IvfStructure] | type[HnswStructure]] = {
    FaissKind.IVF: IvfStructure,
    FaissKind.HNSW: HnswStructure,
}


class FaissIndex(TableIndex):
    """A vector index that asks a FAISS structure for candidates and scores them exactly.

    Implements ``VectorIndex``; see there for arguments and errors. Kinds ``ivf`` and
    ``hnsw`` may miss a neighbour, but every score returned is exact. Few allowed vectors
    are always searched exactly (``FaissSettings.exact_below``, ``exact_share``). A write
    that makes the index outgrow its structure builds a new one before it returns: about
    a minute for a million vectors.

    Args:
        dim: Width of a vector.
        kind: None to choose between ``flat`` and ``ivf`` by size.
        settings: How structures are built and searched.
    """

    def __init__(
        self, dim: int, *, kind: FaissKind | None = None, settings: FaissSettings = _DEFAULTS
    ) -> None:
        super().__init__(VectorTable(dim))
        self._fixed_kind = kind
        self._settings = settings
        self._structure: IvfStructure | HnswStructure | None = None

    @property
    def kind(self) -> FaissKind:
        """How the vectors are searched now."""
        if self._fixed_kind is not None:
            return self._fixed_kind
        # Half as many vectors are needed to stay as to become one: sizes near the limit
        # would otherwise rebuild to and fro.
        limit = self._settings.flat_below / (1 if self._structure is None else 2)
        return FaissKind.FLAT if len(self) < limit else FaissKind.IVF

    @classmethod
    def load(
        cls, folder: Path, *, settings: FaissSettings = _DEFAULTS
    ) -> tuple[Self, IndexManifest]:
        """An index as it was saved, with its vectors and inverted lists memory-mapped.

        An index saved by ``ExactIndex`` is taken over, and its structure built if its
        size asks for one.
        """
        return read_snapshot(folder, lambda snapshot: cls._restored(snapshot, settings))

    @classmethod
    def _restored(cls, snapshot: Snapshot, settings: FaissSettings) -> Self:
        kind, fixed = snapshot.manifest.kind, snapshot.home.get("fixed_kind")
        index = cls(snapshot.manifest.dim, kind=fixed and FaissKind(fixed), settings=settings)
        index._table = read_table(snapshot)
        if kind not in ("exact", *FaissKind):
            raise ValueError(f"unknown kind {kind}")
        if len(index) and kind in _STRUCTURES:
            structure = _STRUCTURES[FaissKind(kind)].read(snapshot.folder, snapshot.home, settings)
            if len(structure) != len(index):
                raise ValueError(f"{len(structure)} vectors in the structure, {len(index)} ids")
            index._structure = structure
        index._rebuild_if_outgrown()
        return index

    def _search(self, queries: FloatArray, *, k: int, rows: RowArray | None) -> list[list[Hit]]:
        if self._structure is None and rows is None:
            return search_flat(self._table, queries, k=k)
        allowed = len(self) if rows is None else len(rows)
        if self._structure is None or self._few(allowed):
            return search_exactly(self._table, queries, k=k, rows=rows)
        passes = np.full(len(self), rows is None)
        if rows is not None:
            passes[rows] = True
        # Candidates are found as if there were no filter, enough for the usual number to
        # pass. A filter inside the structure would lead it astray: where allowed vectors
        # are all far from the query, HNSW then returns poor ones without a sign of it.
        widening = len(self) / allowed
        usual = max(self._settings.rescored, 4 * k)
        wanted = min(len(self), math.ceil(usual * widening))
        found = self._structure.candidates(queries, wanted=wanted, widening=widening)
        hits = []
        for query, candidates in zip(queries, found, strict=True):
            near = candidates[candidates >= 0]
            near = near[passes[near]][:usual]
            if len(near) < min(k, allowed):
                hits += search_exactly(self._table, query[None], k=k, rows=rows)
            else:
                hits.append(best_of(self._table, query, near, k=k))
        return hits

    def _few(self, allowed: int) -> bool:
        share = self._settings.exact_share if allowed < len(self) else 0
        return allowed <= max(self._settings.exact_below, share * len(self))

    def _changed(self, forgotten: RowArray, learned: RowArray) -> None:
        if not self._rebuild_if_outgrown() and self._structure is not None:
            self._structure.forget(forgotten)
            self._structure.add(learned, self._table.take(learned))

    def _rebuild_if_outgrown(self) -> bool:
        wanted = _STRUCTURES.get(self.kind) if len(self) else None
        current = self._structure
        if wanted is None:
            self._structure = None
        elif not isinstance(current, wanted) or current.outgrown(len(self)):
            self._structure = wanted.build(self._table, self._settings)
        return self._structure is not current

    def _extra_writers(self) -> Mapping[str, Writer]:
        return {} if self._structure is None else self._structure.writers()

    def _notes(self) -> Mapping[str, Any]:
        own = {} if self._structure is None else self._structure.notes()
        return {"fixed_kind": self._fixed_kind, **own}
