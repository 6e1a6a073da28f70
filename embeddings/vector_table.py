"""The vectors themselves, in rows without gaps, and which id owns which row.

Rows loaded from a file stay memory-mapped, copy on write; new rows go to an array in
memory behind them. A change therefore never copies what was loaded.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from embeddings.encoder import FloatArray
from embeddings.index_errors import (
    CountMismatch,
    DimensionMismatch,
    DuplicateId,
    NotUnitLength,
    UnknownId,
)

RowArray = NDArray[np.int64]

LENGTH_TOLERANCE = 1e-3
"""How far a row's length may be from 1; half-precision models need this much."""

_GATHERED_ROWS = 16_384


def unit_rows(vectors: ArrayLike, *, dim: int) -> FloatArray:
    """The vectors as (n, dim) float32 once they are known to be unit rows.

    Raises:
        DimensionMismatch: not two-dimensional, or not ``dim`` wide.
        NotUnitLength: a row is not of length 1, or holds NaN or infinity.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
        if np.ndim(vectors) != 2 or rows.shape[1] != dim:
            raise DimensionMismatch(dim, np.shape(vectors))
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        # Written as "not within", so that NaN counts as wrong.
        wrong = np.flatnonzero(~(np.abs(lengths - 1) <= LENGTH_TOLERANCE))
    if len(wrong):
        raise NotUnitLength(int(wrong[0]), float(lengths[wrong[0]]))
    return rows


class VectorTable:
    """Rows 0 to n - 1, each a unit vector owned by one id.

    Removing moves the last rows into the holes, so that a scan never meets a gap.

    Args:
        dim: Width of a row, at least 1.
        ids: Owners of the rows of ``base``.
        base: (len(ids), dim) float32, writable; a copy-on-write memory map is welcome.
    """

    def __init__(self, dim: int, ids: Sequence[str] = (), base: FloatArray | None = None) -> None:
        if dim < 1:
            raise ValueError(f"向量宽度至少为 1，得到 {dim}。 / dim must be at least 1, not {dim}")
        self.dim = dim
        self._ids = list(ids)
        self._row_of = {id_: row for row, id_ in enumerate(self._ids)}
        self._base = np.empty((0, dim), np.float32) if base is None else base
        self._tail = np.empty((0, dim), np.float32)
        if len(self._row_of) != len(self._ids):
            raise DuplicateId(_repeated(self._ids))
        if self._base.shape != (len(self._ids), dim):
            raise DimensionMismatch(dim, self._base.shape)

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._row_of

    def ids(self) -> list[str]:
        """Owners in row order."""
        return list(self._ids)

    def id_at(self, row: int) -> str:
        """Owner of a row."""
        return self._ids[row]

    def rows(self, ids: Iterable[str]) -> RowArray:
        """Rows of stored ids, in the order asked.

        Raises:
            UnknownId: an id is not stored.
        """
        wanted = list(ids)
        unknown = [id_ for id_ in wanted if id_ not in self._row_of]
        if unknown:
            raise UnknownId(unknown)
        return np.array([self._row_of[id_] for id_ in wanted], dtype=np.int64)

    def known_rows(self, ids: Iterable[str]) -> RowArray:
        """Rows of those ids that are stored, ascending, each once."""
        found = [row for row in map(self._row_of.get, ids) if row is not None]
        return np.unique(np.array(found, dtype=np.int64))

    def put(self, ids: Sequence[str], vectors: ArrayLike, *, overwrite: bool) -> RowArray:
        """Stores vectors under ids and returns their rows, in the order given.

        Raises:
            DuplicateId: an id is given twice, or is stored and ``overwrite`` is false.
            CountMismatch, DimensionMismatch, NotUnitLength: the vectors do not fit.
        """
        given = unit_rows(vectors, dim=self.dim)
        if len(given) != len(ids):
            raise CountMismatch(len(ids), len(given))
        _refuse_repeated(ids)
        stored = [id_ for id_ in ids if id_ in self._row_of]
        if stored and not overwrite:
            raise DuplicateId(stored)
        self._reserve(len(ids) - len(stored))
        for id_ in ids:
            if id_ not in self._row_of:
                self._row_of[id_] = len(self._ids)
                self._ids.append(id_)
        rows = self.rows(ids)
        self._write(rows, given)
        return rows

    def remove(self, ids: Sequence[str]) -> tuple[RowArray, RowArray]:
        """Forgets ids and closes the gaps.

        Returns:
            Rows whose old vector is gone from there, and rows that now hold a moved vector.

        Raises:
            UnknownId: an id is not stored.
            DuplicateId: an id is given twice.
        """
        _refuse_repeated(ids)
        gone = self.rows(ids)
        count, kept = len(self), len(self) - len(gone)
        holes = np.sort(gone[gone < kept])
        movers = np.setdiff1d(np.arange(kept, count), gone)
        self._write(holes, self.take(movers))
        for id_ in ids:
            del self._row_of[id_]
        for hole, mover in zip(holes.tolist(), movers.tolist(), strict=True):
            self._ids[hole] = self._ids[mover]
            self._row_of[self._ids[hole]] = hole
        del self._ids[kept:]
        self._base = self._base[:kept]
        return np.concatenate([gone, movers]), holes

    def take(self, rows: RowArray) -> FloatArray:
        """(len(rows), dim) copies of rows, in the order asked."""
        split = len(self._base)
        if not len(self._tail):
            return self._base[rows]
        taken = np.empty((len(rows), self.dim), np.float32)
        mapped = rows < split
        taken[mapped] = self._base[rows[mapped]]
        taken[~mapped] = self._tail[rows[~mapped] - split]
        return taken

    def parts(self) -> Iterator[FloatArray]:
        """All rows in order, as a few arrays, none empty, that must not be changed."""
        for part in (self._base, self._tail[: len(self) - len(self._base)]):
            if len(part):
                yield part

    def scores(self, queries: FloatArray, rows: RowArray | None = None) -> FloatArray:
        """(len(queries), number of rows) float32 inner products, subject to rounding.

        Args:
            queries: (n, dim) float32.
            rows: Ascending rows to score; None for all.
        """
        if rows is not None and 2 * len(rows) > len(self):
            # Most rows are wanted: scoring all in place beats copying most of them out.
            return self.scores(queries)[:, rows]
        if rows is None:
            products = [queries @ part.T for part in self.parts()]
            return products[0] if len(products) == 1 else np.concatenate(products, axis=1)
        scores = np.empty((len(queries), len(rows)), np.float32)
        for start in range(0, len(rows), _GATHERED_ROWS):
            some = slice(start, start + _GATHERED_ROWS)
            scores[:, some] = queries @ self.take(rows[some]).T
        return scores

    def _write(self, rows: RowArray, vectors: FloatArray) -> None:
        split = len(self._base)
        mapped = rows < split
        self._base[rows[mapped]] = vectors[mapped]
        self._tail[rows[~mapped] - split] = vectors[~mapped]

    def _reserve(self, extra: int) -> None:
        used = len(self) - len(self._base)
        if used + extra > len(self._tail):
            grown = np.empty((max(used + extra, len(self._tail) * 3 // 2), self.dim), np.float32)
            grown[:used] = self._tail[:used]
            self._tail = grown


def _refuse_repeated(ids: Sequence[str]) -> None:
    if len(set(ids)) != len(ids):
        raise DuplicateId(_repeated(ids))


def _repeated(ids: Sequence[str]) -> list[str]:
    return [id_ for id_, times in Counter(ids).items() if times > 1]
