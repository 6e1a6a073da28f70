"""Vectors kept between runs."""

import logging
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from embeddings.cache import CachedEncoder, VectorCache
from embeddings.encoder import Role
from embeddings.hashing_encoder import HashingEncoder
from tests.embeddings.vectors import full_disk

REPOSITORY = Path(__file__).parents[2]
TEXTS = ["永磁电机", "陶瓷轴承", "谐波减速器"]


class Counting(HashingEncoder):
    """Remembers each call; can be told to fail at one."""

    def __init__(self, dim=16, *, name="counting", fails_at=None):
        super().__init__(dim)
        self.calls, self._name, self._fails_at = [], name, fails_at

    @property
    def fingerprint(self):
        return self._name

    def encode(self, texts, *, role):
        if len(self.calls) == self._fails_at:
            raise KeyboardInterrupt
        self.calls.append(list(texts))
        return super().encode(texts, role=role)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "deep" / "vectors.sqlite3"


@pytest.fixture
def open_cache(path):
    opened = []

    def open_one(where=path):
        opened.append(VectorCache(where))
        return opened[-1]

    yield open_one
    for cache in opened:
        cache.close()


def damaged_aside(path: Path) -> list[Path]:
    """Databases moved aside, without the logs that belong to them."""
    return [
        file for file in path.parent.glob("*.damaged-*") if file.name[-4:] not in ("-wal", "-shm")
    ]


def overwrite_pages(path: Path) -> None:
    """Damages all but the first page, in place."""
    pages = bytearray(path.read_bytes())
    pages[4_096:] = b"\xff" * (len(pages) - 4_096)
    path.write_bytes(pages)


def test_a_second_run_encodes_nothing(open_cache):
    first = CachedEncoder(Counting(), open_cache())
    vectors = first.encode(TEXTS, role=Role.DOCUMENT)

    encoder = Counting()
    second = CachedEncoder(encoder, open_cache())
    again = second.encode(TEXTS[::-1], role=Role.DOCUMENT)

    assert (first.hits, first.misses) == (0, 3)
    assert (second.hits, second.misses) == (3, 0)
    assert encoder.calls == []
    np.testing.assert_array_equal(again, vectors[::-1])
    assert again.dtype == np.float32


def test_vectors_are_those_of_the_encoder(open_cache):
    encoder = CachedEncoder(Counting(), open_cache())

    np.testing.assert_array_equal(
        encoder.encode(TEXTS, role=Role.QUERY), Counting().encode(TEXTS, role=Role.QUERY)
    )


def test_it_passes_for_the_encoder_that_it_wraps(open_cache):
    encoder = CachedEncoder(Counting(), open_cache())

    assert (encoder.fingerprint, encoder.dim, encoder.max_chars) == ("counting", 16, 2_000)


def test_each_distinct_text_is_encoded_once(open_cache):
    encoder = Counting()
    cached = CachedEncoder(encoder, open_cache())

    vectors = cached.encode(["a", "b", "a", "a"], role=Role.QUERY)

    assert encoder.calls == [["a", "b"]]
    assert cached.misses == 2
    np.testing.assert_array_equal(vectors[0], vectors[3])


def test_only_what_is_missing_is_encoded(open_cache):
    encoder = Counting()
    cached = CachedEncoder(encoder, open_cache())
    cached.encode(["a"], role=Role.QUERY)

    cached.encode(["b", "a", "c"], role=Role.QUERY)

    assert encoder.calls == [["a"], ["b", "c"]]


@pytest.mark.parametrize(
    "other",
    [
        {"encoder": Counting(name="another")},
        {"encoder": Counting(dim=8)},
        {"role": Role.DOCUMENT},
        {"texts": [" a"]},
    ],
    ids=["fingerprint", "width", "role", "text"],
)
def test_vectors_of_another_kind_are_never_mixed_in(open_cache, other):
    cache = open_cache()
    CachedEncoder(Counting(), cache).encode(["a"], role=Role.QUERY)

    encoder = CachedEncoder(other.get("encoder", Counting()), cache)
    vectors = encoder.encode(other.get("texts", ["a"]), role=other.get("role", Role.QUERY))

    assert (encoder.hits, encoder.misses) == (0, 1)
    assert vectors.shape == (1, encoder.dim)


