"""Graphs that somebody else made: what they may open and run.

`onnx`, which writes them here, comes with torch.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
import safetensors.numpy
from onnx import TensorProto, helper

from photosearch.core.errors import KnownError
from photosearch.models.config import TEXT_GRAPH, WEIGHTS, read_unverified
from photosearch.models.runtime.session import open_session

SHARED = safetensors.numpy.save({"four": np.arange(4, dtype=np.float32)})
BEGIN = len(SHARED) - 16  # of the numbers
FLOAT = TensorProto.FLOAT


def lying_in(location: str, begin: int = BEGIN) -> TensorProto:
    """Four numbers that a graph says lie in another file."""
    tensor = TensorProto(name="four", data_type=FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    for key, value in {"location": location, "offset": str(begin), "length": "16"}.items():
        tensor.external_data.add(key=key, value=value)
    return tensor


def one(name: str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, FLOAT, [4])


def graph(nodes: Sequence[onnx.NodeProto], *tensors: TensorProto) -> bytes:
    whole = helper.make_graph(nodes, "graph", [one("x")], [one("y")], tensors)
    known = [helper.make_opsetid(domain, 1 if domain else 18) for domain in ("", "evil")]
    found: bytes = helper.make_model(whole, opset_imports=known, ir_version=10).SerializeToString()
    return found


def of_the_graph(tensor: TensorProto) -> bytes:
    return graph([helper.make_node("Add", ["x", "four"], ["y"])], tensor)


def of_a_node(tensor: TensorProto) -> bytes:
    nodes = [helper.make_node("Constant", [], ["four"], value=tensor)]
    return graph([*nodes, helper.make_node("Add", ["x", "four"], ["y"])])


def of_a_branch(tensor: TensorProto) -> bytes:
    branch = helper.make_graph(
        [helper.make_node("Add", ["x", "four"], ["sum"])], "branch", [], [one("sum")], [tensor]
    )
    true = helper.make_tensor("true", TensorProto.BOOL, [], [1])
    yes = helper.make_node("Constant", [], ["yes"], value=true)
    return graph([yes, helper.make_node("If", ["yes"], ["y"], then_branch=branch, else_branch=branch)])


def test_weights_are_read_from_the_shared_file() -> None:
    session = open_session(of_the_graph(lying_in(WEIGHTS)), SHARED)
    assert session.run(None, {"x": np.ones(4, np.float32)})[0].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("place", [of_the_graph, of_a_node, of_a_branch])
@pytest.mark.parametrize("location", ["{name}", "./{name}", "../{folder}/{name}", "{path}"])
def test_no_other_file_is_opened(
    place, location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.bin"
    other.write_bytes(bytes(200))
    monkeypatch.chdir(tmp_path)
    named = location.format(name=other.name, folder=tmp_path.name, path=other)
    with pytest.raises(KnownError, match="graph cannot be run"):
        open_session(place(lying_in(named)), SHARED)


@pytest.mark.parametrize("begin", [len(SHARED) - 8, 1 << 40, (1 << 63) - 8, -16])
def test_nothing_is_read_beyond_the_shared_file(begin: int) -> None:
    with pytest.raises(KnownError, match="graph cannot be run"):
        open_session(of_the_graph(lying_in(WEIGHTS, begin)), SHARED)


def test_nothing_is_read_from_the_memory_of_the_program() -> None:
    numbers = np.arange(4, dtype=np.float32)
    with pytest.raises(KnownError, match="graph cannot be run"):
        open_session(of_the_graph(lying_in("*/_ORT_MEM_ADDR_/*", numbers.ctypes.data)), SHARED)


def test_an_operator_of_somebody_elses_is_not_run() -> None:
    with pytest.raises(KnownError, match="graph cannot be run"):
        open_session(graph([helper.make_node("Anything", ["x"], ["y"], domain="evil")]), SHARED)


def test_a_graph_that_is_too_large_to_be_one_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / TEXT_GRAPH).open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(KnownError, match=r"text\.onnx cannot be read: "):
        read_unverified(tmp_path, TEXT_GRAPH)
