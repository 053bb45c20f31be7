"""A checkpoint's two sides as ONNX graphs, which share the weights of its safetensors file.

A weight that is kept in float16 is a float16 tensor of the graph, cast to float32 where it is used; ONNX
Runtime does that once, when it opens the graph, and the same with layers that are kept in 8 bits. So a graph
adds kilobytes to a checkpoint, not megabytes, and computes what torch computes.
"""

import contextlib
import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx_ir as ir
import torch
from numpy.typing import NDArray
from onnxscript import optimizer
from torch import Tensor, nn

from photosearch.core.errors import KnownError
from photosearch.models.checkpoint_encoder import examples
from photosearch.models.config import (
    CONFIG,
    IMAGE_GRAPH,
    INT8_GRAPH,
    TEXT_GRAPH,
    WEIGHTS,
    ModelConfig,
    encode_config,
    file_hash,
    read_file,
    write_files,
)
from photosearch.models.runtime.session import open_session
from photosearch.models.torch import checkpoint
from photosearch.models.torch.dual_encoder import DualEncoder

MIN_COSINE = 0.99999  # between a graph's vectors and the network's own
LARGEST_FOLDED = 4096  # numbers: what decides shapes and norms is computed now, larger weights stay shared
CONTRIBUTED = "com.microsoft"  # where ONNX Runtime keeps operators that ONNX has not
CHECKS = "TRANSFORMERS_DISABLE_TORCH_CHECK"  # the variable that transformers looks at
TEXTS = (
    "two dogs running on a beach",
    "a cup of coffee",
    "",
    "海滩上的两只狗",
    "An old man in a red coat feeds the pigeons in front of the station while children watch, and it snows.",
)
_DTYPES = {
    "F16": ir.DataType.FLOAT16,
    "F32": ir.DataType.FLOAT,
    "I8": ir.DataType.INT8,
    "U8": ir.DataType.UINT8,
}


class _ImageSide(nn.Module):
    def __init__(self, model: DualEncoder) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> Tensor:
        return self.model.encode_image(images)


class _TextSide(nn.Module):
    def __init__(self, model: DualEncoder) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self.model.encode_text(ids, mask)


def export(
    folder: Path, images: NDArray[np.uint8] | None = None, texts: Sequence[str] = TEXTS
) -> ModelConfig:
    """Write the graphs of a checkpoint folder beside its weights, and their hashes into its config.

    Args:
        images: what the image graph is tried on, (B, size, size, 3) uint8; None: made-up pictures
        texts: what the text graph is tried on

    Returns:
        The config as written; the model's id stays as it was.

    Raises:
        KnownError: the checkpoint cannot be read, the network cannot be exported, or a graph's vectors
            differ from the network's.
    """
    model, config, tokenizer = checkpoint.load(folder)
    weights = read_file(folder, WEIGHTS, config.hashes.get(WEIGHTS))
    tokens = tokenizer(texts)
    batch = torch.export.Dim.DYNAMIC
    length = torch.export.Dim.STATIC if config.fixed_length else torch.export.Dim.DYNAMIC
    graphs = {
        IMAGE_GRAPH: _graph(
            _ImageSide(model),
            {"images": examples(4, config.preprocessing.size) if images is None else images},
            {"images": {0: batch}},
            weights,
        ),
        TEXT_GRAPH: _graph(
            _TextSide(model),
            {"ids": tokens.ids, "mask": tokens.mask},
            {"ids": {0: batch, 1: length}, "mask": {0: batch, 1: length}},
            weights,
        ),
    }
    hashes = {name: file_hash(graph) for name, graph in graphs.items()}
    exported = msgspec.structs.replace(config, exports=hashes)
    write_files(folder, {**graphs, CONFIG: encode_config(exported)})
    (folder / INT8_GRAPH).unlink(missing_ok=True)  # made from the graph that was there before
    return exported


