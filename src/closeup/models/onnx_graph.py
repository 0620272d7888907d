"""An ONNX graph under construction, for networks that are built from other files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import helper, numpy_helper

_OPSET, _IR = 13, 8
"""Versions that every onnxruntime of the last years reads."""


class OnnxGraph:
    """Nodes and constants, whose values are referenced by name."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def add(self, operator: str, *inputs: str, name: str = "", **attributes: object) -> str:
        """Add a node and return the name of its output.

        Args:
            operator: Type of the node, such as ``Conv``.
            inputs: Names of its inputs; an empty name for an input that is left out.
            name: Name of its output; by default a new one.
            attributes: Attributes of the node.

        """
        output = name or f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, values: NDArray[np.float32] | NDArray[np.int64]) -> str:
        """Add a constant and return its name."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(values, name))
        return name

    def serialized(self, *inputs: Any, results: Sequence[Any]) -> bytes:
        """The network as a file.

        Args:
            inputs: Names, types and shapes of the inputs, by ``onnx.helper``.
            results: Those of the outputs.

        """
        graph = helper.make_graph(
            self._nodes, "closeup", inputs, results, initializer=self._constants
        )
        opset = [helper.make_opsetid("", _OPSET)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=_IR)
        return bytes(model.SerializeToString())
