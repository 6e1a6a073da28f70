"""Saving and loading: whole or not at all, and never a broken index taken for a sound one."""

import json
import os
import sqlite3
import subprocess
import sys
import time
import tracemalloc
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from embeddings import index_files
from embeddings.exact_index import ExactIndex
from embeddings.faiss_index import FaissIndex
from embeddings.index import IndexManifest
from embeddings.index_errors import IndexBroken, IndexBusy
from embeddings.index_store import open_index
from tests.embeddings.homes import HOMES, Home
from tests.embeddings.vectors import full_disk, random_units

REPOSITORY = Path(__file__).parents[2]
VECTORS = random_units(40, 8)
IDS = [f"文献-{n}" for n in range(40)]


@pytest.fixture(params=HOMES, ids=lambda each: each.name)
def index_home(request) -> Home:
    return request.param


@pytest.fixture
def folder(index_home, tmp_path) -> Path:
    index = index_home.make(8)
    index.add(IDS, VECTORS)
    index.save(tmp_path / "deep" / "index", fingerprint="model-1", data_version="v1")
    return tmp_path / "deep" / "index"


def saved_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)


def run_python(code: str, *arguments: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, cwd=REPOSITORY)


def test_a_loaded_index_is_the_saved_one(index_home, folder):
    index, manifest = index_home.load(folder)

    assert manifest == IndexManifest("model-1", "v1", index_home.name, 8, 40, 1)
    assert index.ids() == IDS
    np.testing.assert_array_equal(index.vectors(IDS), VECTORS)
    assert [hits[0].id for hits in index.search(VECTORS, k=1)] == IDS


def test_an_empty_index_can_be_saved_and_loaded(index_home, tmp_path):
    index_home.make(5).save(tmp_path, fingerprint="f", data_version="v")

    index, manifest = index_home.load(tmp_path)

    assert (index.dim, len(index), manifest.count) == (5, 0, 0)
    index.add(["a"], random_units(1, 5))
    assert len(index) == 1


def test_the_store_opens_the_home_that_was_saved(index_home, folder):
    index, manifest = open_index(folder)

    assert type(index) is type(index_home.make(8))
    assert index.kind == manifest.kind == index_home.name


def test_the_exact_home_reads_what_any_home_saved(index_home, folder):
    index, _ = ExactIndex.load(folder)

    np.testing.assert_array_equal(index.vectors(IDS), VECTORS)


def test_the_faiss_home_takes_over_an_exact_index(tmp_path):
    exact = ExactIndex(8)
    exact.add(IDS, VECTORS)
    exact.save(tmp_path, fingerprint="f", data_version="v")

    index, _ = FaissIndex.load(tmp_path)

    assert index.kind == "flat"
    assert index.search(VECTORS, k=3) == exact.search(VECTORS, k=3)


def test_changes_to_a_loaded_index_stay_in_memory_until_saved(index_home, folder):
    index, _ = index_home.load(folder)
    index.replace(IDS[:2], VECTORS[2:4])
    index.remove(IDS[10:20])
    index.add(["new"], VECTORS[:1])

    untouched, _ = index_home.load(folder)
    assert untouched.ids() == IDS
    np.testing.assert_array_equal(untouched.vectors(IDS), VECTORS)

    index.save(folder, fingerprint="model-1", data_version="v2")
    changed, manifest = index_home.load(folder)
    assert manifest.data_version == "v2"
    assert sorted(changed.ids()) == sorted(index.ids())
    assert changed.search(VECTORS, k=3) == index.search(VECTORS, k=3)


def test_a_loaded_index_outlives_the_files_it_was_loaded_from(index_home, folder):
    index, _ = index_home.load(folder)

    index_home.make(8).save(folder, fingerprint="model-1", data_version="v2")

    assert [hits[0].id for hits in index.search(VECTORS, k=1)] == IDS


