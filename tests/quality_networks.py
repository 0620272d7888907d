"""Good/bad networks as files: made by hand, not trained, so that it is known what they see."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from closeup.geometry import Size
from closeup.labelling.quality_file import INPUT, CropKind, QualityFile
from tests.onnx_files import onnx_file

_CELL = 4
"""Pixels of a crop a cell of the map."""
_STRONG = 1200.0

EYES = QualityFile(Size(64, 48), "eye", 1.2)
OBJECTS = QualityFile(Size(64, 48), "object", 2.0)


def bright_is_wrong(said: QualityFile | CropKind = "object") -> bytes:
    """A network for which a label is wrong where it lies on bright pixels, and right on dark ones.

    It multiplies nothing: the mark (m) and red (r), both from 0 to 1, give max(0, m + r − 1) on
    bright pixels and max(0, m − r) on dark ones.
    """
    file = {"object": OBJECTS, "eye": EYES}[said] if isinstance(said, str) else said
    height, width = file.size.height, file.size.width
    features = np.zeros((2, 4, 1, 1), np.float32)
    features[0, [0, 3]] = 1 / 255
    features[1, [0, 3]] = np.array([-1, 1])[:, None, None] / 255
    weights = {
        "features": features,
        "offset": np.array([-1, 0], np.float32),
        "signs": _STRONG * np.array([1, -1], np.float32).reshape(1, 2, 1, 1),
        "channel": np.array([1], np.int64),
        "everywhere": np.array([1, 2], np.int64),
    }
    nodes = [
        helper.make_node("Cast", [INPUT], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["numbers"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "features", "offset"], ["seen"]),
        helper.make_node("Relu", ["seen"], ["kept"]),
        helper.make_node(
            "AveragePool", ["kept"], ["cells"], kernel_shape=[_CELL] * 2, strides=[_CELL] * 2
        ),
        helper.make_node("Conv", ["cells", "signs"], ["one"]),
        helper.make_node("Squeeze", ["one", "channel"], ["map"]),
        helper.make_node("ReduceMean", ["map", "everywhere"], ["logit"], keepdims=0),
        helper.make_node("Sigmoid", ["logit"], ["bad"]),
    ]
    graph = helper.make_graph(
        nodes,
        "quality",
        [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["n", height, width, 4])],
        [
            helper.make_tensor_value_info("bad", TensorProto.FLOAT, ["n"]),
            helper.make_tensor_value_info(
                "map", TensorProto.FLOAT, ["n", height // _CELL, width // _CELL]
            ),
        ],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    return onnx_file(graph, 18, file.properties())
