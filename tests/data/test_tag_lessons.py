"""A lesson of the tagger survives on disk, and a damaged one is told."""

from pathlib import Path

import numpy as np
import pytest

from data.tag_lessons import SavedLesson, load_lesson, save_lesson
from embeddings.index_errors import IndexBroken
from matcher.tag_types import Learned, Lesson

COEFFICIENTS = np.arange(6, dtype=np.float32).reshape(2, 3)
LEARNED = Learned(COEFFICIENTS, np.array([0.5, -1.0], np.float32), share=0.5)
TAUGHT = SavedLesson("made", Lesson(learned=LEARNED, labels=50, taught=0.9, untaught=0.8))


def test_a_lesson_comes_back_as_it_was(tmp_path: Path):
    save_lesson(TAUGHT, tmp_path)

    found = load_lesson(tmp_path)

    assert found.made_from == "made"
    assert (found.lesson.labels, found.lesson.taught, found.lesson.untaught) == (50, 0.9, 0.8)
    assert found.lesson.learned is not None
    assert found.lesson.learned.share == 0.5
    np.testing.assert_array_equal(found.lesson.learned.coefficients, COEFFICIENTS)
    np.testing.assert_array_equal(found.lesson.learned.intercepts, LEARNED.intercepts)


def test_that_nothing_was_learned_is_kept_too(tmp_path: Path):
    save_lesson(TAUGHT, tmp_path)
    nothing = Lesson(learned=None, labels=60, taught=None, untaught=None)
    save_lesson(SavedLesson("later", nothing), tmp_path)

    found = load_lesson(tmp_path)

    assert found.made_from == "later"
    assert found.lesson.learned is None
    assert found.lesson.taught is None


def test_a_file_that_is_cut_short_is_told(tmp_path: Path):
    save_lesson(TAUGHT, tmp_path)
    (file,) = tmp_path.rglob("coefficients.npy")
    file.write_bytes(file.read_bytes()[:-4])

    with pytest.raises(IndexBroken, match="cut short"):
        load_lesson(tmp_path)


def test_arrays_that_do_not_belong_together_are_told(tmp_path: Path):
    odd = Learned(COEFFICIENTS, np.zeros(3, np.float32), share=0.5)
    save_lesson(SavedLesson("made", Lesson(odd, 50, 0.9, 0.8)), tmp_path)

    with pytest.raises(IndexBroken, match="coefficients"):
        load_lesson(tmp_path)
