import errno
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings import build_model as build_module
from embeddings import install_folder, model_checks
from embeddings.build_model import ModelReport, build_model
from embeddings.encoder import FloatArray, Role
from embeddings.errors import ModelCheckFailed, ModelNotWritten, WeightsUnreadable
from embeddings.model_checks import check_model, known_item_ndcg
from embeddings.model_folder import INT8, WEIGHTS, read_manifest
from embeddings.onnx_session import OnnxEncoder
from tests.embeddings.mini_weights import write_mini

TITLES = ["电机", "motor", "12 km"]
PASSING = {"fp32_cosine": 1.0}


@pytest.fixture
def mini_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The build reads miniature weights and passes its check unless told otherwise."""
    path = write_mini(tmp_path / "mini.bin")
    monkeypatch.setattr(build_module, "find_weights", lambda: path)
    monkeypatch.setattr(build_module, "SentenceEncoder", lambda *_, **__: None)
    monkeypatch.setattr(build_module, "check_model", lambda *_, **__: PASSING)
    return path


def build(folder: Path) -> ModelReport:
    return build_model(folder, titles=TITLES, texts=TITLES)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_build_leaves_a_whole_model_and_nothing_beside_it(mini_source: Path, tmp_path: Path):
    report = build(tmp_path / "home" / "model")

    assert names_in(tmp_path / "home") == ["model"]
    assert report.manifest == read_manifest(report.folder)
    assert report.manifest.figures == PASSING
    assert report.manifest.sizes[WEIGHTS] == (report.folder / WEIGHTS).stat().st_size
    assert OnnxEncoder(report.folder).encode(["电机"], role=Role.QUERY).shape == (1, 32)


def test_the_same_weights_make_the_same_fingerprint_and_others_another(
    mini_source: Path, tmp_path: Path
):
    first = build(tmp_path / "a").manifest.fingerprint
    second = build(tmp_path / "b").manifest.fingerprint
    write_mini(mini_source, seed=1)
    other = build(tmp_path / "c").manifest.fingerprint

    assert first == second
    assert other != first


def test_a_model_that_fails_its_check_leaves_the_old_one_in_place(
    mini_source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    old = build(tmp_path / "home" / "model")
    write_mini(mini_source, seed=1)

    def fail(*_: Any, **__: Any) -> dict[str, float]:
        raise ModelCheckFailed("fp32_cosine < 0.999", {"fp32_cosine": 0.5})

    monkeypatch.setattr(build_module, "check_model", fail)
    with pytest.raises(ModelCheckFailed, match=r"0\.5000"):
        build(old.folder)

    assert read_manifest(old.folder) == old.manifest
    assert names_in(tmp_path / "home") == ["model"]


def test_a_better_model_replaces_the_old_one(mini_source: Path, tmp_path: Path):
    old = build(tmp_path / "model")
    write_mini(mini_source, seed=1)

    new = build(tmp_path / "model")

    assert read_manifest(tmp_path / "model") == new.manifest
    assert new.manifest.fingerprint != old.manifest.fingerprint


def test_a_model_without_one_of_its_files_is_rebuilt_in_place(mini_source: Path, tmp_path: Path):
    folder = build(tmp_path / "model").folder
    (folder / INT8).unlink()

    build(folder)

    assert (folder / INT8).is_file()


def test_an_interrupted_build_leaves_nothing_behind(
    mini_source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def interrupt(*_: Any, **__: Any) -> dict[str, float]:
        raise KeyboardInterrupt

    monkeypatch.setattr(build_module, "check_model", interrupt)
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path / "home" / "model")

    assert names_in(tmp_path / "home") == []


def test_an_interruption_between_the_two_renames_puts_the_old_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    target, scratch = tmp_path / "model", tmp_path / "scratch"
    for folder, content in ((target, "old"), (scratch / "model", "new")):
        folder.mkdir(parents=True)
        (folder / "weights").write_text(content)
    real = install_folder._move_away

    def move_and_stop(target: Path, retired: Path) -> None:
        real(target, retired)
        raise KeyboardInterrupt

    monkeypatch.setattr(install_folder, "_move_away", move_and_stop)

    with pytest.raises(KeyboardInterrupt):
        install_folder.install(scratch / "model", target)

    assert (target / "weights").read_text() == "old"


def test_a_folder_that_holds_something_else_is_never_touched(mini_source: Path, tmp_path: Path):
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work", encoding="utf-8")

    with pytest.raises(ModelNotWritten, match="something else"):
        build(folder)

    assert names_in(folder) == ["thesis.txt"]


def test_a_full_disk_is_reported_and_leaves_nothing_behind(
    mini_source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(build_module, "write_folder", full)
    with pytest.raises(ModelNotWritten, match="No space left") as caught:
        build(tmp_path / "home" / "model")

    assert caught.value.folder == tmp_path / "home" / "model"
    assert names_in(tmp_path / "home") == []


def test_damaged_weights_are_refused_before_anything_is_written(mini_source: Path, tmp_path: Path):
    mini_source.write_bytes(mini_source.read_bytes()[:3000])

    with pytest.raises(WeightsUnreadable):
        build(tmp_path / "home" / "model")

    assert not (tmp_path / "home" / "model").exists()


def test_two_builds_at_once_both_succeed(mini_source: Path, tmp_path: Path):
    target = tmp_path / "home" / "model"
    reports: list[ModelReport] = []
    threads = [threading.Thread(target=lambda: reports.append(build(target))) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(reports) == 4
    assert read_manifest(target) == reports[0].manifest
    assert names_in(tmp_path / "home") == ["model"]


def test_what_a_killed_build_left_is_swept_away_once_it_is_old(
    mini_source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    left = tmp_path / ".model.new-killed"
    left.mkdir()

    build(tmp_path / "model")
    assert left.exists()
    monkeypatch.setattr(install_folder, "_ABANDONED_AFTER_S", -1)
    build(tmp_path / "model")

    assert not left.exists()


class FixedEncoder:
    """Vectors by text, with the encoder protocol's other properties made up."""

    fingerprint, dim, max_chars = "fixed", 2, 100

    def __init__(self, vectors: dict[str, tuple[float, float]]) -> None:
        self.vectors = vectors

    def encode(self, texts: Sequence[str], *, role: Role) -> FloatArray:
        return np.array([self.vectors[text] for text in texts], dtype=np.float32)


