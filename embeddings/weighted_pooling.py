"""One vector from a text's token vectors: rare tokens count more, common directions go.

The plain mean of an e5 model's token vectors is mostly what all texts have in common:
the prompt, the particles, and one direction that every token shares. Here

1. a token weighs ``max(0, -log p - 4)``, p its probability in the tokeniser's own unigram
   model, so that particles, punctuation and special tokens weigh nothing;
2. the mean token vector is taken from every token vector;
3. the mean text vector is taken from the unit vector of the weighted sum.

Both means belong to a role and are measured once, when the model is built, over ordinary
texts without any labels.

Source: Arora, Liang and Ma, "A simple but tough-to-beat baseline for sentence embeddings",
ICLR 2017, with unigram log-probabilities for a / (a + p), and means for their principal
component.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from embeddings.encoder import FloatArray, Role
from embeddings.errors import ModelBroken
from embeddings.model_folder import POOLING
from embeddings.onnx_session import Network, OnnxEncoder, Tokens, batches_by_length
from embeddings.overlong import readable, split_to_fit, unit_rows

_COMMON = 4.0
_VANISHING = 1e-6


@dataclass(frozen=True, slots=True)
class WeightedPooling:
    """Token weights and, for each role, the two means; see the module.

    Attributes:
        weights: (pieces,) float32, at least 0: the weight of each token id.
        token_means: (dim,) float32 by role.
        text_means: (dim,) float32 by role.
        fingerprint: First 8 hex digits of the SHA-256 over all of these.
    """

    weights: FloatArray
    token_means: Mapping[Role, FloatArray]
    text_means: Mapping[Role, FloatArray]

    @property
    def fingerprint(self) -> str:
        digest = hashlib.sha256()
        for name, values in self._arrays().items():
            digest.update(name.encode() + values.astype("<f4").tobytes())
        return digest.hexdigest()[:8]

    def pooled(self, network: Network, tokens: Sequence[Tokens], *, role: Role) -> FloatArray:
        """One vector per text.

        A text none of whose tokens weighs anything, such as ``?``, and one that lies at
        the centre itself get the plain mean over all their tokens.

        Args:
            network: From token ids to token vectors.
            tokens: Tokens of each text, prompt and special ones included.
            role: Whose means to take.

        Returns:
            (len(tokens), dim) float32, rows of unit length; a text has the same bits
            whatever it is pooled with.
        """
        sums = _sums(network, tokens, self.weights, dim=len(self.token_means[role]))
        directions = sums.directions(self.token_means[role])
        centred = directions - self.text_means[role]
        vanished = (sums.weight == 0) | (np.linalg.norm(centred, axis=1) < _VANISHING)
        return unit_rows(np.where(vanished[:, None], sums.plain, centred))

    def save(self, folder: Path) -> None:
        """Write the file into a model folder."""
        np.savez(folder / POOLING, **self._arrays())  # type: ignore[arg-type]  # a flag is meant

    def _arrays(self) -> dict[str, FloatArray]:
        arrays = {"weights": self.weights}
        for role in Role:
            arrays[_token_mean(role)] = self.token_means[role]
            arrays[_text_mean(role)] = self.text_means[role]
        return arrays


def read_pooling(folder: Path, *, pieces: int, dim: int) -> WeightedPooling:
    """The pooling kept in a model folder.

    Args:
        folder: As written by ``embeddings.build_model``.
        pieces: Size of the model's vocabulary.
        dim: Width of its vectors.

    Raises:
        ModelBroken: The file is missing, cannot be read, or is not of this model.
    """
    try:
        data = (folder / POOLING).read_bytes()
    except FileNotFoundError as error:
        raise ModelBroken(folder, POOLING) from error
    except OSError as error:
        raise ModelBroken(folder, POOLING, detail=str(error)) from error
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return WeightedPooling(
                _checked(arrays["weights"], pieces),
                {role: _checked(arrays[_token_mean(role)], dim) for role in Role},
                {role: _checked(arrays[_text_mean(role)], dim) for role in Role},
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ModelBroken(folder, POOLING, detail=str(error) or "damaged") from error


def measure_pooling(encoder: OnnxEncoder, texts: Sequence[str]) -> WeightedPooling:
    """The pooling for an encoder, from its tokeniser and ordinary texts.

    Args:
        encoder: Reads the texts, in both roles.
        texts: Short and long texts as they will be encoded later, none of them labelled;
            some hundreds will do. Without any, nothing is taken away.
    """
    weights = _token_weights(encoder)
    token_means, text_means = {}, {}
    for role in Role:
        tokens = [
            encoder.tokens(part, role=role)
            for text in texts
            for part in split_to_fit(readable(text), partial(encoder.fits, role=role))
        ]
        sums = _sums(encoder.network, tokens, weights, dim=encoder.dim)
        token_means[role] = _mean(sums.own.sum(axis=0), int(sums.own_count.sum()))
        speaking = sums.directions(token_means[role])[sums.weight > 0]
        text_means[role] = _mean(speaking.sum(axis=0), len(speaking))
    return WeightedPooling(weights, token_means, text_means)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums over each text's tokens; ``own`` ones are neither of the prompt nor special."""

    weighted: FloatArray
    weight: FloatArray
    own: FloatArray
    own_count: FloatArray
    plain: FloatArray

    def directions(self, token_mean: FloatArray) -> FloatArray:
        return unit_rows(self.weighted - self.weight[:, None] * token_mean)


def _sums(network: Network, tokens: Sequence[Tokens], weights: FloatArray, *, dim: int) -> _Sums:
    wide, narrow = (len(tokens), dim), len(tokens)
    sums = _Sums(*(np.zeros(shape, np.float32) for shape in (wide, narrow, wide, narrow, wide)))
    for batch in batches_by_length([len(of_text.ids) for of_text in tokens]):
        ids = np.array([tokens[place].ids for place in batch], dtype=np.int64)
        own = np.array([tokens[place].own for place in batch], dtype=np.float32)
        vectors = network.token_vectors(ids)
        weight = weights[ids] * own
        # no matrix products: they round a row differently depending on its neighbours
        sums.weighted[batch] = (vectors * weight[:, :, None]).sum(axis=1)
        sums.weight[batch] = weight.sum(axis=1)
        sums.own[batch] = (vectors * own[:, :, None]).sum(axis=1)
        sums.own_count[batch] = own.sum(axis=1)
        sums.plain[batch] = vectors.mean(axis=1)
    return sums


def _token_weights(encoder: OnnxEncoder) -> FloatArray:
    """(pieces,) float32; special tokens are kept with log-probability 0 and weigh nothing."""
    vocabulary = json.loads(encoder.tokenizer.to_str())["model"]["vocab"]
    scores = np.array([score for _, score in vocabulary], dtype=np.float32)
    return np.asarray(np.maximum(0, -scores - _COMMON), dtype=np.float32)


def _mean(total: FloatArray, count: int) -> FloatArray:
    return np.asarray(total / max(1, count), dtype=np.float32)


def _checked(values: FloatArray, length: int) -> FloatArray:
    if values.shape != (length,) or values.dtype != np.float32 or not np.isfinite(values).all():
        raise ValueError(f"{values.dtype} {values.shape}, expected finite float32 ({length},)")
    return values


def _token_mean(role: Role) -> str:
    return f"{role.value}_token_mean"


def _text_mean(role: Role) -> str:
    return f"{role.value}_text_mean"
