"""The ONNX file of a pupil network: inputs, outputs and metadata."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from closeup.errors import ModelError
from closeup.geometry import Size
from closeup.models.sessions import Network
from closeup.pupils.eye_crops import CropShape

PROPERTY = "closeup"
"""The metadata property, JSON with ``task``, ``version``, ``width`` of a crop in eye distances
and the names of the ``points``."""

TASK, VERSION = "pupils", 1

INPUT = "eyes"
"""uint8 (n, H, W), any n: grey crops, eyes level, left eyes mirrored, not normalised."""

OUTPUTS = ("points", "openness", "visible", "spread")
"""float32: ``points`` (n, k, 2) x and y as fractions of the crop's sides; ``openness`` (n,) from 0,
closed, to 1; ``visible`` (n,) the probability that the eye is visible; ``spread`` (n,) the expected
error of the pupil, in eye distances."""

OPTIONAL_OUTPUTS = ("entropy", "features")
"""float32, which a file may lack: ``entropy`` (n,) that of the pupil's heatmap, in nats;
``features`` (n, d) what the network saw of the eye, to compare eyes by."""

POINT_NAMES = {1: ("pupil",), 3: ("left corner", "pupil", "right corner")}
"""Names by the number of points; left and right as in the crop, so "left" is at the temple."""

_MOST_WIDTH = 10.0


@dataclass(frozen=True, slots=True)
class NetworkFile:
    """The crops that a file takes, and the points that it gives.

    Attributes:
        size: Size of a crop, in pixels.
        width: Width of a crop, in eye distances.
        points: Number of points, 1 or 3, as in :data:`POINT_NAMES`.

    """

    size: Size
    width: float
    points: int

    @property
    def shape(self) -> CropShape:
        """Shape of the crops for the file: of this size for eyes of any size."""
        unit = self.size.width / self.width
        return CropShape(unit, self.width, self.size.height / unit, least=1.0)


def described(network: Network, name: str) -> NetworkFile:
    """Read a file's metadata, and check it against the file's inputs and outputs.

    Args:
        network: The opened file.
        name: Name of the file in error messages.

    Raises:
        ModelError: the file is not a network for pupils, has another version, or its metadata,
            inputs and outputs disagree.

    """
    said = _said(network, name)
    if said.get("task") != TASK:
        raise ModelError(f"{name} is a network for {said.get('task')}, not for {TASK}")
    if said.get("version") != VERSION:
        raise ModelError(
            f"{name} is of version {said.get('version')}, this Closeup reads version {VERSION}; "
            "train it again, or install the Closeup that made it"
        )
    return NetworkFile(_size(network, name), _width(said, name), _points(said, name))


def _said(network: Network, name: str) -> dict[str, Any]:
    try:
        said = json.loads(network.metadata[PROPERTY])
    except (KeyError, ValueError):
        said = None
    if not isinstance(said, dict):
        raise ModelError(
            f"{name} does not say that it finds pupils: it has no property {PROPERTY!r} that can "
            "be read; such files are made by: closeup train pupils"
        )
    return said


def _size(network: Network, name: str) -> Size:
    """Size of the one input (n, H, W); checks that all outputs exist."""
    missing = [output for output in OUTPUTS if output not in network.outputs]
    if missing:
        raise ModelError(f"{name} has no output {missing[0]!r}; a network for pupils needs it")
    shape = network.inputs.get(INPUT, ())
    if len(network.inputs) == 1 and len(shape) == 3:
        count, height, width = shape
        if not isinstance(count, int) and isinstance(height, int) and isinstance(width, int):
            return Size(width, height)
    raise ModelError(
        f"{name} reads {network.inputs}; a network for pupils reads {INPUT!r} of (n, H, W) "
        "with n free"
    )


def _width(said: dict[str, Any], name: str) -> float:
    width = said.get("width")
    if isinstance(width, bool) or not isinstance(width, int | float):
        width = math.nan
    if not 0 < width <= _MOST_WIDTH:
        raise ModelError(
            f"{name}: its metadata gives crops that are {said.get('width')} eye distances wide"
        )
    return float(width)


def _points(said: dict[str, Any], name: str) -> int:
    for count, names in POINT_NAMES.items():
        if said.get("points") == list(names):
            return count
    known = " or ".join(", ".join(names) for names in POINT_NAMES.values())
    raise ModelError(f"{name} gives the points {said.get('points')}; known are {known}")
