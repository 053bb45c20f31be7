"""Makes the models in `resources/text` of those in a wheel of rapidocr, which has PP-OCR's as ONNX.

    pip download --no-deps rapidocr
    python -m installer.text_models rapidocr-*.whl

Weights are kept in 16 bits, which halves the files; ONNX Runtime makes 32 of them as it opens a model.
"""

import hashlib
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MODELS = {
    "detector.onnx": (
        "rapidocr/models/PP-OCRv6_det_small.onnx",
        "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    ),
    "recogniser.onnx": (
        "rapidocr/models/PP-OCRv6_rec_small.onnx",
        "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    ),
}
FOLDER = Path(__file__).parent.parent / "resources" / "text"
SMALLEST = 256  # numbers of a tensor that is worth the node


def halved(model: bytes) -> bytes:
    """An ONNX model with its large tensors in 16 bits."""
    graph = onnx.load_from_string(model)
    casts = []
    for tensor in graph.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < SMALLEST:
            continue
        values = numpy_helper.to_array(tensor)
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.graph.node]
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)
    return bytes(graph.SerializeToString(deterministic=True))


def main(wheel: Path) -> None:
    """Write both models anew."""
    with zipfile.ZipFile(wheel) as inside:
        for name, (path, sha256) in MODELS.items():
            model = inside.read(path)
            if hashlib.sha256(model).hexdigest() != sha256:
                raise SystemExit(f"{path} in {wheel} is not the one that was looked at")
            (FOLDER / name).write_bytes(halved(model))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