def test_loading_does_not_read_the_vectors_into_memory(index_home, tmp_path):
    index = index_home.make(512)
    index.add([str(n) for n in range(4_000)], random_units(4_000, 512))
    index.save(tmp_path, fingerprint="f", data_version="v")
    vector_bytes = 4_000 * 512 * 4

    tracemalloc.start()
    try:
        loaded, _ = index_home.load(tmp_path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(loaded) == 4_000
    # Two megabytes of each file are read for its digest.
    assert peak < vector_bytes / 2


def test_a_file_cut_short_anywhere_is_found_before_use(folder):
    for path in saved_files(folder):
        whole = path.read_bytes()
        for cut in {0, 1, *np.linspace(2, len(whole) - 1, 12, dtype=int).tolist()}:
            path.write_bytes(whole[:cut])
            with pytest.raises(IndexBroken) as caught:
                open_index(folder)
            assert caught.value.folder == folder
        path.write_bytes(whole)
    open_index(folder)


def test_a_missing_file_is_found(folder):
    for path in saved_files(folder):
        whole = path.read_bytes()
        path.unlink()
        with pytest.raises(IndexBroken, match="rebuild"):
            open_index(folder)
        path.write_bytes(whole)


def test_an_altered_byte_is_found(folder):
    for path in saved_files(folder):
        if path.name == "manifest.json":
            continue
        whole = path.read_bytes()
        for place in (0, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            with pytest.raises(IndexBroken, match="altered"):
                open_index(folder)
        path.write_bytes(whole)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"format_version": 2}, "newer"),
        ({"format_version": "two"}, "not readable"),
        ({"kind": "tree"}, "unknown kind"),
        ({"count": 41}, "40 ids instead of 41"),
        ({"dim": 9}, "width 9"),
        ({"files": None}, "NoneType"),
        ({"generation": "generation-lost"}, "No such file"),
    ],
)
def test_a_manifest_that_does_not_fit_its_files_is_refused(folder, change, reason):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))

    with pytest.raises(IndexBroken, match=reason):
        FaissIndex.load(folder)


def test_a_manifest_that_lacks_a_fact_is_refused(folder):
    path = folder / "manifest.json"
    content = json.loads(path.read_text())
    for name in content:
        path.write_text(json.dumps({k: v for k, v in content.items() if k != name}))
        with pytest.raises(IndexBroken):
            FaissIndex.load(folder)


@pytest.mark.parametrize("content", ["", "[]", "null", "{", "\udcff"])
def test_a_manifest_that_is_no_manifest_is_refused(index_home, tmp_path, content):
    (tmp_path / "manifest.json").write_bytes(content.encode("utf-8", "surrogateescape"))

    with pytest.raises(IndexBroken):
        index_home.load(tmp_path)


def test_a_folder_without_an_index_is_refused(index_home, tmp_path):
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(IndexBroken, match="rebuild"):
            index_home.load(place)
        with pytest.raises(IndexBroken, match="rebuild"):
            open_index(place)


def test_a_save_that_fails_before_the_rename_leaves_the_old_index(index_home, folder, monkeypatch):
    before = saved_files(folder)

    def refuse(*_):
        raise PermissionError("no")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError):
        index_home.make(8).save(folder, fingerprint="model-1", data_version="v2")

    index, manifest = index_home.load(folder)
    assert (manifest.data_version, index.ids()) == ("v1", IDS)
    assert saved_files(folder) == before


def test_a_failed_save_leaves_even_an_index_that_it_cannot_read(index_home, folder, monkeypatch):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format_version": 2}))
    before = saved_files(folder)

    def refuse(*_):
        raise PermissionError("no")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError):
        index_home.make(8).save(folder, fingerprint="model-1", data_version="v2")

    assert saved_files(folder) == before


def test_an_interrupt_just_after_the_rename_leaves_the_new_index(index_home, folder, monkeypatch):
    rename = os.replace

    def interrupted(*paths):
        rename(*paths)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        index_home.make(8).save(folder, fingerprint="model-1", data_version="v2")

    _, manifest = index_home.load(folder)
    assert manifest.data_version == "v2"


def test_a_full_disk_leaves_the_old_index(index_home, folder):
    before = saved_files(folder)
    larger = index_home.make(64)
    larger.add([str(n) for n in range(1_000)], random_units(1_000, 64))

    with full_disk(after_bytes=50_000), pytest.raises(OSError, match="File too large"):
        larger.save(folder, fingerprint="model-1", data_version="v2")

    index, _ = index_home.load(folder)
    assert index.ids() == IDS
    assert saved_files(folder) == before


