"""Saved precedents come back as they were, or not at all."""

from pathlib import Path

import numpy as np
import pytest

from data.precedent_files import PrecedentMark, SavedPrecedents, load_precedents, save_precedents
from embeddings.index_errors import IndexBroken
from matcher.measured_pairs import MeasuredPairs
from matcher.precedents import Precedent, Precedents
from matcher.signals import NAMES

MARK = PrecedentMark(seen="data/7", learnt_from="three decisions")


def made() -> SavedPrecedents:
    rng = np.random.default_rng(0)
    places = rng.normal(size=(2, 3, 5)).astype(np.float32)
    values = rng.normal(size=(3, len(NAMES)))
    values[0, 0] = np.nan
    measured = MeasuredPairs(tuple(("n", f"a{i}") for i in range(3)), *places, values)
    pull = rng.normal(size=(3, 4)).astype(np.float32)
    judged = [Precedent("n", f"a{i}", level) for i, level in enumerate((1, 2.5, 4))]
    precedents = Precedents.of(judged, pull, queries=places[0], documents=places[1], values=values)
    return SavedPrecedents(MARK, precedents, measured)


def test_what_is_saved_is_what_is_loaded(tmp_path: Path):
    save_precedents(made(), tmp_path)

    loaded = load_precedents(tmp_path)

    assert loaded.mark == MARK
    assert loaded.precedents.judged == made().precedents.judged
    assert loaded.measured.ids == made().measured.ids
    for name in ("queries", "documents", "values"):
        np.testing.assert_array_equal(
            getattr(loaded.measured, name), getattr(made().measured, name)
        )
    np.testing.assert_array_equal(loaded.precedents.pull, made().precedents.pull)
    np.testing.assert_array_equal(loaded.precedents.pairs.signals, made().precedents.pairs.signals)


@pytest.mark.parametrize("name", ["queries", "documents", "values", "pull"])
def test_a_damaged_file_is_found(tmp_path: Path, name: str):
    save_precedents(made(), tmp_path)
    (file,) = tmp_path.glob(f"generation-*/{name}.npy")
    file.write_bytes(file.read_bytes()[:-4] + b"oops")

    with pytest.raises(IndexBroken):
        load_precedents(tmp_path)


def test_files_of_other_signals_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    save_precedents(made(), tmp_path)
    monkeypatch.setattr("data.precedent_files._SIGNALS", "2/others")

    with pytest.raises(IndexBroken):
        load_precedents(tmp_path)


def test_arrays_that_do_not_fit_together_are_refused(tmp_path: Path):
    saved = made()
    fewer = SavedPrecedents(MARK, saved.precedents, saved.measured.of([("n", "a0")]))
    save_precedents(fewer, tmp_path)

    with pytest.raises(IndexBroken):
        load_precedents(tmp_path)
