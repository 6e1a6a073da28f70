"""Vectors kept between runs, and an encoder that never encodes the same text twice."""

import hashlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from embeddings.cache_file import is_damage, is_damaged, move_aside, open_file
from embeddings.encoder import Encoder, FloatArray, Role

_log = logging.getLogger(__name__)

_ASKED_AT_ONCE = 500
_LENGTH_TOLERANCE = 1e-2


class VectorCache:
    """Vectors in an SQLite file, by encoder fingerprint, role and SHA-256 of the text.

    Several threads and processes may use one file. The file is derived data, so no
    trouble with it reaches the caller: a damaged file is moved aside and begun anew, and
    where the file cannot be read or written the cache holds less than it could. Each is
    logged as a warning, troubles with reading or writing only once.

    Args:
        path: The file; it and its folder are made when missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._warned = False
        with self._forgiving():
            self._connection = open_file(self.path)

    def get_many(
        self, texts: Sequence[str], *, fingerprint: str, role: Role
    ) -> dict[str, FloatArray]:
        """Vectors of those texts that are cached, each (dim,) float32."""
        wanted = {_digest(text): text for text in texts}
        digests = list(wanted)
        found: dict[str, FloatArray] = {}
        with self._lock, self._forgiving():
            for start in range(0, len(digests), _ASKED_AT_ONCE):
                some = digests[start : start + _ASKED_AT_ONCE]
                for digest, vector in self._select(fingerprint, role, some):
                    # A length that is no multiple of 4 is no vector: as good as not there.
                    if len(vector) % 4 == 0:
                        found[wanted[digest]] = np.frombuffer(vector, dtype="<f4")
        return found

    def put_many(self, vectors: Mapping[str, FloatArray], *, fingerprint: str, role: Role) -> None:
        """Keeps the vectors of texts; once this returns they survive a killed process.

        Args:
            vectors: Text to its (dim,) vector; replaces what was kept for the text.
            fingerprint: Encoder that made the vectors.
            role: Role that the texts were encoded in.
        """
        rows = [
            (fingerprint, role.value, _digest(text), vector.astype("<f4").tobytes())
            for text, vector in vectors.items()
        ]
        with self._lock, self._forgiving():
            if self._connection is not None:
                with self._connection:
                    self._connection.executemany(
                        "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", rows
                    )

    def close(self) -> None:
        """Closes the file; afterwards the cache is empty and keeps nothing."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _select(
        self, fingerprint: str, role: Role, digests: Sequence[bytes]
    ) -> list[tuple[bytes, bytes]]:
        if self._connection is None:
            return []
        marks = ",".join("?" * len(digests))
        return self._connection.execute(
            "SELECT digest, vector FROM vectors"
            f" WHERE fingerprint = ? AND role = ? AND digest IN ({marks})",
            (fingerprint, role.value, *digests),
        ).fetchall()

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as problem:
            if is_damage(problem):
                self._begin_anew(problem)
            else:
                self._warn_once(problem)

    def _warn_once(self, problem: Exception) -> None:
        if not self._warned:
            self._warned = True
            _log.warning(
                "向量缓存 %s 无法读写（%s），将不经缓存直接编码。"
                " / vector cache %s cannot be used (%s); encoding goes on without it",
                *(self.path, problem) * 2,
            )

    def _begin_anew(self, problem: Exception) -> None:
        self.close()
        try:
            if is_damaged(self.path):
                aside = move_aside(self.path)
                _log.warning(
                    "向量缓存 %s 已损坏（%s），已移至 %s，重新开始。"
                    " / vector cache %s is damaged (%s); moved to %s and begun anew",
                    *(self.path, problem, aside) * 2,
                )
            self._connection = open_file(self.path)
        except (sqlite3.Error, OSError) as again:
            self._warn_once(again)


class CachedEncoder:
    """An encoder that encodes only what its cache lacks, and each distinct text once.

    Every batch is kept as soon as it is encoded, so an interrupted run goes on where it
    stopped. The cache may hold less than it was given; the vectors returned are complete.

    Args:
        encoder: Encodes what is missing.
        cache: Where vectors are kept.
        batch_size: Texts encoded, and kept, at a time.
        progress: Called with (texts done, texts in all), counting distinct texts: once
            the cache has been asked, and after each batch.

    Attributes:
        hits: Distinct texts taken from the cache so far.
        misses: Distinct texts encoded so far.
    """

    def __init__(
        self,
        encoder: Encoder,
        cache: VectorCache,
        *,
        batch_size: int = 256,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        if batch_size < 1:
            raise ValueError(
                f"batch_size 至少为 1，得到 {batch_size}。"
                f" / batch_size must be at least 1, not {batch_size}"
            )
        self._encoder = encoder
        self._cache = cache
        self._batch_size = batch_size
        self._progress = progress
        self.hits = 0
        self.misses = 0

    @property
    def fingerprint(self) -> str:
        return self._encoder.fingerprint

    @property
    def dim(self) -> int:
        return self._encoder.dim

    @property
    def max_chars(self) -> int:
        return self._encoder.max_chars

    def encode(self, texts: Sequence[str], *, role: Role) -> FloatArray:
        """One row per text, from the cache where it is there.

        Args:
            texts: What the encoder accepts.
            role: Whether the texts are queries or documents.

        Returns:
            (len(texts), dim) float32, rows of unit length.
        """
        distinct = list(dict.fromkeys(texts))
        vectors = self._known(distinct, role)
        missing = [text for text in distinct if text not in vectors]
        self.hits += len(vectors)
        self._report(len(vectors), len(distinct))
        for start in range(0, len(missing), self._batch_size):
            batch = missing[start : start + self._batch_size]
            encoded = dict(zip(batch, self._encoder.encode(batch, role=role), strict=True))
            self._cache.put_many(encoded, fingerprint=self.fingerprint, role=role)
            vectors |= encoded
            self.misses += len(batch)
            self._report(len(vectors), len(distinct))
        rows = np.empty((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            rows[row] = vectors[text]
        return rows

    def _known(self, texts: Sequence[str], role: Role) -> dict[str, FloatArray]:
        cached = self._cache.get_many(texts, fingerprint=self.fingerprint, role=role)
        return {text: vector for text, vector in cached.items() if self._is_whole(vector)}

    def _is_whole(self, vector: FloatArray) -> bool:
        # SQLite has no checksums: a flipped bit reads back as some other vector.
        with np.errstate(over="ignore", invalid="ignore"):
            return len(vector) == self.dim and abs(float(vector @ vector) - 1) < _LENGTH_TOLERANCE

    def _report(self, done: int, total: int) -> None:
        if self._progress is not None and total:
            self._progress(done, total)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
