"""ONNX Runtime sessions over a checkpoint's graphs and the weights that these share."""

import os

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as state

from photosearch.core.errors import KnownError
from photosearch.core.memory import give_memory_back
from photosearch.models.config import WEIGHTS

CPU = "CPUExecutionProvider"
# What ONNX Runtime raises over a graph or a device: classes without a base of their own.
FAULTS: tuple[type[Exception], ...] = tuple(
    fault for fault in vars(state).values() if isinstance(fault, type) and issubclass(fault, Exception)
)


def open_session(
    graph: bytes,
    weights: bytes,
    provider: str = CPU,
    *,
    in_float32: bool = False,
    no_overflow: bool = False,
) -> onnxruntime.InferenceSession:
    """A session that computes on the thread that calls it.

    Graph and weights are taken from memory, so that what was hashed is what runs; ONNX Runtime opens no
    other file for them.

    Args:
        graph: an ONNX model whose tensors lie in `model.safetensors`
        weights: the bytes of that file; they may go once the session is open
        provider: of ONNX Runtime; the CPU does what it cannot
        in_float32: unpack weights in 8 bits once, as the graph is opened, and not at each run
        no_overflow: add products of 8 bits in 32, slowly where the processor has no instruction for that

    Raises:
        KnownError: it is no such graph, or this computer cannot run it.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong is raised
    # An arena keeps the largest batch's memory for good, and threads that spin take it from decoders.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if in_float32:
        options.add_session_config_entry("session.disable_quant_qdq", "1")
    if no_overflow:
        options.add_session_config_entry("session.x64quantprecision", "1")
    # What is no folder: ONNX Runtime would read the tensors of a branch from files in the current one.
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", os.devnull)
    options.add_external_initializers_from_files_in_memory([WEIGHTS], [weights], [len(weights)])
    try:
        session = onnxruntime.InferenceSession(graph, options, providers=list(dict.fromkeys([provider, CPU])))
    except FAULTS as error:
        raise KnownError(
            "The model's graph cannot be run ({reason}); install the model again.", reason=error
        ) from error
    give_memory_back()  # casting and packing the weights took twice their size
    return session
