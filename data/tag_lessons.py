"""What people's statements taught the chain tagger, on disk as an atomic snapshot."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from embeddings.encoder import FloatArray
from embeddings.index import IndexManifest
from embeddings.index_files import FORMAT_VERSION, Snapshot, read_snapshot, write_snapshot
from matcher.tag_types import Learned, Lesson


@dataclass(frozen=True, slots=True)
class SavedLesson:
    """A lesson with what it was made from.

    Attributes:
        made_from: Names definitions, model and statements; the same ones teach the same.
    """

    made_from: str
    lesson: Lesson


def save_lesson(saved: SavedLesson, folder: Path) -> None:
    """Write it; a kill at any moment leaves the old one or the new one.

    Raises:
        IndexBusy: another process keeps saving into the folder.
        OSError: the disk is full or the folder cannot be written; the old one stays.
    """
    lesson = saved.lesson
    arrays: dict[str, FloatArray] = {}
    home: dict[str, Any] = {"taught": lesson.taught, "untaught": lesson.untaught, "share": None}
    if lesson.learned is not None:
        arrays = {
            "coefficients.npy": lesson.learned.coefficients,
            "intercepts.npy": lesson.learned.intercepts,
        }
        home["share"] = lesson.learned.share
    manifest = IndexManifest(
        fingerprint=saved.made_from,
        data_version="",
        kind="tag lesson",
        dim=0 if lesson.learned is None else lesson.learned.coefficients.shape[1],
        count=lesson.labels,
        format_version=FORMAT_VERSION,
    )
    write_snapshot(
        folder, manifest, {name: partial(_write, a) for name, a in arrays.items()}, home=home
    )


def load_lesson(folder: Path) -> SavedLesson:
    """The saved one.

    Raises:
        IndexBroken: nothing there, or a file is missing, cut short or altered.
        OSError: the folder cannot be read.
    """
    return read_snapshot(folder, _open)[0]


def _write(array: FloatArray, file: BinaryIO) -> None:
    np.save(file, array, allow_pickle=False)


def _open(snapshot: Snapshot) -> SavedLesson:
    home = snapshot.home
    lesson = Lesson(
        learned=None if home["share"] is None else _learned(snapshot),
        labels=snapshot.manifest.count,
        taught=home["taught"],
        untaught=home["untaught"],
    )
    return SavedLesson(snapshot.manifest.fingerprint, lesson)


def _learned(snapshot: Snapshot) -> Learned:
    coefficients, intercepts = (
        np.load(snapshot.folder / name, allow_pickle=False)
        for name in ("coefficients.npy", "intercepts.npy")
    )
    if coefficients.shape != (len(intercepts), snapshot.manifest.dim):
        raise ValueError(f"coefficients of shape {coefficients.shape}")
    return Learned(coefficients, intercepts, float(snapshot.home["share"]))
