"""Description of a YOLO ONNX file: its input, and the metadata of Ultralytics' export."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError

from closeup.errors import ModelError
from closeup.geometry import Size

_USUAL_SIDE, _USUAL_STRIDE = 640, 32
_DTYPES: dict[int, type[np.floating]] = {1: np.float32, 10: np.float16}
"""Types by ONNX's numbers of element types."""


@dataclass(frozen=True, slots=True)
class YoloFile:
    """The input that a file expects, and the meaning of its outputs.

    Attributes:
        input: Name of the only input, of shape (1, 3, H, W).
        dtype: Type of the input.
        size: Size of the input in pixels; None if height and width are free.
        longest_side: Longer side of the pictures it was exported for, in pixels.
        stride: The sides of the input are multiples of this number of pixels.
        classes: Names by number; None if the file does not name them.
        points: Number of key points per box, 0 for none.
        point_length: Values per key point: 2 (x, y) or 3 (x, y, visibility).
        finished: Whether the file contains its own non-maximum suppression.
        author: Name of the program or company that wrote it; empty if the file names none.

    """

    input: str
    dtype: type[np.floating]
    size: Size | None
    longest_side: int
    stride: int
    classes: dict[int, str] | None
    points: int
    point_length: int
    finished: bool
    author: str

    @property
    def point_numbers(self) -> int:
        """Number of values of all key points of a box."""
        return self.points * self.point_length


def read_yolo_file(model: bytes, name: str) -> YoloFile:
    """Read the description of a YOLO file.

    Args:
        model: The serialised ONNX network.
        name: Name of the file in error messages.

    Raises:
        ModelError: the file is not ONNX, does not take colour pictures, is not a detector, or
            has unreadable metadata.

    """
    try:
        network = onnx.load_from_string(model)
    except DecodeError as error:
        raise ModelError(f"{name} is not an ONNX file; export the network as ONNX") from error
    said = {entry.key: entry.value for entry in network.metadata_props}
    given = {entry.name for entry in network.graph.initializer}
    inputs = [entry for entry in network.graph.input if entry.name not in given]
    if len(inputs) != 1 or (kind := inputs[0].type.tensor_type).elem_type not in _DTYPES:
        raise ModelError(f"{name} is not a YOLO file: it must have one input, of float numbers")
    task = said.get("task", "detect")
    if task not in {"detect", "pose"}:
        raise ModelError(f"{name} is a YOLO file for {task}; give one for detect or pose")
    points, length = _points(said, name)
    return YoloFile(
        input=inputs[0].name,
        dtype=_DTYPES[kind.elem_type],
        size=_size([entry.dim_value for entry in kind.shape.dim], name),
        longest_side=_largest(said, "imgsz", name) or _USUAL_SIDE,
        stride=_largest(said, "stride", name) or _USUAL_STRIDE,
        classes=_classes(said, name),
        points=points,
        point_length=length,
        finished=said.get("end2end") == "True" or _nms(said, name),
        author=said.get("author", ""),
    )


def _literal(said: Mapping[str, str], key: str, kinds: tuple[type, ...], name: str) -> Any:
    """Return a metadata value, which Ultralytics writes as Python; None if it is absent."""
    if key not in said:
        return None
    try:
        value = ast.literal_eval(said[key])
    except (ValueError, SyntaxError):
        value = None
    if not isinstance(value, kinds):
        raise ModelError(f"{name}: cannot read {key} in its metadata: {said[key]!r}; export again")
    return value


def _largest(said: Mapping[str, str], key: str, name: str) -> int | None:
    """Return a whole number, or the largest of several."""
    value = _literal(said, key, (int, float, list, tuple), name)
    return int(np.max(value)) if value else None


def _size(dimensions: list[int], name: str) -> Size | None:
    """Return height and width of (1, 3, H, W); a free dimension is 0."""
    if len(dimensions) != 4 or dimensions[0] > 1 or dimensions[1] not in {0, 3}:
        shape = tuple(dimensions)
        raise ModelError(
            f"{name}: its input {shape} is not one picture in colour; export it for (1, 3, H, W)"
        )
    height, width = dimensions[2:]
    return Size(width, height) if height and width else None


def _classes(said: Mapping[str, str], name: str) -> dict[int, str] | None:
    """Return class names; Ultralytics writes {0: 'face'}, early versions wrote ['face']."""
    names = _literal(said, "names", (dict, list), name)
    if names is None:
        return None
    pairs = names.items() if isinstance(names, dict) else enumerate(names)
    return {number: str(text) for number, text in pairs}


def _points(said: Mapping[str, str], name: str) -> tuple[int, int]:
    """Return the number of key points per box, and of values per key point."""
    shape = _literal(said, "kpt_shape", (list, tuple), name) or (0, 2)
    if len(shape) != 2 or shape[1] not in {2, 3}:
        raise ModelError(f"{name}: cannot read its key points of shape {shape}; export it again")
    return shape[0], shape[1]


def _nms(said: Mapping[str, str], name: str) -> bool:
    return bool((_literal(said, "args", (dict,), name) or {}).get("nms"))
