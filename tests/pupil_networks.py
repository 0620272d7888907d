"""Small networks for pupils in ONNX whose answers are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tests.onnx_files import described, onnx_file

HEIGHT, WIDTH = 48, 64

SAID: dict[str, Any] = {"task": "pupils", "version": 1, "width": 1.2, "points": ["pupil"]}
SAID_OF_THREE = {**SAID, "points": ["left corner", "pupil", "right corner"]}


def constant_network(
    points: Sequence[Sequence[float]] = ((0.5, 0.5),),
    *,
    openness: float = 0.8,
    visible: float = 0.9,
    spread: float = 0.02,
    more: Mapping[str, Sequence[float] | float] | None = None,
    said: Mapping[str, Any] | str | None = SAID,
    **form: Any,
) -> bytes:
    """A network that answers the same for every eye.

    Args:
        points: Shares of the crop's sides.
        openness: An output, as the next two.
        visible: See above.
        spread: See above.
        more: Further outputs for one eye.
        said: Its property ``closeup``; None for a file without one.
        form: As :func:`network_file` takes it.

    """
    single = {"openness": openness, "visible": visible, "spread": spread}
    answers = {"points": np.array(points, np.float32)[None]}
    answers |= {name: np.array([value], np.float32) for name, value in single.items()}
    answers |= {name: np.array([value], np.float32) for name, value in (more or {}).items()}
    if more:
        form["outputs"] = ("points", *single, *more)
    nodes = [helper.make_node("Shape", ["eyes"], ["count"], end=1)]
    given: dict[str, NDArray[np.generic]] = {}
    for name, values in answers.items():
        given |= {f"one {name}": values, f"{name} shape": np.array(values.shape[1:], np.int64)}
        nodes += [
            helper.make_node("Concat", ["count", f"{name} shape"], [f"all {name}"], axis=0),
            helper.make_node("Expand", [f"one {name}", f"all {name}"], [name]),
        ]
    return network_file(nodes, given, said, **form)


def darkness_network(said: Mapping[str, Any] = SAID) -> bytes:
    """A network that takes the centroid of what is dark for the pupil.

    Each pixel counts by the fourth power of its darkness; openness is the mean brightness.
    """
    rows, columns = np.indices((HEIGHT, WIDTH)).reshape(2, -1)
    places = np.column_stack([(columns + 0.5) / WIDTH, (rows + 0.5) / HEIGHT]).astype(np.float32)
    given: dict[str, NDArray[np.generic]] = {
        "white": np.array(255, np.float32),
        "four": np.array(4, np.float32),
        "flat": np.array([0, -1], np.int64),
        "places": places,
        "second": np.array([1], np.int64),
        "nothing": np.array(0, np.float32),
        "sure": np.array(1, np.float32),
        "small": np.array(0.01, np.float32),
    }
    nodes = [
        helper.make_node("Cast", ["eyes"], ["grey"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["grey", "flat"], ["row"]),
        helper.make_node("Div", ["row", "white"], ["bright"]),
        helper.make_node("Sub", ["sure", "bright"], ["dark"]),
        helper.make_node("Pow", ["dark", "four"], ["weights"]),
        helper.make_node("ReduceSum", ["weights", "second"], ["sums"]),
        helper.make_node("MatMul", ["weights", "places"], ["moments"]),
        helper.make_node("Div", ["moments", "sums"], ["centres"]),
        helper.make_node("Unsqueeze", ["centres", "second"], ["points"]),
        helper.make_node("ReduceMean", ["bright", "second"], ["openness"], keepdims=0),
        helper.make_node("Mul", ["openness", "nothing"], ["zeros"]),
        helper.make_node("Add", ["zeros", "sure"], ["visible"]),
        helper.make_node("Add", ["zeros", "small"], ["spread"]),
    ]
    return network_file(nodes, given, said)


def network_file(
    nodes: Sequence[onnx.NodeProto],
    given: Mapping[str, NDArray[np.generic]],
    said: Mapping[str, Any] | str | None,
    *,
    input_name: str = "eyes",
    shape: Sequence[int | str] = ("n", HEIGHT, WIDTH),
    dtype: int = TensorProto.UINT8,
    outputs: Sequence[str] = ("points", "openness", "visible", "spread"),
) -> bytes:
    """Nodes as a file; whatever is asked for can be wrong."""
    renamed = [helper.make_node("Identity", [input_name], ["eyes"])] if input_name != "eyes" else []
    graph = helper.make_graph(
        [*renamed, *nodes],
        "pupils",
        [helper.make_tensor_value_info(input_name, dtype, list(shape))],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(value, name) for name, value in given.items()],
    )
    return onnx_file(graph, 18, described("closeup", said))
