"""Vectors that a model folder brings along, so that no user encodes those texts again."""

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from embeddings.encoder import Encoder, FloatArray, Role

KNOWN = "known_vectors.npz"

_UNREADABLE = (EOFError, KeyError, OSError, ValueError, zipfile.BadZipFile)


def write_known_vectors(
    folder: Path, encoder: Encoder, texts: Sequence[str], *, role: Role
) -> None:
    """Encode texts and keep their vectors in the encoder's own folder.

    Args:
        folder: Of the model; what it knew before is replaced.
        encoder: As ``open_encoder`` gives it for that folder.
        texts: What the encoder reads whole.
        role: In which the texts will be asked for.

    Raises:
        OSError: the file cannot be written.
    """
    distinct = list(dict.fromkeys(texts))
    digests = b"".join(_digest(text, role) for text in distinct)
    np.savez(
        folder / KNOWN,
        fingerprint=np.array(encoder.fingerprint),
        digests=np.frombuffer(digests, np.uint8).reshape(len(distinct), -1),
        vectors=encoder.encode(distinct, role=role),
    )


class KnowingEncoder:
    """An encoder that encodes only what its folder does not know.

    A file that is damaged, or was made by another encoder, counts as knowing nothing.

    Args:
        encoder: Encodes the rest.
        folder: Holds what ``write_known_vectors`` left; read when first needed.
    """

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        self._path = folder / KNOWN

    def __repr__(self) -> str:
        return f"KnowingEncoder({self._encoder!r})"

    @property
    def fingerprint(self) -> str:
        """The encoder's."""
        return self._encoder.fingerprint

    @property
    def dim(self) -> int:
        """Width of a vector."""
        return self._encoder.dim

    @property
    def max_chars(self) -> int:
        """Longest text read in one piece."""
        return self._encoder.max_chars

    def encode(self, texts: Sequence[str], *, role: Role) -> FloatArray:
        """One row per text; see ``Encoder``."""
        places, vectors = self._known
        found = [places.get(_digest(text, role)) for text in texts]
        rest = [row for row, place in enumerate(found) if place is None]
        if len(rest) == len(texts):
            return self._encoder.encode(texts, role=role)
        rows = np.empty((len(texts), self.dim), np.float32)
        for row, place in enumerate(found):
            if place is not None:
                rows[row] = vectors[place]
        rows[rest] = self._encoder.encode([texts[row] for row in rest], role=role)
        return rows

    @cached_property
    def _known(self) -> tuple[Mapping[bytes, int], FloatArray]:
        nothing: FloatArray = np.zeros((0, self.dim), np.float32)
        try:
            with self._path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                if str(file["fingerprint"]) != self.fingerprint:
                    return {}, nothing
                places = {row.tobytes(): place for place, row in enumerate(file["digests"])}
                vectors = np.asarray(file["vectors"], np.float32)
        except _UNREADABLE:
            return {}, nothing
        fits = vectors.shape == (len(places), self.dim)
        return (places, vectors) if fits else ({}, nothing)


def _digest(text: str, role: Role) -> bytes:
    return hashlib.sha256(f"{role}\0{text}".encode("utf-8", "surrogatepass")).digest()
