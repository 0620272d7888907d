"""The ONNX file of a network that tells good labels from bad ones."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, get_args

from closeup.errors import ModelError
from closeup.geometry import Size
from closeup.labelling.label_crops import EyeCropper, LabelCropper, ObjectCropper
from closeup.models.sessions import Network

PROPERTY = "closeup"
"""The metadata property, JSON with ``task``, ``version``, ``kind`` and ``width`` of the crops."""

TASK, VERSION = "label quality", 1

INPUT = "crops"
"""uint8 (n, H, W, 4), any n: crops of :mod:`closeup.labelling.label_crops`."""

OUTPUTS = ("bad", "map")
"""float32: ``bad`` (n,) the probability that the label is wrong; ``map`` (n, h, w) what each part
of the crop adds to its logit, the class activation map of Zhou et al. 2016: the mean of a map, plus
a constant, is the logit."""

CropKind = Literal["eye", "object"]
"""``eye``: the middle of pictures of one eye; ``object``: the surroundings of the label."""


@dataclass(frozen=True, slots=True)
class QualityFile:
    """What a file says of its crops.

    Attributes:
        size: Size of a crop, in pixels.
        kind: What the crops show.
        width: Width of a crop, in eye distances or in longer sides of the object.

    """

    size: Size
    kind: CropKind
    width: float

    def cropper(self, picture_width: float | None = None) -> LabelCropper:
        """What cuts out labels for the file.

        Args:
            picture_width: Width of the pictures in eye distances, if they are those of an eye data
                set; else None.

        Raises:
            ModelError: the file is for the other kind of pictures.

        """
        if (self.kind == "eye") != (picture_width is not None):
            wanted = "crops of eyes" if self.kind == "eye" else "whole pictures"
            raise ModelError(
                f"the network judges labels of {wanted}, and these pictures are others; "
                "train one on verdicts of this store: closeup train quality"
            )
        if picture_width is not None:
            return EyeCropper(self.size, self.width, picture_width)
        return ObjectCropper(self.size, self.width)

    def properties(self) -> dict[str, str]:
        """The metadata properties of the file."""
        said = {"task": TASK, "version": VERSION, "kind": self.kind, "width": self.width}
        return {PROPERTY: json.dumps(said)}


def described(network: Network, name: str) -> QualityFile:
    """Read a file's metadata, and check it against the file's inputs and outputs.

    Args:
        network: The opened file.
        name: Name of the file in error messages.

    Raises:
        ModelError: the file is not such a network, or has another version.

    """
    said = _said(network)
    if said.get("task") != TASK:
        raise ModelError(
            f"{name} does not say that it judges labels; such files are made by: "
            "closeup train quality"
        )
    if said.get("version") != VERSION:
        raise ModelError(
            f"{name} is of version {said.get('version')}, this Closeup reads version {VERSION}; "
            "train it again, or install the Closeup that made it"
        )
    shape = network.inputs.get(INPUT, ())
    kind: Any = said.get("kind")
    width = said.get("width")
    fits = len(shape) == 4 and shape[3] == 4 and all(isinstance(n, int) for n in shape[1:])
    if not fits or kind not in get_args(CropKind) or not isinstance(width, float | int):
        raise ModelError(f"{name} is damaged: it reads {network.inputs} as {kind} of {width}")
    return QualityFile(Size(int(shape[2] or 0), int(shape[1] or 0)), kind, float(width))


def _said(network: Network) -> dict[str, Any]:
    try:
        said = json.loads(network.metadata[PROPERTY])
    except (KeyError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
