import numpy as np
import pytest

from embeddings.encoder import FloatArray
from embeddings.overlong import encode_in_parts, readable, split_to_fit, unit_rows


def at_most_four(text: str) -> bool:
    return len(text) <= 4


def counts_of_a_and_b(texts: list[str]) -> FloatArray:
    rows = np.array([[text.count("a"), text.count("b")] for text in texts], dtype=np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def test_parts_join_to_the_text_and_each_fits():
    text = "abcdefghijk"

    parts = split_to_fit(text, at_most_four)

    assert "".join(parts) == text
    assert all(map(at_most_four, parts))


def test_a_single_character_is_never_split():
    assert split_to_fit("ab", lambda _: False) == ["a", "b"]


def test_a_long_text_is_the_mean_of_its_parts_weighted_by_length():
    vectors = encode_in_parts(["ab", "aaaabb", "b"], at_most_four, counts_of_a_and_b)

    # "aaaabb" is read as "aaa" and "abb"
    middle = 3 * np.array([1, 0]) + 3 * np.array([1, 2]) / np.sqrt(5)
    assert vectors[0] == pytest.approx([np.sqrt(0.5)] * 2)
    assert vectors[1] == pytest.approx(middle / np.linalg.norm(middle))
    assert vectors[2] == pytest.approx([0, 1])


def test_lone_surrogates_become_question_marks_and_nothing_else_changes():
    assert readable("电\ud800机😀") == "电?机😀"


def test_a_text_in_parts_leaves_the_bits_of_its_neighbours_alone():
    rng = np.random.default_rng(0)
    vectors = {
        text: unit_rows(rng.random((1, 8), dtype=np.float32))[0] for text in ("甲", "乙", "丙")
    }

    def encode(texts: list[str]):
        return np.array([vectors[text] for text in texts])

    alone = encode_in_parts(["甲"], lambda text: len(text) < 2, encode)
    beside = encode_in_parts(["甲", "乙丙"], lambda text: len(text) < 2, encode)

    assert beside[0].tobytes() == alone[0].tobytes()
    assert np.linalg.norm(beside[1]) == pytest.approx(1)
