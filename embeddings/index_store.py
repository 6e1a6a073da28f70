"""Opens a saved index in the home that it was saved from."""

from pathlib import Path

from embeddings.exact_index import ExactIndex
from embeddings.index import IndexManifest, VectorIndex
from embeddings.index_files import read_manifest


def open_index(folder: Path) -> tuple[VectorIndex, IndexManifest]:
    """The index saved in a folder, memory-mapped where its home allows.

    Raises:
        IndexBroken: nothing there, or files that cannot be trusted; rebuild the index.
    """
    if read_manifest(folder).kind == "exact":
        return ExactIndex.load(folder)
    # Imported here so that whoever stays with the exact home never loads FAISS.
    from embeddings.faiss_index import FaissIndex

    return FaissIndex.load(folder)
