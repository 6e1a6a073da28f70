"""Index files on disk: written as a whole or not at all, checked before use.

``manifest.json`` names one ``generation-*`` folder and the size and digest of each file
in it. A save fills a new generation, forces it to the disk and renames its manifest over
the old one: that rename is the moment of change. Whatever the manifest does not name is
left over from a killed save and goes with the next one.

The digest covers a file's first and last megabyte. Together with the size it finds files
that are cut short, swapped or half written without reading gigabytes; damage by the disk
in the middle of a long file is not found.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from embeddings.index import IndexManifest
from embeddings.index_errors import IndexBroken, IndexBusy, VectorIndexError

FORMAT_VERSION = 1
MANIFEST = "manifest.json"

_DIGESTED_BYTES = 1 << 20
_GENERATIONS = "generation-*"
_READ_ATTEMPTS = 5
_LOCK_TIMEOUT_S = 600.0

# What comes up when files are gone or do not say what they should, the latter in FAISS
# as RuntimeError.
_UNREADABLE = (
    AttributeError,
    FileNotFoundError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    VectorIndexError,
)

T = TypeVar("T")
Writer = Callable[[BinaryIO], object]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A saved index whose files have been checked.

    Attributes:
        folder: Where its files are.
        home: What the kind of index noted for itself.
    """

    folder: Path
    manifest: IndexManifest
    home: Mapping[str, Any]


def write_snapshot(
    folder: Path,
    manifest: IndexManifest,
    writers: Mapping[str, Writer],
    *,
    home: Mapping[str, Any],
) -> None:
    """Replaces the index in a folder.

    Args:
        folder: Made when missing.
        manifest: What the index says about itself.
        writers: File name to the function that writes its content.
        home: Anything JSON that the kind of index needs back.

    Raises:
        IndexBusy: another process keeps saving into the folder.
        OSError: the files cannot be written; the old index stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _one_writer(folder):
        generation = folder / _GENERATIONS.replace("*", uuid.uuid4().hex)
        try:
            generation.mkdir()
            files = {name: _written(generation / name, write) for name, write in writers.items()}
            content = {**asdict(manifest), "home": home, "generation": generation.name}
            text = json.dumps({**content, "files": files}, indent=1).encode()
            _written(generation / MANIFEST, lambda file: file.write(text))
            _sync_folder(generation)
            _sync_folder(folder)
            os.replace(generation / MANIFEST, folder / MANIFEST)
        except BaseException:
            # An interrupt may arrive just after the rename: then this generation is in use.
            if not _is_current(folder, generation):
                shutil.rmtree(generation, ignore_errors=True)
            raise
        _sync_folder(folder)
        _sweep(folder, generation)


def read_manifest(folder: Path) -> IndexManifest:
    """What the index in a folder says about itself.

    Raises:
        IndexBroken: no manifest, or none that this code can read.
    """
    return _manifest(folder, _content(folder))


def read_snapshot(folder: Path, build: Callable[[Snapshot], T]) -> tuple[T, IndexManifest]:
    """What ``build`` makes of the files in a folder, once they have been checked.

    A save that finishes meanwhile removes the files being read; then it starts again.

    Raises:
        IndexBroken: the files cannot be trusted, or ``build`` cannot make sense of them.
    """
    for _ in range(_READ_ATTEMPTS):
        content = _content(folder)
        manifest = _manifest(folder, content)
        try:
            snapshot = _checked(folder, content, manifest)
            return build(snapshot), manifest
        except _UNREADABLE as problem:
            if _content(folder) == content:
                raise IndexBroken(folder, str(problem)) from problem
    raise IndexBroken(folder, "saved over and over while it was read")


def _content(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
        version = content["format_version"]
        newer = version > FORMAT_VERSION
    except (FileNotFoundError, NotADirectoryError) as problem:
        raise IndexBroken(folder, f"no {MANIFEST}") from problem
    except (LookupError, TypeError, ValueError) as problem:
        raise IndexBroken(folder, f"{MANIFEST} is not readable") from problem
    if newer:
        raise IndexBroken(folder, f"format {version} is newer than {FORMAT_VERSION}")
    return dict(content)


def _manifest(folder: Path, content: Mapping[str, Any]) -> IndexManifest:
    try:
        return IndexManifest(**{part.name: content[part.name] for part in fields(IndexManifest)})
    except KeyError as problem:
        raise IndexBroken(folder, f"{MANIFEST} lacks {problem}") from problem


def _checked(folder: Path, content: Mapping[str, Any], manifest: IndexManifest) -> Snapshot:
    generation = folder / content["generation"]
    for name, noted in content["files"].items():
        with open(generation / name, "rb") as file:
            if _identity(file) != noted:
                raise ValueError(f"{name} is cut short or altered")
    return Snapshot(generation, manifest, content["home"])


def _written(path: Path, write: Writer) -> dict[str, Any]:
    with open(path, "w+b") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
        return _identity(file)


def _identity(file: BinaryIO) -> dict[str, Any]:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    digest = hashlib.blake2b(file.read(_DIGESTED_BYTES), digest_size=16)
    file.seek(max(0, size - _DIGESTED_BYTES))
    digest.update(file.read(_DIGESTED_BYTES))
    return {"bytes": size, "digest": digest.hexdigest()}


@contextmanager
def _one_writer(folder: Path) -> Iterator[None]:
    # An empty SQLite file is the one lock in the standard library that works on every
    # system and that a killed process cannot leave behind.
    try:
        lock = sqlite3.connect(folder / "writer.lock", timeout=_LOCK_TIMEOUT_S)
        with closing(lock):
            lock.execute("BEGIN EXCLUSIVE")
            yield
    except sqlite3.DatabaseError as problem:
        if problem.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise IndexBusy(folder, _LOCK_TIMEOUT_S) from problem
        # a damaged lock file is no database any more; it can be removed by hand
        raise OSError(
            f"cannot write in {folder}, or writer.lock is damaged: {problem}"
        ) from problem


def _is_current(folder: Path, generation: Path) -> bool:
    try:
        return bool(_content(folder)["generation"] == generation.name)
    except (IndexBroken, KeyError):
        return False


def _sweep(folder: Path, current: Path) -> None:
    for generation in folder.glob(_GENERATIONS):
        if generation != current:
            # Windows keeps files that a reader has mapped; the next save tries again.
            shutil.rmtree(generation, ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows cannot open a folder, and renames durably without it.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
