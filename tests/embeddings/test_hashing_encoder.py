"""The encoder without a model."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.chunk import EmptyText
from embeddings.encoder import Role
from embeddings.hashing_encoder import HashingEncoder

REPOSITORY = Path(__file__).parents[2]


def encode(*texts: str, dim: int = 256):
    return HashingEncoder(dim).encode(texts, role=Role.DOCUMENT)


def test_texts_that_share_characters_are_near():
    motor, other_motor, dyeing = encode("永磁电机转子", "永磁电机定子", "棉织物染色")

    assert motor @ other_motor > 0.5
    assert abs(motor @ dyeing) < 0.3


def test_case_and_white_space_do_not_count():
    spaced, plain = encode("PLC 控制\n器", "plc控制器")

    np.testing.assert_array_equal(spaced, plain)


def test_both_roles_are_encoded_alike():
    encoder = HashingEncoder()

    np.testing.assert_array_equal(
        encoder.encode(["电机"], role=Role.QUERY), encoder.encode(["电机"], role=Role.DOCUMENT)
    )


def test_a_text_is_encoded_alike_in_another_process():
    code = """
import sys
from embeddings.encoder import Role
from embeddings.hashing_encoder import HashingEncoder
sys.stdout.buffer.write(HashingEncoder().encode(["永磁电机 PLC"], role=Role.QUERY).tobytes())
"""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, check=True, timeout=60
    )

    assert run.stdout == encode("永磁电机 PLC").tobytes()


@given(
    st.lists(st.text(min_size=1).filter(lambda text: "".join(text.split())), max_size=5),
    st.sampled_from([1, 2, 7, 256]),
)
def test_every_text_gets_a_unit_row(texts, dim):
    vectors = encode(*texts, dim=dim)

    assert vectors.shape == (len(texts), dim)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("blank", ["", " \n\t", "\u3000"])
def test_a_blank_text_is_refused_by_its_place(blank):
    with pytest.raises(EmptyText) as caught:
        encode("电机", blank)

    assert caught.value.position == 1


def test_a_width_below_one_is_refused():
    with pytest.raises(ValueError, match="dim must be at least 1"):
        HashingEncoder(0)


def test_the_fingerprint_tells_widths_apart():
    assert HashingEncoder(8).fingerprint != HashingEncoder(16).fingerprint
