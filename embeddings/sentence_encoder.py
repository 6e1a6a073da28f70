"""Any sentence-transformers model as an encoder, and the way to open one by name."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from embeddings.encoder import Encoder, FloatArray, Role
from embeddings.errors import ModelBroken, ModelMissing
from embeddings.hashing_encoder import HashingEncoder
from embeddings.known_vectors import KNOWN, KnowingEncoder
from embeddings.model_folder import (
    MANIFEST,
    POOLING,
    digest_of,
    digest_of_prompts,
    is_light,
    read_manifest,
)
from embeddings.names import HASHING
from embeddings.onnx_session import OnnxEncoder
from embeddings.overlong import encode_in_parts, readable
from embeddings.weighted_pooling import read_pooling

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_PROMPT_NAMES = {Role.QUERY: ("query",), Role.DOCUMENT: ("document", "passage", "corpus")}
_E5_PROMPTS = {Role.QUERY: "query: ", Role.DOCUMENT: "passage: "}
_E5 = re.compile(r"(^|[-_/])e5([-_/]|$)")
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?")
_WEIGHT_KINDS = (".safetensors", ".bin", ".pt", ".onnx")
_DECIDING_KINDS = (*_WEIGHT_KINDS, ".json", ".txt", ".model")
_TOKENIZER_NAMES = ("tokenizer.", "vocab")
# special tokens, a prompt, and some slack for characters that are read as two or three
_RESERVED_TOKENS = 32
_MOST_TOKENS = 8192
_HUB_TIMEOUT_S = 10.0
_HASHED_DIM = 384  # as wide as the default model's


def open_encoder(name_or_folder: str, *, threads: int | None = None) -> Encoder:
    """The encoder of a hub id or folder, by the quickest way.

    ``hashing`` names hashed characters, which no file is needed for: they tell wording, not
    meaning. A folder of our own model opens in the light path, without torch, with weighted pooling
    if its manifest lists it and with the vectors that it brings along; anything else opens
    with sentence-transformers.

    Args:
        name_or_folder: What ``YILIAN_MODEL`` names.
        threads: Threads of the light path; None for one per processor.

    Raises:
        ModelMissing: No such folder, or no such model on the hub.
        ModelBroken: The folder lacks a file, or holds one that cannot be read.
    """
    if name_or_folder == HASHING:
        return HashingEncoder(_HASHED_DIM)
    folder = _folder_named(name_or_folder)
    if folder is not None and is_light(folder):
        manifest = read_manifest(folder)
        pooling = (
            read_pooling(folder, pieces=manifest.pieces, dim=manifest.dim)
            if POOLING in manifest.sizes
            else None
        )
        encoder = OnnxEncoder(folder, threads=threads, pooling=pooling)
        return KnowingEncoder(encoder, folder) if (folder / KNOWN).is_file() else encoder
    return SentenceEncoder(name_or_folder)


class SentenceEncoder:
    """A sentence-transformers model with the prompts that it was trained with."""

    def __init__(
        self, name_or_folder: str, *, device: str | None = None, batch_size: int = 32
    ) -> None:
        """Open a hub id or a folder.

        Args:
            name_or_folder: Such as ``BAAI/bge-m3``, or a folder.
            device: torch device; None lets sentence-transformers choose.
            batch_size: Texts in one forward pass.

        Raises:
            ModelMissing: No such folder, or no such model on the hub.
            ModelBroken: The folder lacks a file, or holds one that cannot be read.
        """
        self.name = name_or_folder
        self._batch_size = batch_size
        folder = _folder_named(name_or_folder)
        if folder is None:
            self._model = _load_from_hub(name_or_folder, device)
            origin = _hub_version(self._model, name_or_folder)
        else:
            _require_files(folder)
            self._model = _load_folder(folder, device)
            origin = _digest_of_folder(folder)
        self._prompts = _prompts_of(self._model, name_or_folder)
        self._fingerprint = f"{origin}+{digest_of_prompts(self._prompts)}"
        limit = self._model.max_seq_length
        self._max_tokens = int(min(limit or _MOST_TOKENS, _MOST_TOKENS))
        self._dim = len(self._encode(["1"], Role.QUERY)[0])

    def __repr__(self) -> str:
        return f"SentenceEncoder({self.name!r}, fingerprint={self.fingerprint!r})"

    @property
    def fingerprint(self) -> str:
        """Digest of the model's files, or hub id and commit, with a digest of the prompts."""
        return self._fingerprint

    @property
    def dim(self) -> int:
        """Width of a vector."""
        return self._dim

    @property
    def max_chars(self) -> int:
        """Longest text read in one piece, at a token a character; at most 8,160."""
        return max(1, self._max_tokens - min(_RESERVED_TOKENS, self._max_tokens // 2))

    def encode(self, texts: Sequence[str], *, role: Role) -> FloatArray:
        """One row per text.

        Args:
            texts: Any number of texts. One with more tokens than the model reads at once
                is encoded in parts (``embeddings.overlong``); nothing is cut.
            role: Whether the texts are queries or documents.

        Returns:
            (len(texts), dim) float32, rows of unit length.
        """
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        tokenizer: Any = getattr(self._model, "tokenizer", None)
        prompt = self._prompts[role]

        def fits(text: str) -> bool:
            return tokenizer is None or len(tokenizer.encode(prompt + text)) <= self._max_tokens

        return encode_in_parts(
            [readable(text) for text in texts], fits, lambda parts: self._encode(parts, role)
        )

    def _encode(self, texts: list[str], role: Role) -> FloatArray:
        vectors = self._model.encode(
            texts,
            prompt=self._prompts[role],
            batch_size=self._batch_size,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)


def _folder_named(name: str) -> Path | None:
    folder = Path(name).expanduser()
    return folder if name and folder.is_dir() else None


def _load_folder(folder: Path, device: str | None) -> "SentenceTransformer":
    try:
        return _load(str(folder), device, local_files_only=True)
    except Exception as error:  # three libraries' error classes share no narrower base
        raise ModelBroken(folder, _entry_file(folder), detail=str(error)) from error


def _load_from_hub(name: str, device: str | None) -> "SentenceTransformer":
    if not _HUB_ID.fullmatch(name):
        raise ModelMissing(name)
    # A cached model opens without asking the hub. For another, one short question comes
    # first: the download itself would retry for over a minute where there is no network.
    try:
        return _load(name, device, local_files_only=True)
    except Exception:  # three libraries' error classes share no narrower base
        from huggingface_hub import model_info
    try:
        model_info(name, timeout=_HUB_TIMEOUT_S)
        return _load(name, device, local_files_only=False)
    except Exception as error:  # as above
        raise ModelMissing(name, detail=str(error).split("\n")[0]) from error


def _load(name: str, device: str | None, *, local_files_only: bool) -> "SentenceTransformer":
    # torch takes seconds to import, and most commands never need it.
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    bars: Any = logging
    showed_bars = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        return SentenceTransformer(name, device=device, local_files_only=local_files_only)
    finally:
        if showed_bars:
            bars.enable_progress_bar()


def _prompts_of(model: "SentenceTransformer", name: str) -> dict[Role, str]:
    own: Mapping[str, str | None] = model.prompts
    if any(own.values()):
        return {
            role: next((own[name] or "" for name in names if own.get(name)), "")
            for role, names in _PROMPT_NAMES.items()
        }
    config = getattr(getattr(model[0], "auto_model", None), "config", None)
    trained_from = str(getattr(config, "_name_or_path", ""))
    if _E5.search(name.lower()) or _E5.search(trained_from.lower()):
        return dict(_E5_PROMPTS)
    return dict.fromkeys(Role, "")


def _require_files(folder: Path) -> None:
    if not (folder / _entry_file(folder)).is_file():
        raise ModelBroken(folder, _entry_file(folder))
    names = [path.name for path in folder.rglob("*") if path.is_file()]
    if not any(name.endswith(_WEIGHT_KINDS) for name in names):
        raise ModelBroken(folder, "model.safetensors")
    # transformers would quietly go on with an empty tokeniser
    if not any(name.endswith(".model") or name.startswith(_TOKENIZER_NAMES) for name in names):
        raise ModelBroken(folder, "tokenizer.json")


def _entry_file(folder: Path) -> str:
    return "config.json" if (folder / "config.json").is_file() else "modules.json"


def _digest_of_folder(folder: Path) -> str:
    # Our manifest is left out: it holds figures, which differ from machine to machine.
    names = [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.suffix in _DECIDING_KINDS and path.name != MANIFEST
    ]
    return digest_of(folder, names)


def _hub_version(model: "SentenceTransformer", name: str) -> str:
    config = getattr(getattr(model[0], "auto_model", None), "config", None)
    return f"{name}@{getattr(config, '_commit_hash', None) or 'unknown'}"