def test_an_interrupted_run_keeps_its_finished_batches(open_cache):
    texts = [f"text {n}" for n in range(10)]
    interrupted = CachedEncoder(Counting(fails_at=2), open_cache(), batch_size=3)
    with pytest.raises(KeyboardInterrupt):
        interrupted.encode(texts, role=Role.DOCUMENT)

    encoder = Counting()
    CachedEncoder(encoder, open_cache(), batch_size=3).encode(texts, role=Role.DOCUMENT)

    assert encoder.calls == [texts[6:9], texts[9:]]


def test_progress_counts_distinct_texts_from_the_cached_ones_on(open_cache):
    cache = open_cache()
    CachedEncoder(Counting(), cache).encode(["a", "b"], role=Role.QUERY)
    seen = []

    encoder = CachedEncoder(
        Counting(), cache, batch_size=2, progress=lambda done, total: seen.append((done, total))
    )
    encoder.encode(["a", "b", "c", "d", "e", "e"], role=Role.QUERY)

    assert seen == [(2, 5), (4, 5), (5, 5)]


def test_no_texts_give_no_rows_and_no_progress(open_cache):
    seen = []
    encoder = CachedEncoder(Counting(), open_cache(), progress=lambda *step: seen.append(step))

    assert encoder.encode([], role=Role.QUERY).shape == (0, 16)
    assert seen == []


def test_a_batch_size_below_one_is_refused(open_cache):
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        CachedEncoder(Counting(), open_cache(), batch_size=0)


def test_thousands_of_texts_come_back(open_cache):
    texts = [f"text {n}" for n in range(2_345)]
    cache = open_cache()
    CachedEncoder(Counting(), cache).encode(texts, role=Role.QUERY)

    encoder = CachedEncoder(Counting(), cache)
    encoder.encode(texts, role=Role.QUERY)

    assert (encoder.hits, encoder.misses) == (2_345, 0)


def test_a_text_that_is_no_valid_unicode_is_kept_too(open_cache):
    encoder = CachedEncoder(Counting(), open_cache())

    encoder.encode(["电\udcff"], role=Role.QUERY)
    encoder.encode(["电\udcff"], role=Role.QUERY)

    assert (encoder.hits, encoder.misses) == (1, 1)


@pytest.mark.parametrize(
    "vector", [b"", b"abc", b"\0" * 64, b"\0" * 60, b"\xff" * 64, b"\x7f" * 64]
)
def test_a_vector_that_does_not_read_back_whole_is_encoded_again(open_cache, path, vector):
    CachedEncoder(Counting(), open_cache()).encode(["a"], role=Role.QUERY)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE vectors SET vector = ?", (vector,))
    connection.close()

    encoder = CachedEncoder(Counting(), open_cache())
    vectors = encoder.encode(["a"], role=Role.QUERY)

    assert encoder.misses == 1
    np.testing.assert_array_equal(vectors, Counting().encode(["a"], role=Role.QUERY))


@pytest.mark.parametrize(
    "content", [b"this is no database " * 100, b"SQLite format 3\0" + b"\xff" * 5_000]
)
def test_a_damaged_file_is_moved_aside_and_begun_anew(open_cache, path, caplog, content):
    path.parent.mkdir()
    path.write_bytes(content)

    encoder = CachedEncoder(Counting(), open_cache())
    encoder.encode(TEXTS, role=Role.QUERY)
    encoder.encode(TEXTS, role=Role.QUERY)

    assert (encoder.hits, encoder.misses) == (3, 3)
    [aside] = damaged_aside(path)
    assert aside.read_bytes() == content
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert aside.name in record.getMessage()


@pytest.mark.parametrize("share", [0.0, 0.01, 0.2, 0.5, 0.9, 0.999])
def test_a_file_cut_short_never_stops_encoding(open_cache, path, caplog, share):
    texts = [f"text {n}" for n in range(500)]
    cache = open_cache()
    expected = CachedEncoder(Counting(dim=64), cache).encode(texts, role=Role.QUERY)
    cache.close()
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])

    encoder = CachedEncoder(Counting(dim=64), open_cache())
    vectors = encoder.encode(texts, role=Role.QUERY)
    encoder.encode(texts, role=Role.QUERY)

    np.testing.assert_array_equal(vectors, expected)
    assert encoder.hits >= 500
    assert len(damaged_aside(path)) == len(caplog.records) <= 1


