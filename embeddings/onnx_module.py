"""The int8 graph as the first module of a ``SentenceTransformer``.

``SentenceTransformer(modules=[OnnxTransformer.load(folder), Pooling(dim, "mean"),
Normalize()])`` gives the public face of sentence-transformers at the light path's speed.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from sentence_transformers.sentence_transformer.modules import InputModule

from embeddings.model_folder import (
    INT8,
    MANIFEST,
    POOLING,
    PROMPTS_FILE,
    TOKENIZER,
    Manifest,
    read_manifest,
)
from embeddings.onnx_session import Network, batches_by_length, open_tokenizer
from embeddings.overlong import readable


class OnnxTransformer(InputModule):
    """Texts to token vectors by the int8 graph; has no weights that torch could train."""

    def __init__(self, folder: Path) -> None:
        """Open a model folder.

        Raises:
            ModelMissing: There is no such folder.
            ModelBroken: A file is missing or cannot be read.
        """
        super().__init__()  # type: ignore[no-untyped-call]  # untyped in sentence-transformers
        self.folder = folder
        self.manifest: Manifest = read_manifest(folder)
        self.max_seq_length = self.manifest.max_tokens
        self.tokenizer = open_tokenizer(folder)
        self.network = Network(folder)

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", *_: Any, **__: Any) -> Self:
        """Open the folder; sentence-transformers' other loading options have no meaning here."""
        return cls(Path(model_name_or_path) / subfolder)

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """Copy what ``load`` needs into the folder."""
        target = Path(output_path)
        (target / INT8).parent.mkdir(parents=True, exist_ok=True)
        pooling = [POOLING] if POOLING in self.manifest.sizes else []
        for name in (MANIFEST, TOKENIZER, PROMPTS_FILE, INT8, *pooling):
            if (self.folder / name).resolve() != (target / name).resolve():
                shutil.copyfile(self.folder / name, target / name)

    def get_embedding_dimension(self) -> int:
        """Width of a token vector."""
        return self.manifest.dim

    def preprocess(
        self, inputs: Sequence[Any], prompt: str | None = None, **_: Any
    ) -> dict[str, torch.Tensor]:
        """Token ids and mask, both (texts, tokens) int64, padded on the right.

        Texts are cut at ``max_seq_length``, as every sentence-transformers model does.
        """
        ids = [self._ids((prompt or "") + readable(str(text))) for text in inputs]
        width = max(map(len, ids))
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in ids])
        padded = torch.tensor([row + [0] * (width - len(row)) for row in ids])
        return {"input_ids": padded, "attention_mask": mask}

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode(text).ids
        return (
            ids if len(ids) <= self.max_seq_length else [*ids[: self.max_seq_length - 1], ids[-1]]
        )

    def forward(
        self, features: dict[str, torch.Tensor | Any], **_: Any
    ) -> dict[str, torch.Tensor | Any]:
        """Adds ``token_embeddings``, (texts, tokens, dim) float32; padding is zero."""
        ids = features["input_ids"].cpu().numpy()
        mask = features["attention_mask"]
        lengths = mask.sum(dim=1).tolist()
        vectors = np.zeros((*ids.shape, self.manifest.dim), dtype=np.float32)
        for batch in batches_by_length(lengths):
            length = lengths[batch[0]]
            vectors[batch, :length] = self.network.token_vectors(ids[batch, :length])
        return features | {"token_embeddings": torch.from_numpy(vectors).to(mask.device)}
