"""The vector index protocol: unit vectors under string ids, and their nearest neighbours."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from embeddings.encoder import FloatArray


@dataclass(frozen=True, slots=True)
class Hit:
    """A stored vector near a query.

    Attributes:
        score: Cosine in [-1, 1], computed from the stored vector itself.
    """

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class IndexManifest:
    """What a saved index says about itself.

    Attributes:
        fingerprint: Encoder that made the vectors (``Encoder.fingerprint``).
        data_version: Version of the data that the index saw, in the owner's words.
        kind: ``exact``, ``flat``, ``ivf`` or ``hnsw``.
        dim: Width of a vector.
        count: Number of vectors.
        format_version: Version of the file layout.
    """

    fingerprint: str
    data_version: str
    kind: str
    dim: int
    count: int
    format_version: int


class VectorSearch(Protocol):
    """Unit vectors under string ids that are only read; searches may run side by side."""

    @property
    def dim(self) -> int: ...

    def __len__(self) -> int: ...

    def __contains__(self, id_: object) -> bool: ...

    def ids(self) -> list[str]:
        """Every stored id, in no particular order."""
        ...

    def vectors(self, ids: Sequence[str]) -> FloatArray:
        """(len(ids), dim) float32 copies of stored vectors, in the order asked.

        Raises:
            UnknownId: an id is not stored.
        """
        ...

    def search(
        self, vectors: FloatArray, *, k: int, allowed: Collection[str] | None = None
    ) -> list[list[Hit]]:
        """Nearest stored vectors for each query vector.

        Args:
            vectors: (n_queries, dim) float32, rows of unit length.
            k: Hits per query, at least 1.
            allowed: Ids that may be returned, None for all; unknown ones are passed over.
                The filter acts inside: ``k`` hits come back whenever that many are stored.

        Returns:
            One list per query, best first, ties by id.

        Raises:
            ValueError: ``k`` is below 1.
            DimensionMismatch: the vectors are not ``dim`` wide.
            NotUnitLength: a row is not of length 1, or holds NaN.
        """
        ...


class VectorIndex(VectorSearch, Protocol):
    """Holds unit vectors under string ids and finds the nearest ones.

    Every call either does all it was asked or raises and changes nothing. Searches may
    run side by side; the owner keeps writes apart from each other and from searches.
    """

    def add(self, ids: Sequence[str], vectors: FloatArray) -> None:
        """Stores new vectors.

        Args:
            ids: One new id per vector.
            vectors: (len(ids), dim) float32, rows of unit length; they are copied.

        Raises:
            DuplicateId: an id is stored already, or given twice.
            CountMismatch: not one vector per id.
            DimensionMismatch: the vectors are not ``dim`` wide.
            NotUnitLength: a row is not of length 1 (± 0.001), or holds NaN.
        """
        ...

    def replace(self, ids: Sequence[str], vectors: FloatArray) -> None:
        """Stores vectors, overwriting those whose id is known.

        Raises:
            DuplicateId: an id is given twice.
            CountMismatch, DimensionMismatch, NotUnitLength: as for ``add``.
        """
        ...

    def remove(self, ids: Sequence[str]) -> None:
        """Forgets vectors.

        Raises:
            UnknownId: an id is not stored.
            DuplicateId: an id is given twice.
        """
        ...

    def save(self, folder: Path, *, fingerprint: str, data_version: str) -> None:
        """Writes the index so that a kill at any moment leaves the old one or the new one.

        Args:
            folder: Made when missing; an index in it is replaced.
            fingerprint: Encoder that made the vectors.
            data_version: Version of the data that the vectors were made from.

        Raises:
            IndexBusy: another process keeps saving into the folder.
            OSError: the disk is full or the folder cannot be written; the old index stays.
        """
        ...

    @classmethod
    def load(cls, folder: Path) -> tuple[Self, IndexManifest]:
        """An index as it was saved, memory-mapped where the home allows.

        Changes to the loaded index stay in memory until it is saved.

        Raises:
            IndexBroken: nothing there, a file is missing, cut short or altered, or the
                format is newer than this code.
        """
        ...
