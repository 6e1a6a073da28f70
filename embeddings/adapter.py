"""A city's own view of its vectors: one linear map, learnt without labels.

The map changes which directions count when two vectors are compared. The vectors of an
index stay as they are, so a new map costs no new index.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from embeddings.encoder import FloatArray
from embeddings.index import IndexManifest
from embeddings.index_files import FORMAT_VERSION, Snapshot, read_snapshot, write_snapshot

_KIND = "adapter"
_FILE = "matrix.npy"


@dataclass(frozen=True, eq=False, slots=True)
class Adapter:
    """The map, and what it was learnt from.

    Attributes:
        matrix: (dim, dim) float32; a row vector is adapted by ``vector @ matrix``.
        fitted_on: Documents that there were when it was learnt.
    """

    matrix: FloatArray
    fitted_on: int

    def adapted(self, vectors: FloatArray) -> NDArray[np.float64]:
        """(n, dim) float64 unit rows from (n, dim) float32 vectors."""
        mapped = vectors.astype(np.float64) @ self.matrix.astype(np.float64)
        norms = np.linalg.norm(mapped, axis=1, keepdims=True)
        return np.asarray(mapped / np.maximum(norms, 1e-12))

    def save(self, folder: Path, *, fingerprint: str) -> None:
        """Write it whole or not at all.

        Args:
            folder: Made when missing.
            fingerprint: Of the encoder whose vectors it maps.

        Raises:
            IndexBusy: another process keeps saving into the folder.
            OSError: the disk is full or the folder cannot be written.
        """

        def write(file: BinaryIO) -> None:
            np.save(file, self.matrix, allow_pickle=False)

        manifest = IndexManifest(
            fingerprint=fingerprint,
            data_version="",
            kind=_KIND,
            dim=len(self.matrix),
            count=self.fitted_on,
            format_version=FORMAT_VERSION,
        )
        write_snapshot(folder, manifest, {_FILE: write}, home={})


def load_adapter(folder: Path) -> tuple[Adapter, str]:
    """The saved adapter, and the fingerprint of the encoder that it belongs to.

    Raises:
        IndexBroken: nothing there, or a file that is missing, cut short or altered.
    """
    matrix, manifest = read_snapshot(folder, _open)
    return Adapter(matrix, manifest.count), manifest.fingerprint


def _open(snapshot: Snapshot) -> FloatArray:
    return np.asarray(np.load(snapshot.folder / _FILE, allow_pickle=False), dtype=np.float32)
