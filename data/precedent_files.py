"""Learnt precedents on disk: the same atomic snapshots as the indexes beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from embeddings.index import IndexManifest
from embeddings.index_files import FORMAT_VERSION, Snapshot, read_snapshot, write_snapshot
from matcher.measured_pairs import MeasuredPairs
from matcher.precedents import Precedent, Precedents
from matcher.signals import NAMES

_SIGNALS = f"1/{','.join(NAMES)}"
"""Changes with the signals; its number, when one is measured in another way."""

_ARRAYS = ("queries", "documents", "values", "pull")


@dataclass(frozen=True, slots=True)
class PrecedentMark:
    """What precedents were made from.

    Attributes:
        seen: Names everything that measured values depend on: items, model, graph, settings.
        learnt_from: Names the ranker and the decisions.
    """

    seen: str
    learnt_from: str


@dataclass(frozen=True, slots=True, eq=False)
class SavedPrecedents:
    """Precedents with the pairs that they rest on; of those a later learning makes use."""

    mark: PrecedentMark
    precedents: Precedents
    measured: MeasuredPairs


def save_precedents(saved: SavedPrecedents, folder: Path) -> None:
    """Write them; a kill at any moment leaves the old ones or the new ones.

    Raises:
        IndexBusy: another process keeps saving into the folder.
        OSError: the disk is full or the folder cannot be written; the old ones stay.
    """
    measured = saved.measured
    arrays: dict[str, NDArray[Any]] = {
        "queries": measured.queries,
        "documents": measured.documents,
        "values": measured.values,
        "pull": saved.precedents.pull,
    }
    manifest = IndexManifest(
        fingerprint=_SIGNALS,
        data_version=saved.mark.seen,
        kind="precedents",
        dim=measured.queries.shape[1],
        count=len(measured),
        format_version=FORMAT_VERSION,
    )
    home = {
        "learnt_from": saved.mark.learnt_from,
        "judged": [[one.query_id, one.document_id, one.level] for one in saved.precedents.judged],
    }
    writers = {f"{name}.npy": partial(_write, array) for name, array in arrays.items()}
    write_snapshot(folder, manifest, writers, home=home)


def load_precedents(folder: Path) -> SavedPrecedents:
    """The saved ones.

    Raises:
        IndexBroken: nothing there, of other signals, or a file missing, cut short or altered.
    """
    return read_snapshot(folder, _open)[0]


def _write(array: NDArray[Any], file: BinaryIO) -> None:
    np.save(file, array, allow_pickle=False)


def _open(snapshot: Snapshot) -> SavedPrecedents:
    if snapshot.manifest.fingerprint != _SIGNALS:
        raise ValueError("of other signals")
    judged = [
        Precedent(query, document, level) for query, document, level in snapshot.home["judged"]
    ]
    arrays = {name: np.load(snapshot.folder / f"{name}.npy") for name in _ARRAYS}
    _require_rows(arrays, len(judged))
    pull = arrays.pop("pull")
    return SavedPrecedents(
        PrecedentMark(snapshot.manifest.data_version, snapshot.home["learnt_from"]),
        Precedents.of(judged, pull, **arrays),
        MeasuredPairs(tuple((one.query_id, one.document_id) for one in judged), **arrays),
    )


def _require_rows(arrays: Mapping[str, NDArray[Any]], rows: int) -> None:
    widths = {"values": len(NAMES), "pull": 4}
    for name, array in arrays.items():
        width = widths.get(name, arrays["queries"].shape[-1])
        if array.shape != (rows, width):
            raise ValueError(f"{name} is of shape {array.shape}, not {(rows, width)}")
