"""The light path: encodes texts with onnxruntime and tokenizers, without torch.

Texts are batched with texts of exactly as many tokens, so nothing is padded and the graph
needs no mask. With the row-wise scales of ``embeddings.onnx_graph`` a text has the same
vector, bit for bit, alone or in any company, and on one thread or many.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from embeddings.encoder import FloatArray, Role
from embeddings.errors import ModelBroken
from embeddings.model_folder import (
    INT8,
    TOKENIZER,
    Manifest,
    digest_of_prompts,
    read_manifest,
    read_prompts,
)
from embeddings.overlong import encode_in_parts, readable, unit_rows

_BATCH_TOKENS = 2048
# <s>, </s>, the prefix, and some slack for characters that are read as two or three.
_RESERVED_TOKENS = 32


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text as the network reads it.

    Attributes:
        ids: Token ids, prompt and special ones included.
        own: For each of them, whether it comes from the text itself.
    """

    ids: list[int]
    own: list[bool]


class Pooling(Protocol):
    """A way from the token vectors of texts to one vector each.

    Attributes:
        fingerprint: Digest of whatever decides the vectors.
    """

    @property
    def fingerprint(self) -> str: ...

    def pooled(self, network: "Network", tokens: Sequence[Tokens], *, role: Role) -> FloatArray:
        """(len(tokens), dim) float32, rows of unit length."""
        ...


class OnnxEncoder:
    """The default encoder; one may be shared between threads.

    Attributes:
        manifest: The model folder's account of itself.
        tokenizer: The folder's tokeniser, which never cuts.
        network: The folder's int8 graph.
    """

    manifest: Manifest
    tokenizer: Tokenizer
    network: "Network"

    def __init__(
        self, folder: Path, *, threads: int | None = None, pooling: Pooling | None = None
    ) -> None:
        """Open a model folder.

        Args:
            folder: As written by ``embeddings.build_model``.
            threads: Threads for one batch; None for one per processor.
            pooling: From token vectors to a text's vector; None for their plain mean.

        Raises:
            ModelMissing: There is no such folder.
            ModelBroken: A file is missing or cannot be read.
        """
        self.manifest = read_manifest(folder)
        self._prompts = read_prompts(folder)
        self._pooling = pooling
        parts = [self.manifest.fingerprint, digest_of_prompts(self._prompts)]
        self._fingerprint = "+".join(parts + ([pooling.fingerprint] if pooling else []))
        self.tokenizer = open_tokenizer(folder)
        self.network = Network(folder, threads=threads)

    def __repr__(self) -> str:
        return f"OnnxEncoder({self.manifest.name!r}, fingerprint={self.fingerprint!r})"

    @property
    def fingerprint(self) -> str:
        """Digests of the build's files, the prompts read now, and any pooling."""
        return self._fingerprint

    @property
    def dim(self) -> int:
        """Width of a vector."""
        return self.manifest.dim

    @property
    def max_chars(self) -> int:
        """Longest text read in one piece; a token is nearly always a character or more."""
        return self.manifest.max_tokens - _RESERVED_TOKENS

    def encode(self, texts: Sequence[str], *, role: Role) -> FloatArray:
        """One row per text.

        Args:
            texts: Any number of texts. One with more tokens than the model reads at once
                is encoded in parts (``embeddings.overlong``); nothing is cut.
            role: Whether the texts are queries or documents.

        Returns:
            (len(texts), dim) float32, rows of unit length; the same text has the same
            bits whatever it is encoded with.
        """
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)

        def encode_parts(parts: list[str]) -> FloatArray:
            tokens = [self.tokens(part, role=role) for part in parts]
            if self._pooling is None:
                return self.network.pooled([of_text.ids for of_text in tokens], dim=self.dim)
            return self._pooling.pooled(self.network, tokens, role=role)

        readables = [readable(text) for text in texts]
        return encode_in_parts(readables, partial(self.fits, role=role), encode_parts)

    def tokens(self, text: str, *, role: Role) -> Tokens:
        """The text's tokens after those of the role's prompt, however many."""
        prompt = self._prompts.get(role.value, "")
        encoding = self.tokenizer.encode(prompt + text)
        # special tokens stand at (0, 0)
        return Tokens(encoding.ids, [end > len(prompt) for _, end in encoding.offsets])

    def fits(self, text: str, *, role: Role) -> bool:
        """Whether the network reads the text and the role's prompt at once."""
        return len(self.tokens(text, role=role).ids) <= self.manifest.max_tokens


class Network:
    """The int8 graph of a model folder, from token ids to vectors."""

    def __init__(self, folder: Path, *, threads: int | None = None) -> None:
        """Open the graph.

        Raises:
            ModelBroken: onnxruntime cannot load it.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or os.cpu_count() or 1
        # Waiting threads would otherwise spin and starve whatever shares the machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                folder / INT8, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its many error classes share no narrower base
            raise ModelBroken(folder, INT8, detail=str(error)) from error

    def token_vectors(self, ids: NDArray[np.int64]) -> FloatArray:
        """Vectors of every token.

        Args:
            ids: (texts, tokens) token ids, unpadded.

        Returns:
            (texts, tokens, dim) float32, of any length.
        """
        (vectors,) = self._session.run(None, {"input_ids": ids})
        return np.asarray(vectors, dtype=np.float32)

    def pooled(self, ids: Sequence[Sequence[int]], *, dim: int) -> FloatArray:
        """Unit vector of each text: the mean over its tokens.

        Args:
            ids: Token ids of each text, special ones included.
            dim: Width of a vector.

        Returns:
            (len(ids), dim) float32, rows of unit length.
        """
        rows = np.empty((len(ids), dim), dtype=np.float32)
        for batch in batches_by_length([len(of_text) for of_text in ids]):
            stacked = np.array([ids[place] for place in batch], dtype=np.int64)
            rows[batch] = self.token_vectors(stacked).mean(axis=1)
        return unit_rows(rows)


def batches_by_length(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of texts with equally many tokens, at most 2,048 tokens a batch, short ones first."""
    by_length: dict[int, list[int]] = {}
    for place, length in enumerate(lengths):
        by_length.setdefault(length, []).append(place)
    for length, places in sorted(by_length.items()):
        size = max(1, _BATCH_TOKENS // max(1, length))
        for start in range(0, len(places), size):
            yield places[start : start + size]


def open_tokenizer(folder: Path) -> Tokenizer:
    """The folder's tokeniser, which never cuts a text here.

    Raises:
        ModelBroken: The file cannot be read.
    """
    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    except Exception as error:  # tokenizers raises bare Exception
        raise ModelBroken(folder, TOKENIZER, detail=str(error)) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