def test_a_file_damaged_while_open_is_begun_anew(open_cache, path):
    texts = [f"text {n}" for n in range(500)]
    writer = open_cache()
    CachedEncoder(Counting(dim=64), writer).encode(texts, role=Role.QUERY)
    writer.close()
    reader = open_cache()
    overwrite_pages(path)

    encoder = CachedEncoder(Counting(dim=64), reader)
    encoder.encode(texts, role=Role.QUERY)
    encoder.encode(texts, role=Role.QUERY)

    assert encoder.hits == 500
    assert len(damaged_aside(path)) == 1


def test_what_another_process_has_mended_is_not_moved_aside_again(open_cache, path):
    texts = [f"text {n}" for n in range(500)]
    writer = open_cache()
    CachedEncoder(Counting(dim=64), writer).encode(texts, role=Role.QUERY)
    writer.close()
    first, second = open_cache(), open_cache()
    overwrite_pages(path)

    CachedEncoder(Counting(dim=64), first).encode(texts, role=Role.QUERY)
    encoder = CachedEncoder(Counting(dim=64), second)
    encoder.encode(texts, role=Role.QUERY)
    encoder.encode(texts, role=Role.QUERY)

    assert encoder.hits >= 500
    assert len(damaged_aside(path)) == 1


def test_where_no_file_can_be_made_encoding_goes_on_with_one_warning(open_cache, tmp_path, caplog):
    (tmp_path / "file").write_text("not a folder")

    encoder = CachedEncoder(Counting(), open_cache(tmp_path / "file" / "cache.sqlite3"))
    encoder.encode(TEXTS, role=Role.QUERY)
    vectors = encoder.encode(TEXTS, role=Role.QUERY)

    assert (encoder.hits, encoder.misses) == (0, 6)
    np.testing.assert_array_equal(vectors, Counting().encode(TEXTS, role=Role.QUERY))
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_on_a_full_disk_encoding_goes_on_with_one_warning(open_cache, path, caplog):
    texts = [f"text {n}" for n in range(300)]
    encoder = CachedEncoder(Counting(dim=512), open_cache(), batch_size=20)
    encoder.encode(texts[:20], role=Role.QUERY)

    with full_disk(after_bytes=100_000):
        vectors = encoder.encode(texts, role=Role.QUERY)

    np.testing.assert_array_equal(vectors, Counting(dim=512).encode(texts, role=Role.QUERY))
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    encoder.encode(texts, role=Role.QUERY)
    before = encoder.misses
    encoder.encode(texts, role=Role.QUERY)
    assert encoder.misses == before
    assert damaged_aside(path) == []


def test_processes_that_open_and_fill_one_file_at_once_lose_nothing(open_cache, path):
    code = """
import logging, sys, time
from pathlib import Path
from embeddings.cache import CachedEncoder, VectorCache
from embeddings.encoder import Role
from embeddings.hashing_encoder import HashingEncoder

where, first, log, starting_time = sys.argv[1:]
logging.basicConfig(level=logging.WARNING, handlers=[logging.FileHandler(log)])
texts = [f"text {n}" for n in range(int(first), int(first) + 200)]
while time.time() < float(starting_time):
    pass
CachedEncoder(HashingEncoder(16), VectorCache(Path(where)), batch_size=5).encode(
    texts, role=Role.QUERY
)
"""
    starting_time = time.time() + 1
    firsts = (0, 100, 200)
    logs = [path.parent.with_name(f"{first}.log") for first in firsts]
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code, *map(str, (path, first, log, starting_time))],
            cwd=REPOSITORY,
        )
        for first, log in zip(firsts, logs, strict=True)
    ]
    assert [run.wait(60) for run in runs] == [0, 0, 0]

    encoder = CachedEncoder(HashingEncoder(16), open_cache())
    encoder.encode([f"text {n}" for n in range(400)], role=Role.QUERY)

    assert (encoder.hits, encoder.misses) == (400, 0)
    assert [log.read_text() for log in logs] == ["", "", ""]


def test_a_closed_cache_is_empty_and_keeps_nothing(open_cache):
    cache = open_cache()
    encoder = CachedEncoder(Counting(), cache)
    encoder.encode(TEXTS, role=Role.QUERY)

    cache.close()
    encoder.encode(TEXTS, role=Role.QUERY)

    assert (encoder.hits, encoder.misses) == (0, 6)
