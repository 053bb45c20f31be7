"""ONNX Runtime over the models that read text. They lie in the program's own resources, and nowhere else."""

import onnxruntime

from photosearch.paths import resources


def open_session(name: str, threads: int) -> onnxruntime.InferenceSession:
    """A session of one of the models, on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong is raised
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    model = (resources() / "text" / name).read_bytes()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
