"""An exported encoder is made to compute with whole numbers: a quarter of the size, and faster.

Weights are kept as int8 in blocks of 32 with a scale each, and the numbers that they are multiplied
with are rounded in blocks too, so that a text's vector doesn't depend on the batch that it is in.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from index.encoding.export import check_agreement, making_export, save_graph
from index.encoding.export_description import (
    GRAPH_NAME,
    TOKENIZER_NAME,
    read_description,
    write_description,
)
from index.encoding.exported import ExportedEncoder
from index.settings import Precision
from index.snapshots.integrity import describe_files
from knowledge.errors import EncoderError

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

# Of the sizes that ONNX Runtime has kernels for, those of 64 and 128 are off by half as much again
# and more than twice as much, and save 3 % of the file: cosines of .9996, .9994 and .9990 to
# float32 on average over 300 paragraphs. `quantize_dynamic` of ONNX Runtime, by channel, leaves
# .992, and .985 between a text alone and the same text in a batch.
_BLOCK = 32
_DOMAIN = "com.microsoft"
_ACCURACY_INT8 = 4
"""What ONNX Runtime calls multiplying int8 with int8."""

# The least of those 300 cosines is .9991; models with larger outliers lose more.
_LEAST_COSINE = 0.99

_LEAST_ROWS = 1_000
"""Of a table of embeddings; smaller ones, as of positions, are not worth rounding."""


def quantize_export(folder: Path, exports: Path) -> ExportedEncoder:
    """Make the int8 form of a float32 export, beside it, and open it.

    Needs onnx and onnxruntime, neither sentence-transformers nor torch.

    Args:
        folder: The float32 export.
        exports: The folder that holds exports.

    Raises:
        EncoderError: onnx is not installed, or what came of it is too far from the export.
        OSError: the folder can't be written.
    """
    if find_spec("onnx") is None:
        raise EncoderError(
            "index.precision: int8 needs the package onnx once, to make the encoder. Install it:"
            " pip install onnx. Or run rolewise build with these settings where it is installed,"
            " and copy that home folder here."
        )
    original = ExportedEncoder(folder)
    fingerprint = fingerprint_of(original.fingerprint, Precision.INT8)
    with making_export(exports, fingerprint) as unfinished:
        _quantize(folder / GRAPH_NAME, unfinished / GRAPH_NAME)
        (unfinished / TOKENIZER_NAME).write_bytes((folder / TOKENIZER_NAME).read_bytes())
        description = read_description(folder).model_copy(
            update={
                "fingerprint": fingerprint,
                "precision": Precision.INT8,
                "files": describe_files(unfinished),
            }
        )
        write_description(unfinished, description)
        check_agreement(original, ExportedEncoder(unfinished), _LEAST_COSINE)
    return ExportedEncoder(exports / fingerprint)


def fingerprint_of(fingerprint: str, precision: Precision) -> str:
    """Return the fingerprint of an encoder in a precision, given that of the float32 one."""
    if precision is Precision.FLOAT32:
        return fingerprint
    return hashlib.sha256(f"{fingerprint} {precision}".encode()).hexdigest()


def _quantize(graph: Path, target: Path) -> None:
    import onnx

    try:
        model = onnx.load(graph)
        is_changed = _Rounding(model).run()
        if is_changed:
            save_graph(model, target)
    except OSError:
        raise
    except Exception as error:  # onnx raises whatever a graph makes it raise
        raise EncoderError(
            f"The encoder in {graph.parent} can't be made int8 ({error}). Leave index.precision at"
            " float32."
        ) from error
    if not is_changed:
        raise EncoderError(
            f"The encoder in {graph.parent} has nothing that could be made int8. Leave"
            " index.precision at float32."
        )


class _Rounding:
    """Replaces, in a graph, products with weights and look-ups in tables by those of int8."""

    def __init__(self, model: "ModelProto") -> None:
        self._model = model
        self._tensors = {tensor.name: tensor for tensor in model.graph.initializer}

    def run(self) -> bool:
        """Change the graph in place, and return whether there was something to change."""
        from onnx import helper

        nodes: list[NodeProto] = []
        is_changed = False
        for node in self._model.graph.node:
            replacements = self._replace(node)
            is_changed |= replacements[0] is not node
            nodes += replacements
        used = {name for node in nodes for name in node.input}
        kept = [tensor for name, tensor in self._tensors.items() if name in used]
        del self._model.graph.node[:], self._model.graph.initializer[:]
        self._model.graph.node.extend(nodes)
        self._model.graph.initializer.extend(kept)
        self._model.opset_import.append(helper.make_opsetid(_DOMAIN, 1))
        return is_changed

    def _replace(self, node: "NodeProto") -> "list[NodeProto]":
        if node.op_type == "MatMul":
            weights = self._read(node.input[1])
            if weights is not None and weights.shape[0] % _BLOCK == 0:
                return [self._replace_product(node, weights)]
        if node.op_type == "Gather":
            table = self._read(node.input[0])
            if table is not None and len(table) >= _LEAST_ROWS and table.shape[1] >= _BLOCK:
                return self._replace_look_up(node, table)
        return [node]

    def _replace_product(self, node: "NodeProto", weights: npt.NDArray[np.float32]) -> "NodeProto":
        from onnx import helper

        rows, columns = weights.shape
        whole, scales = _round(weights.T.reshape(columns, rows // _BLOCK, _BLOCK))
        name = node.input[1]
        return helper.make_node(
            "MatMulNBits",
            [
                node.input[0],
                self._add(f"{name}.int8", (whole.astype(np.int16) + 128).astype(np.uint8)),
                self._add(f"{name}.scales", scales.reshape(columns, -1)),
            ],
            node.output,
            domain=_DOMAIN,
            K=rows,
            N=columns,
            bits=8,
            block_size=_BLOCK,
            accuracy_level=_ACCURACY_INT8,
        )

    def _replace_look_up(
        self, node: "NodeProto", table: npt.NDArray[np.float32]
    ) -> "list[NodeProto]":
        from onnx import TensorProto, helper

        name, positions = node.input
        found = node.output[0]
        whole, scales = _round(table)
        rows, multiples = self._add(f"{name}.int8", whole), self._add(f"{name}.scales", scales)
        return [
            helper.make_node("Gather", [rows, positions], [f"{found}.int8"]),
            helper.make_node("Cast", [f"{found}.int8"], [f"{found}.cast"], to=TensorProto.FLOAT),
            helper.make_node("Gather", [multiples, positions], [f"{found}.scales"]),
            helper.make_node("Mul", [f"{found}.cast", f"{found}.scales"], [found]),
        ]

    def _read(self, name: str) -> npt.NDArray[np.float32] | None:
        from onnx import numpy_helper

        tensor = self._tensors.get(name)
        if tensor is None or len(tensor.dims) != 2:
            return None
        values = numpy_helper.to_array(tensor)
        return values if values.dtype == np.float32 else None

    def _add(self, name: str, values: npt.NDArray[Any]) -> str:
        from onnx import numpy_helper

        self._tensors[name] = numpy_helper.from_array(values, name)
        return name


def _round(
    values: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Return whole numbers from -127 to 127, and for each row of the last axis its scale."""
    scales = np.abs(values).max(axis=-1, keepdims=True) / np.float32(127)
    scales[scales == 0] = 1
    return np.rint(values / scales).astype(np.int8), scales.astype(np.float32)
