"""The lexical index on disk: the same atomic snapshots as the vector index beside it."""

from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from embeddings.index import IndexManifest
from embeddings.index_files import FORMAT_VERSION, Snapshot, read_snapshot, write_snapshot
from matcher.lexical import LexicalRetriever
from matcher.ngrams import N_FEATURES

FINGERPRINT = "characters-1-2/3"
"""Changes when the way documents are counted changes, so that old files are rebuilt."""


def save_lexical(index: LexicalRetriever, folder: Path, *, data_version: str) -> None:
    """Write the index; a kill at any moment leaves the old one or the new one.

    Raises:
        IndexBusy: another process keeps saving into the folder.
        OSError: the disk is full or the folder cannot be written; the old index stays.
    """
    manifest = IndexManifest(
        fingerprint=FINGERPRINT,
        data_version=data_version,
        kind="lexical",
        dim=N_FEATURES,
        count=len(index),
        format_version=FORMAT_VERSION,
    )
    writers = {f"{name}.npy": partial(_write, array) for name, array in index.arrays().items()}
    write_snapshot(folder, manifest, writers, home={})


def load_lexical(folder: Path) -> tuple[LexicalRetriever, IndexManifest]:
    """The saved index, memory-mapped.

    Raises:
        IndexBroken: nothing there, a file is missing, cut short or altered.
    """
    return read_snapshot(folder, _open)


def _write(array: NDArray[Any], file: BinaryIO) -> None:
    np.save(file, array, allow_pickle=False)


def _open(snapshot: Snapshot) -> LexicalRetriever:
    names = ("ids", "rows", "counts", "starts", "norms")
    return LexicalRetriever.from_arrays(
        {name: np.load(snapshot.folder / f"{name}.npy", mmap_mode="r") for name in names}
    )
