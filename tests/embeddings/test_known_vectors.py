from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from embeddings import build_model as build_module
from embeddings.build_model import build_model
from embeddings.encoder import FloatArray, Role
from embeddings.hashing_encoder import HashingEncoder
from embeddings.known_vectors import KNOWN, KnowingEncoder, write_known_vectors
from embeddings.sentence_encoder import open_encoder
from tests.embeddings.mini_weights import write_mini

TERMS = ["电机", "轴承", "电机", "sensor"]


class Counting(HashingEncoder):
    """Notes what it had to encode."""

    def __init__(self, dim: int = 32) -> None:
        super().__init__(dim)
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str], *, role: Role) -> FloatArray:
        self.asked += texts
        return super().encode(texts, role=role)


def knowing(folder: Path) -> tuple[KnowingEncoder, Counting]:
    inner = Counting()
    write_known_vectors(folder, inner, TERMS, role=Role.DOCUMENT)
    inner.asked.clear()
    return KnowingEncoder(inner, folder), inner


def test_only_texts_that_the_folder_does_not_know_are_encoded(tmp_path: Path):
    encoder, inner = knowing(tmp_path)

    vectors = encoder.encode(["轴承", "泵", "sensor"], role=Role.DOCUMENT)

    assert inner.asked == ["泵"]
    plain = HashingEncoder(32).encode(["轴承", "泵", "sensor"], role=Role.DOCUMENT)
    np.testing.assert_array_equal(vectors, plain)


def test_a_text_known_as_a_document_is_not_known_as_a_query(tmp_path: Path):
    encoder, inner = knowing(tmp_path)

    encoder.encode(["轴承"], role=Role.QUERY)

    assert inner.asked == ["轴承"]


def test_texts_that_are_all_known_need_no_model(tmp_path: Path):
    encoder, inner = knowing(tmp_path)

    assert encoder.encode(TERMS, role=Role.DOCUMENT).shape == (4, 32)
    assert encoder.encode([], role=Role.DOCUMENT).shape == (0, 32)
    assert inner.asked == []


@pytest.mark.parametrize("damage", ["absent", "cut", "rubbish", "empty"])
def test_a_damaged_file_knows_nothing(tmp_path: Path, damage: str):
    encoder, inner = knowing(tmp_path)
    path = tmp_path / KNOWN
    content = path.read_bytes()
    path.unlink()
    if damage != "absent":
        path.write_bytes({"cut": content[:-40], "rubbish": b"x" * 99, "empty": b""}[damage])

    vectors = encoder.encode(["轴承"], role=Role.DOCUMENT)

    assert inner.asked == ["轴承"]
    assert vectors.shape == (1, 32)


def test_a_file_of_another_model_knows_nothing(tmp_path: Path):
    knowing(tmp_path)
    other = Counting(16)

    vectors = KnowingEncoder(other, tmp_path).encode(["轴承"], role=Role.DOCUMENT)

    assert other.asked == ["轴承"]
    assert vectors.shape == (1, 16)


def test_a_built_model_brings_its_vectors_along_and_gives_the_same_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = write_mini(tmp_path / "mini.bin")
    monkeypatch.setattr(build_module, "find_weights", lambda: path)
    monkeypatch.setattr(build_module, "SentenceEncoder", lambda *_, **__: None)
    monkeypatch.setattr(build_module, "check_model", lambda *_, **__: {})
    words = ["电机", "motor", "12 km"]
    plain = build_model(tmp_path / "plain", titles=words, texts=words).folder
    folder = build_model(tmp_path / "model", titles=words, texts=words, known=["motor"]).folder

    encoder = open_encoder(str(folder), threads=1)

    assert isinstance(encoder, KnowingEncoder)
    expected = open_encoder(str(plain), threads=1)
    assert encoder.fingerprint == expected.fingerprint
    places, _ = encoder._known
    assert len(places) == 1
    np.testing.assert_array_equal(
        encoder.encode(words, role=Role.DOCUMENT), expected.encode(words, role=Role.DOCUMENT)
    )
