"""Vectors for tests, and a disk that is soon full."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from embeddings.encoder import FloatArray


def unit(rows) -> FloatArray:
    rows = np.asarray(rows, dtype=np.float64)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def random_units(count: int, dim: int, *, seed: int = 0) -> FloatArray:
    return unit(np.random.default_rng(seed).standard_normal((count, dim)))


def clustered_units(count: int, dim: int, *, seed: int = 0, clusters: int = 60) -> FloatArray:
    """Vectors around common centres; the centres do not depend on the seed."""
    centres = np.random.default_rng(7).standard_normal((clusters, dim))
    rng = np.random.default_rng(seed)
    return unit(
        centres[rng.integers(clusters, size=count)] + 0.7 * rng.standard_normal((count, dim))
    )


@contextmanager
def full_disk(*, after_bytes: int) -> Iterator[None]:
    """No file of this process can grow beyond ``after_bytes``."""
    resource = pytest.importorskip("resource", reason="file size limits are a Unix feature")
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (after_bytes, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