def _graph(
    side: nn.Module, inputs: Mapping[str, NDArray[Any]], dynamic: dict[str, Any], weights: bytes
) -> bytes:
    """One side as a graph that was held to the network's own vectors."""
    tensors = tuple(torch.from_numpy(value) for value in inputs.values())
    try:
        with torch.inference_mode(), _without_checks(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of axes that have one name for two inputs
            program = torch.onnx.export(
                side.eval(),
                tensors,
                dynamo=True,
                optimize=False,
                verbose=False,
                input_names=list(inputs),
                output_names=["vectors"],
                dynamic_shapes=dynamic,
            )
    except torch.onnx.OnnxExporterError as error:
        raise KnownError("The network cannot be exported: {reason}.", reason=error) from error
    assert program is not None
    model = program.model
    optimizer.inline(model)
    # What computes shapes, and norms in a form that is fused with the convolution before; not what is large.
    optimizer.fold_constants(
        model,
        input_size_limit=LARGEST_FOLDED,
        output_size_limit=LARGEST_FOLDED,
        should_fold=lambda node: False if node.op_type == "Transpose" else None,  # of weights, of any size
    )
    _drop_zero_biases(model.graph)
    optimizer.remove_unused_nodes(model)
    _share_weights(model.graph, weights)
    _unpack_at_once(model)
    _strip(model)
    graph: bytes = ir.to_proto(model).SerializeToString()

    with torch.inference_mode():
        expected = side(*tensors).numpy()
    found = open_session(graph, weights).run(None, dict(inputs))[0]
    cosine = float((found * expected).sum(axis=1).min())
    if not cosine >= MIN_COSINE:  # nor a NaN
        raise KnownError(
            "The exported network gives other vectors (cosine {cosine:.6f}); it is not written.",
            cosine=cosine,
        )
    return graph


@contextlib.contextmanager
def _without_checks() -> Iterator[None]:
    """transformers' checks of tensors, which ONNX has no operator for, are left out of what is traced."""
    before = os.environ.get(CHECKS)
    os.environ[CHECKS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[CHECKS]
        else:
            os.environ[CHECKS] = before


def _share_weights(graph: ir.Graph, weights: bytes) -> None:
    """Let the graph's weights be those of the safetensors file, in whose precision they stay."""
    length = int.from_bytes(weights[:8], "little")
    header = json.loads(weights[8 : 8 + length])
    for name, value in list(graph.initializers.items()):
        kept = header.get(name.removeprefix("model."))
        if kept is None:  # folded, or none of the weights
            continue
        start, end = (8 + length + offset for offset in kept["data_offsets"])
        dtype = _DTYPES[kept["dtype"]]
        shape = ir.Shape(kept["shape"])
        tensor = ir.ExternalTensor(WEIGHTS, start, end - start, dtype, shape=shape, name=name)
        shared = ir.Value(name=name, shape=shape, type=ir.TensorType(dtype), const_value=tensor)
        del graph.initializers[name]
        graph.initializers[name] = shared
        if dtype == ir.DataType.FLOAT16:
            _cast(graph, value, shared)
        else:
            value.replace_all_uses_with(shared)


def _cast(graph: ir.Graph, value: ir.Value, half: ir.Value) -> None:
    """Use `half` for `value`: cast to float32, for a table after the rows that are wanted were taken."""
    whole: ir.Value | None = None
    for node, place in list(value.uses()):
        if node.op_type == "Gather" and place == 0:
            rows = node.outputs[0]
            uses = list(rows.uses())
            node.replace_input_with(0, half)
            rows.type = ir.TensorType(ir.DataType.FLOAT16)
            cast = _cast_node(rows)
            graph.insert_after(node, cast)
            for user, at in uses:
                user.replace_input_with(at, cast.outputs[0])
            continue
        if whole is None:
            cast = _cast_node(half)
            graph.insert_before(graph[0], cast)
            whole = cast.outputs[0]
        node.replace_input_with(place, whole)


def _cast_node(value: ir.Value) -> ir.Node:
    cast = ir.node("Cast", [value], attributes={"to": ir.DataType.FLOAT})
    cast.outputs[0].name = f"{value.name}.float32"
    return cast


def _unpack_at_once(model: ir.Model) -> None:
    """Let layers in 8 bits become float32 by one operator, in the order in which they lie.

    As they were written, by Cast, Mul and Transpose, each is copied three times whenever the graph is opened:
    half of the time that this takes, and of the memory at its most.
    """
    graph = model.graph
    for node in list(graph):
        if node.op_type != "MatMul" or not (found := _eight_bits(node.inputs[1])):
            continue
        numbers, scales = found
        flat = ir.node("Reshape", [scales, _one_axis(graph)])
        unpacked = ir.node("DequantizeLinear", [numbers, flat.outputs[0]], attributes={"axis": 0})
        product = ir.node(
            "FusedMatMul",
            [node.inputs[0], unpacked.outputs[0]],
            domain=CONTRIBUTED,
            attributes={"transB": 1},
        )
        graph.insert_before(node, [flat, unpacked, product])
        node.outputs[0].replace_all_uses_with(product.outputs[0])
        graph.remove(node, safe=True)
        model.opset_imports[CONTRIBUTED] = 1
    optimizer.remove_unused_nodes(model)


def _eight_bits(value: ir.Value | None) -> tuple[ir.Value, ir.Value] | None:
    """The numbers (R, C) and scales (R, 1) of what is the transposed matrix of an EightBitLinear."""
    matrix = _input(value, "Transpose")
    numbers, scales = _input(_input(matrix, "Mul"), "Cast"), _input(matrix, "Mul", 1)
    if numbers is None or scales is None or numbers.dtype != ir.DataType.INT8:
        return None
    return numbers, scales


def _input(value: ir.Value | None, operator: str, place: int = 0) -> ir.Value | None:
    """What the operator that made a value takes; None where that is another one."""
    node = value.producer() if value is not None else None
    return node.inputs[place] if node is not None and node.op_type == operator else None


def _one_axis(graph: ir.Graph) -> ir.Value:
    """The shape of what has one axis, for Reshape."""
    name = "one_axis"
    if name not in graph.initializers:
        tensor = ir.tensor([-1], dtype=ir.DataType.INT64, name=name)
        graph.initializers[name] = ir.Value(
            name=name, shape=ir.Shape([1]), type=ir.TensorType(ir.DataType.INT64), const_value=tensor
        )
    return graph.initializers[name]


def _drop_zero_biases(graph: ir.Graph) -> None:
    """Let convolutions be without the zeros that the exporter adds to each that has no bias."""
    for node in graph:
        bias = node.inputs[2] if node.op_type == "Conv" and len(node.inputs) == 3 else None
        if bias is not None and bias.const_value is not None and not bias.const_value.numpy().any():
            node.resize_inputs(2)


def _strip(model: ir.Model) -> None:
    """Take out what only says where the exporter found each node, and what each gives."""
    model.metadata_props.clear()
    model.graph.metadata_props.clear()
    for node in model.graph:
        node.metadata_props.clear()
        node.doc_string = None
        for output in node.outputs:
            output.metadata_props.clear()
            if not output.is_graph_output():
                output.shape = output.type = None