def test_a_folder_that_another_process_keeps_locked_is_busy(tmp_path, monkeypatch):
    monkeypatch.setattr(index_files, "_LOCK_TIMEOUT_S", 0.05)
    ExactIndex(8).save(tmp_path, fingerprint="f", data_version="v1")

    with closing(sqlite3.connect(tmp_path / "writer.lock", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(IndexBusy, match="still saving"):
            ExactIndex(8).save(tmp_path, fingerprint="f", data_version="v2")

    assert index_files.read_manifest(tmp_path).data_version == "v1"
    ExactIndex(8).save(tmp_path, fingerprint="f", data_version="v3")
    assert index_files.read_manifest(tmp_path).data_version == "v3"


def test_a_folder_that_cannot_be_written_is_reported_as_such(tmp_path):
    (tmp_path / "writer.lock").mkdir()

    with pytest.raises(OSError, match="cannot write"):
        ExactIndex(8).save(tmp_path, fingerprint="f", data_version="v1")


@pytest.mark.parametrize("complaint", [FileNotFoundError, RuntimeError])
def test_reading_starts_again_when_a_save_takes_the_files_away(tmp_path, complaint):
    ExactIndex(8).save(tmp_path, fingerprint="f", data_version="v1")
    seen = []

    def build(snapshot):
        seen.append(snapshot.manifest.data_version)
        if len(seen) == 1:
            ExactIndex(8).save(tmp_path, fingerprint="f", data_version="v2")
            raise complaint("gone")
        return (snapshot.folder / "ids.json").read_text()

    built, manifest = index_files.read_snapshot(tmp_path, build)

    assert seen == ["v1", "v2"]
    assert (built, manifest.data_version) == ("[]", "v2")


def test_reading_gives_up_when_every_read_is_overtaken_by_a_save(tmp_path):
    ExactIndex(8).save(tmp_path, fingerprint="f", data_version="v")

    def build(snapshot):
        ExactIndex(8).save(tmp_path, fingerprint="f", data_version="v")
        return (snapshot.folder / "ids.json").read_text()

    with pytest.raises(IndexBroken, match="over and over"):
        index_files.read_snapshot(tmp_path, build)


def test_a_kill_at_any_step_of_a_save_leaves_the_old_index_or_the_new_one(tmp_path):
    old = ExactIndex(8)
    old.add(IDS, VECTORS)
    killed_in_save = """
import os, sys
from pathlib import Path
import numpy as np
from embeddings import index_files
from embeddings.exact_index import ExactIndex

steps_left = int(sys.argv[2])

def deadly(call):
    def step(*arguments, **options):
        global steps_left
        steps_left -= 1
        if not steps_left:
            os._exit(9)
        return call(*arguments, **options)
    return step

os.fsync, os.replace, os.rmdir = map(deadly, (os.fsync, os.replace, os.rmdir))
index = ExactIndex(8)
index.add(["new"], np.eye(8, dtype=np.float32)[:1])
index.save(Path(sys.argv[1]), fingerprint="f", data_version="v2")
"""
    seen = []
    for steps in range(1, 20):
        old.save(tmp_path, fingerprint="f", data_version="v1")
        exit_code = run_python(killed_in_save, tmp_path, steps).wait(60)
        index, manifest = ExactIndex.load(tmp_path)
        assert index.ids() == {"v1": IDS, "v2": ["new"]}[manifest.data_version]
        seen.append(manifest.data_version)
        if exit_code == 0:
            break
        assert exit_code == 9

    assert exit_code == 0
    assert seen == sorted(seen)
    assert seen.count("v1") >= 5
    assert seen.count("v2") >= 2
    # What the killed ones left behind is gone.
    assert len(list(tmp_path.glob("generation-*"))) == 1


def test_two_processes_may_save_while_a_third_loads(tmp_path):
    save_often = """
import sys
from pathlib import Path
import numpy as np
from embeddings import index_files
from embeddings.exact_index import ExactIndex

axis = int(sys.argv[2])
index = ExactIndex(8)
index.add([f"{axis}-{n}" for n in range(50)], np.tile(np.eye(8, dtype=np.float32)[axis], (50, 1)))
for _ in range(25):
    index.save(Path(sys.argv[1]), fingerprint="f", data_version=str(axis))
"""
    ExactIndex(8).save(tmp_path, fingerprint="f", data_version="none")

    savers = [run_python(save_often, tmp_path, axis) for axis in (0, 1)]
    seen = set()
    deadline = time.monotonic() + 60
    while any(saver.poll() is None for saver in savers) and time.monotonic() < deadline:
        index, manifest = ExactIndex.load(tmp_path)
        seen.add(manifest.data_version)
        if len(index):
            axis = int(manifest.data_version)
            assert set(index.ids()) == {f"{axis}-{n}" for n in range(50)}
            assert index.vectors(index.ids())[:, axis].min() == 1

    assert [saver.wait(60) for saver in savers] == [0, 0]
    assert {"0", "1"} & seen
    assert len(list(tmp_path.glob("generation-*"))) == 1


def test_the_exact_home_is_opened_without_loading_faiss(tmp_path):
    ExactIndex(8).save(tmp_path, fingerprint="f", data_version="v")
    code = """
import sys
from pathlib import Path
from embeddings.index_store import open_index

open_index(Path(sys.argv[1]))
sys.exit("faiss" in sys.modules)
"""

    assert run_python(code, tmp_path).wait(60) == 0