class FakePackage:
    """Stands in for the source package."""

    class E5:
        def query(self, texts: list[str]) -> FloatArray:
            return GOOD.encode(texts, role=Role.QUERY)

        passage = query


GOOD = FixedEncoder({"north": (0, 1), "up": (0, 1), "east": (1, 0), "right": (1, 0)})
TURNED = FixedEncoder({"north": (1, 0), "up": (1, 0), "east": (0, 1), "right": (0, 1)})
MIXED = FixedEncoder({"north": (0, 1), "up": (1, 0), "east": (1, 0), "right": (0, 1)})


def run_check(
    fp32: FixedEncoder, int8: FixedEncoder, weighted: FixedEncoder | None = None
) -> dict[str, float]:
    return check_model(
        ["north", "east"],
        ["up", "right"],
        fp32=fp32,
        int8=int8,
        weighted=weighted or int8,
        progress=lambda _: None,
    )


@pytest.fixture
def fake_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_checks, "import_module", lambda _: FakePackage)


@pytest.mark.usefixtures("fake_package")
def test_a_model_like_its_source_passes_with_its_figures():
    assert run_check(GOOD, GOOD) == {
        "fp32_cosine": 1.0,
        "int8_cosine": 1.0,
        "fp32_ndcg@10": 1.0,
        "int8_ndcg@10": 1.0,
        "weighted_ndcg@10": 1.0,
        "pairs": 2.0,
    }


@pytest.mark.usefixtures("fake_package")
def test_vectors_unlike_the_source_s_fail_even_when_they_rank_alike():
    with pytest.raises(ModelCheckFailed, match="fp32_cosine") as caught:
        run_check(TURNED, GOOD)

    assert caught.value.figures["fp32_cosine"] == 0.0


@pytest.mark.usefixtures("fake_package")
def test_an_int8_file_that_ranks_worse_fails():
    with pytest.raises(ModelCheckFailed, match="int8_ndcg"):
        run_check(GOOD, MIXED)


@pytest.mark.usefixtures("fake_package")
def test_pooling_that_ranks_worse_than_plain_means_fails():
    with pytest.raises(ModelCheckFailed, match="weighted_ndcg"):
        run_check(GOOD, GOOD, MIXED)


def test_a_source_whose_engine_does_not_run_fails_the_check(monkeypatch: pytest.MonkeyPatch):
    def absent(_: str) -> None:
        raise ImportError("compiled engine not found")

    monkeypatch.setattr(model_checks, "import_module", absent)

    with pytest.raises(ModelCheckFailed, match="compiled engine not found"):
        run_check(GOOD, GOOD)


def test_a_check_without_pairs_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="titles and their texts"):
        check_model([" "], ["x"], fp32=GOOD, int8=GOOD, weighted=GOOD, progress=lambda _: None)


def test_known_item_ndcg_is_worked_out_by_hand():
    queries = np.eye(3, dtype=np.float32)
    documents = np.array([[1, 0, 0], [0.8, 0.6, 0], [0, 0.8, 0.6]], dtype=np.float32)

    # ranks 1, 2 and 1
    assert known_item_ndcg(queries, documents) == pytest.approx((2 + 1 / np.log2(3)) / 3)


@pytest.mark.model
def test_the_default_model_passed_its_checks(model_folder: Path):
    manifest = read_manifest(model_folder)

    assert manifest.figures["fp32_cosine"] >= 0.999
    assert manifest.figures["int8_ndcg@10"] >= manifest.figures["fp32_ndcg@10"] - 0.01
    assert manifest.sizes[INT8] < 45_000_000
    assert "MIT" in manifest.licence
    assert json.loads((model_folder / "config.json").read_text())["vocab_size"] == manifest.pieces
