"""A checkpoint's photos' side in 8 bits: its exported graph again, with convolutions over whole numbers.

Convolutions with the norms and clips behind them, and the sums between them, take part; what comes after the
last of them stays in float32. The weights stay those of the safetensors file: the graph rounds them when it
is opened, each channel by its own largest, so that all it holds is how large each activation gets.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import onnx
import onnx_ir as ir
from numpy.typing import NDArray
from onnxscript import optimizer

from photosearch.core.errors import KnownError
from photosearch.models.config import (
    CONFIG,
    IMAGE_GRAPH,
    INT8_GRAPH,
    WEIGHTS,
    ModelConfig,
    encode_config,
    file_hash,
    read_config,
    read_file,
    write_files,
)
from photosearch.models.runtime import int8
from photosearch.models.runtime.session import open_session

MIN_COSINE = 0.98  # between the two graphs' vectors, the average over photographs
_LEVELS = 255  # of an activation
_LARGEST_WEIGHT = 127


class Scale(NamedTuple):
    """What the 8 bits of an activation stand for: (bits - zero) * step."""

    step: float
    zero: int


class _Stage(NamedTuple):
    convolution: ir.Node
    norm: ir.Node | None
    end: ir.Value  # behind norm and clip

    @property
    def taken(self) -> ir.Value:
        value = self.convolution.inputs[0]
        assert value is not None
        return value


def export_int8(folder: Path, pictures: NDArray[np.uint8]) -> ModelConfig:
    """Write the 8-bit graph of an exported checkpoint, and its hash into its config.

    Args:
        pictures: photographs that show how large activations get, (B, size, size, 3) uint8

    Returns:
        The config as written; the model's own id stays as it was.

    Raises:
        KnownError: the checkpoint cannot be read or was not exported, it has no convolutions, or 8 bits
            change its vectors too much.
    """
    config = read_config(folder)
    weights = read_file(folder, WEIGHTS, config.hashes.get(WEIGHTS))
    exported = read_file(folder, IMAGE_GRAPH, config.exports.get(IMAGE_GRAPH))
    graph = _rounded(exported, _scales(exported, weights, pictures))
    cosine = float(_cosines(exported, graph, weights, pictures).mean())
    made_up = float(_cosines(exported, graph, weights, int8.blocks(config.preprocessing.size)).min())
    if not (cosine >= MIN_COSINE and made_up >= int8.MIN_COSINE):  # nor a NaN
        raise KnownError(
            "In 8 bits the network gives other vectors (cosine {cosine:.3f}, of made-up pictures "
            "{made_up:.3f}); it is not written.",
            cosine=cosine,
            made_up=made_up,
        )
    written = msgspec.structs.replace(config, exports={**config.exports, INT8_GRAPH: file_hash(graph)})
    write_files(folder, {INT8_GRAPH: graph, CONFIG: encode_config(written)})
    return written


def _cosines(
    exported: bytes, graph: bytes, weights: bytes, pictures: NDArray[np.uint8]
) -> NDArray[np.float64]:
    """Between what two graphs make of each picture."""
    expected, found = (_outputs(data, weights, pictures, ["vectors"]) for data in (exported, graph))
    return np.array([(a * b).sum() for (a,), (b,) in zip(expected, found, strict=True)])


def _scales(graph: bytes, weights: bytes, pictures: NDArray[np.uint8]) -> dict[str, Scale]:
    """The scale of each activation that is to be rounded, by name."""
    model = _loaded(graph)
    stages = _stages(model.graph)
    if not stages:
        raise KnownError("The network has no convolutions, and nothing would be faster in 8 bits.")
    wanted = {value.name or "": value for stage in stages for value in (stage.taken, stage.end)}
    for value in wanted.values():
        value.type = ir.TensorType(ir.DataType.FLOAT)
        model.graph.outputs.append(value)
    low, high = np.zeros(len(wanted)), np.zeros(len(wanted))
    for found in _outputs(_bytes(model), weights, pictures, list(wanted)):
        low = np.minimum(low, [activation.min() for activation in found])
        high = np.maximum(high, [activation.max() for activation in found])
    steps = np.maximum((high - low) / _LEVELS, np.finfo(np.float32).tiny)
    return {
        name: Scale(float(step), round(-lowest / step))
        for name, step, lowest in zip(wanted, steps, low, strict=True)
    }


def _outputs(
    graph: bytes, weights: bytes, pictures: NDArray[np.uint8], names: Sequence[str]
) -> Iterator[list[NDArray[np.float32]]]:
    """What a graph gives for one picture after the other, whichever processor it is written on."""
    session = open_session(graph, weights, no_overflow=True)
    for picture in pictures:
        yield session.run(list(names), {"images": picture[None]})


def _rounded(graph: bytes, scales: Mapping[str, Scale]) -> bytes:
    """The graph with these activations, and the weights between them, in 8 bits."""
    model = _loaded(graph)
    rounding = _Rounding(model.graph)
    stages = _stages(model.graph)
    pixels = rounding.take_pixels_as_they_are()
    values = {value.name: value for node in model.graph for value in node.outputs}
    for name, scale in scales.items():
        if name != pixels:
            rounding.round_activation(values[name], scale)
    for stage in stages:
        rounding.round_weights(stage)
    optimizer.remove_unused_nodes(model)
    return _bytes(model)


def _loaded(graph: bytes) -> ir.Model:
    """A graph whose convolutions pad what they take themselves."""
    model = ir.serde.deserialize_model(onnx.ModelProto.FromString(graph))
    for node in model.graph:
        pad = node.inputs[0].producer() if node.op_type == "Conv" and node.inputs[0] else None
        if pad is None or pad.op_type != "Pad" or any(node.attributes["pads"].as_ints()):
            continue
        top, left, bottom, right = _constant(pad.inputs[1])[[2, 3, 6, 7]].tolist()
        node.attributes["pads"] = ir.AttrInt64s("pads", [top, left, bottom, right])
        node.replace_input_with(0, pad.inputs[0])
    optimizer.remove_unused_nodes(model)
    return model


def _bytes(model: ir.Model) -> bytes:
    data: bytes = ir.to_proto(model).SerializeToString()
    return data


def _stages(graph: ir.Graph) -> list[_Stage]:
    """Each convolution, with what ONNX Runtime computes in one with it."""
    stages = []
    for convolution in graph:
        if convolution.op_type != "Conv":
            continue
        end, norm = convolution.outputs[0], None
        if (then := _only_user(end)) and then.op_type == "BatchNormalization":
            norm, end = then, then.outputs[0]
        if (then := _only_user(end)) and then.op_type in ("Clip", "Relu"):
            end = then.outputs[0]
        stages.append(_Stage(convolution, norm, end))
    return stages


def _only_user(value: ir.Value) -> ir.Node | None:
    users = [node for node, _ in value.uses()]
    return users[0] if len(users) == 1 else None


def _constant(value: ir.Value | None) -> NDArray[Any]:
    tensor = ir.convenience.get_const_tensor(value) if value is not None else None
    assert tensor is not None, "the exporter folds it"
    return tensor.numpy()


class _Rounding:
    """Puts rounding to 8 bits and back into a graph; ONNX Runtime joins both with what lies between them."""

    def __init__(self, graph: ir.Graph) -> None:
        self._graph = graph
        self._constants: dict[tuple[str, bytes], ir.Value] = {}
        self._added = 0

    def take_pixels_as_they_are(self) -> str | None:
        """Let bytes that are only shifted and scaled be the first activation; -> the name of that."""
        for cast in self._graph:
            shift = _only_user(cast.outputs[0]) if cast.op_type == "Cast" else None
            divide = _only_user(shift.outputs[0]) if shift and shift.op_type == "Sub" else None
            if shift is None or divide is None or divide.op_type != "Div":
                continue
            mean, std = np.unique(_constant(shift.inputs[1])), np.unique(_constant(divide.inputs[1]))
            if len(mean) == len(std) == 1 and mean[0] == int(mean[0]):  # of all colours, as their zero
                scaling = np.float32(1 / std[0]), np.uint8(mean[0])
                pixels = self._node("DequantizeLinear", cast, [cast.inputs[0], *scaling])
                divide.outputs[0].replace_all_uses_with(pixels)
                return divide.outputs[0].name
        return None

    def round_activation(self, value: ir.Value, scale: Scale) -> None:
        maker, users = value.producer(), list(value.uses())
        assert maker is not None
        scaling = np.float32(scale.step), np.uint8(scale.zero)
        after = next(node for node, _ in users)
        rounded = self._node("QuantizeLinear", after, [value, *scaling])
        back = self._node("DequantizeLinear", after, [rounded, *scaling])
        for user, place in users:
            user.replace_input_with(place, back)

    def round_weights(self, stage: _Stage) -> None:
        """Fold the norm into the convolution, and round its weights, each channel by its own largest."""
        at = stage.convolution
        _, weight, *bias = at.inputs
        offset = bias[0] if bias else None
        if stage.norm is not None:
            gain, shift, mean, variance = stage.norm.inputs[1:]
            epsilon = np.float32(stage.norm.attributes["epsilon"].as_float())
            deviation = self._node("Sqrt", at, [self._node("Add", at, [variance, epsilon])])
            factor = self._node("Div", at, [gain, deviation])
            centre = mean if offset is None else self._node("Sub", at, [mean, offset])
            offset = self._node("Sub", at, [shift, self._node("Mul", at, [centre, factor])])
            column = self._node("Reshape", at, [factor, np.array([-1, 1, 1, 1])])
            weight = self._node("Mul", at, [weight, column])
        largest = self._node(
            "ReduceMax", at, [self._node("Abs", at, [weight]), np.array([1, 2, 3])], {"keepdims": 0}
        )
        step = self._node("Div", at, [largest, np.float32(_LARGEST_WEIGHT)])
        zeros = self._node("Cast", at, [self._node("Sub", at, [step, step])], {"to": ir.DataType.INT8})
        rounded = self._node("QuantizeLinear", at, [weight, step, zeros], {"axis": 0})
        weight = self._node("DequantizeLinear", at, [rounded, step, zeros], {"axis": 0})
        inputs = [stage.taken, weight] if offset is None else [stage.taken, weight, offset]
        convolved = self._node("Conv", at, inputs, at.attributes)
        (stage.norm or at).outputs[0].replace_all_uses_with(convolved)

    def _node(
        self,
        op_type: str,
        before: ir.Node,
        inputs: Sequence[ir.Value | NDArray[Any] | np.generic | None],
        attributes: Mapping[str, Any] | None = None,
    ) -> ir.Value:
        """The output of a new node; what is no value of the graph yet becomes a constant of it."""
        values = [self._constant(i) if isinstance(i, np.ndarray | np.generic) else i for i in inputs]
        node = ir.node(op_type, values, attributes=attributes)
        self._added += 1
        node.outputs[0].name = f"q{self._added}"
        self._graph.insert_before(before, node)
        return node.outputs[0]

    def _constant(self, number: NDArray[Any] | np.generic) -> ir.Value:
        array = np.asarray(number)
        key = f"{array.dtype}{array.shape}", array.tobytes()
        if key not in self._constants:
            tensor = ir.tensor(array, name=f"q_constant{len(self._constants)}")
            value = ir.Value(
                name=tensor.name,
                shape=ir.Shape(array.shape),
                type=ir.TensorType(tensor.dtype),
                const_value=tensor,
            )
            self._graph.register_initializer(value)
            self._constants[key] = value
        return self._constants[key]
