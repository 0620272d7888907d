"""ONNX graphs as the bytes of files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from onnx import GraphProto, helper


def onnx_file(graph: GraphProto, opset: int, metadata: Mapping[str, str] | None = None) -> bytes:
    """The file of a graph, with the texts of its metadata by their names."""
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    helper.set_model_props(model, dict(metadata or {}))
    return bytes(model.SerializeToString())


def described(name: str, said: Mapping[str, Any] | str | None) -> dict[str, str]:
    """Metadata of one entry in JSON; a text is taken as it is, and None gives no metadata."""
    if said is None:
        return {}
    return {name: said if isinstance(said, str) else json.dumps(dict(said))}
