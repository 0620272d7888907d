"""Any face embedding in an ONNX file.

A network reads one float32 input (N, 3, H, W), N fixed or free, and gives one output (N, D). The
file's metadata property ``closeup_embedding``, a JSON object, tells how a face becomes that input:

- ``template``: ``arcface`` (five points on those of ArcFace; the default) or ``dlib``
  (``dlib.get_face_chip`` with a padding of 0.25);
- ``size``: side of the chip in pixels, by default that of the input, or 112 if it is free;
- ``channels``: ``rgb`` (default) or ``bgr``;
- ``mean`` and ``scale``: a number or one for each channel, in the order in which the network reads
  them; the input is (value - mean) · scale, by default (value - 127.5) / 127.5;
- ``unit_length``: whether vectors are brought to length 1, by default true.

Without the property these defaults apply, which are the convention of ArcFace's networks.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.embedding_calibration import EmbeddingCalibration
from closeup.errors import ModelCorruptError, ModelError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.landmarks.alignment import face_chip
from closeup.landmarks.five_points import five_points
from closeup.landmarks.templates import ARCFACE_SIZE, arcface
from closeup.landmarks.warping import warped
from closeup.models.sessions import UNSUITED, Network
from closeup.protocols import Landmarker

PROPERTY = "closeup_embedding"

_BATCH = 16
"""Chips in one run if the file leaves their number free."""
_SIDES = range(16, 1025)


class ChipTemplate(StrEnum):
    """The position of a face in a chip."""

    ARCFACE = "arcface"
    """The five points of ArcFace (Deng et al., CVPR 2019), scaled to the chip's size."""
    DLIB = "dlib"
    """The alignment of dlib's embedding."""


@dataclass(frozen=True, slots=True)
class ChipForm:
    """Preprocessing of faces for a network, and postprocessing of its output.

    Attributes:
        template: Position of the face in the chip.
        size: Side of the chip in pixels.
        channels: ``rgb`` or ``bgr``, the order in which the network reads them.
        mean: Value of each channel, in that order, subtracted from pixels of 0 to 255.
        scale: Factor of each channel, by which the difference is multiplied.
        unit_length: Whether vectors are normalised to length 1.

    """

    template: ChipTemplate = ChipTemplate.ARCFACE
    size: int = ARCFACE_SIZE.width
    channels: str = "rgb"
    mean: tuple[float, float, float] = (127.5, 127.5, 127.5)
    scale: tuple[float, float, float] = (1 / 127.5, 1 / 127.5, 1 / 127.5)
    unit_length: bool = True

    def input(self, chips: Sequence[RGBImage]) -> NDArray[np.float32]:
        """Chips (size, size, 3) RGB uint8 as the network reads them: (n, 3, size, size)."""
        # The bytes are put in order before they become numbers: this takes a tenth of the time.
        ordered = np.ascontiguousarray(np.stack(chips).transpose(0, 3, 1, 2))
        pixels = (ordered[:, ::-1] if self.channels == "bgr" else ordered).astype(np.float32)
        pixels -= np.array(self.mean, np.float32)[:, None, None]
        pixels *= np.array(self.scale, np.float32)[:, None, None]
        return np.ascontiguousarray(pixels)


class OnnxEmbedder:
    """The vectors of a network that reads aligned faces.

    Attributes:
        name: Name of the embedder; vectors of different names cannot be compared.
        dimensions: Number of components of a vector.
        calibration: Meaning of the distances of its vectors; None if it has not been measured.

    Args:
        network: The opened network.
        name: Name of the embedder, also in error messages.
        form: Preprocessing of its input.
        landmarker: Finds dlib's points, for the template ``dlib`` and for faces whose detector
            gave no points.
        calibration: Calibration of this embedder; None without one.

    Raises:
        ModelError: the network cannot read such chips, or does not give one vector for each.

    """

    def __init__(
        self,
        network: Network,
        name: str,
        form: ChipForm,
        landmarker: Landmarker,
        calibration: EmbeddingCalibration | None = None,
    ) -> None:
        self.name, self.calibration = name, calibration
        self._network, self._form, self._landmarker = network, form, landmarker
        self._input, self._batch = _input(network, name, form)
        self.dimensions = 0
        self.dimensions = self._tried().shape[1]

    def chips(self, image: RGBImage, faces: Faces) -> list[RGBImage]:
        """The aligned picture of each face; each (size, size, 3) RGB uint8.

        ArcFace's template is aligned by the detector's five points if it gives them, else by
        dlib's.
        """
        side, points = self._form.size, faces.landmarks
        if self._form.template is ChipTemplate.DLIB:
            return [face_chip(image, five, side) for five in self._landmarker.find(image, faces)]
        if points is None:
            points = five_points(self._landmarker.find(image, faces))
        size = Size(side, side)
        return [warped(image, arcface(five, side), size, fill=None) for five in points]

    def embed(self, chips: Sequence[RGBImage]) -> NDArray[np.float32]:
        """One vector a chip; shape (n, dimensions) float32.

        If the network's output for a chip is not finite, its vector is zero, far from all others.

        Args:
            chips: (size, size, 3) RGB uint8 arrays, as :meth:`chips` gives them.

        """
        batch = self._batch or _BATCH
        parts = [self._run(chips[i : i + batch]) for i in range(0, len(chips), batch)]
        joined = np.concatenate([np.empty((0, self.dimensions), np.float32), *parts])
        joined = np.where(np.isfinite(joined).all(axis=1, keepdims=True), joined, np.float32(0))
        return unit_length(joined) if self._form.unit_length else joined

    def _run(self, chips: Sequence[RGBImage]) -> NDArray[np.float32]:
        """The network's output for chips; a batch of fixed size is padded with zeros."""
        pixels = self._form.input(chips)
        missing = (self._batch or len(chips)) - len(chips)
        filled = np.pad(pixels, ((0, missing), (0, 0), (0, 0), (0, 0))) if missing else pixels
        (output,) = self._network.run(**{self._input: filled}).values()
        return output[: len(chips)]

    def _tried(self) -> NDArray[np.float32]:
        """The network's output for a random chip; raises ModelError if it is not one vector."""
        side = self._form.size
        chip = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
        try:
            found = self._run([chip])
        except UNSUITED as error:
            reason = " ".join(str(error).split())[:200]
            raise ModelError(
                f"{self.name} cannot be run on a chip of {side}×{side}: {reason}"
            ) from error
        if found.ndim != 2 or len(found) != 1 or found.dtype != np.float32 or found.shape[1] < 2:
            raise ModelError(
                f"{self.name} gives {found.dtype} of shape {found.shape} for one face; "
                "a face embedding gives float32 of shape (1, D)"
            )
        if not np.isfinite(found).all():
            raise ModelError(f"{self.name} gives numbers that are not finite; export it again")
        return found


def open_onnx_embedder(
    model: bytes,
    name: str,
    landmarker: Landmarker,
    calibration: EmbeddingCalibration | None = None,
    threads: int | None = None,
) -> OnnxEmbedder:
    """Open an embedding whose file describes its preprocessing.

    Args:
        model: The bytes of the file.
        name: Name of the embedder, also in error messages.
        landmarker: As for :class:`OnnxEmbedder`.
        calibration: Calibration of this embedder; None without one.
        threads: Threads inside one operator; by default one per processor.

    Raises:
        ModelCorruptError: onnxruntime cannot run the file.
        ModelError: the file is not a face embedding, or its property is not valid.

    """
    try:
        network = Network(model, name, threads)
    except ModelCorruptError as error:
        raise ModelCorruptError(
            f"onnxruntime cannot run {name}: it is damaged or no ONNX file; export it again"
        ) from error
    return OnnxEmbedder(network, name, described(network, name), landmarker, calibration)


def described(network: Network, name: str) -> ChipForm:
    """The preprocessing that a file describes; by default ArcFace's.

    Raises:
        ModelError: the file's property is not valid.

    """
    try:
        return _form(dict(json.loads(network.metadata.get(PROPERTY, "{}"))), network)
    except (ValueError, TypeError, OverflowError) as error:
        reason = " ".join(str(error).split())
        raise ModelError(
            f"{name}: its property {PROPERTY!r} cannot be followed ({reason}); "
            "docs/models/onnx-embeddings.md says what it may hold"
        ) from error


def _form(said: dict[str, Any], network: Network) -> ChipForm:
    unknown = said.keys() - {"template", "size", "channels", "mean", "scale", "unit_length"}
    if unknown:
        raise ValueError(f"unknown key {min(unknown)!r}")
    default = ChipForm(size=_own_side(network) or ARCFACE_SIZE.width)
    size, channels = said.get("size", default.size), said.get("channels", default.channels)
    unit = said.get("unit_length", default.unit_length)
    if isinstance(size, bool) or not isinstance(size, int) or size not in _SIDES:
        raise ValueError(f"size is {size!r}; give {_SIDES.start} to {_SIDES.stop - 1}")
    if channels not in {"rgb", "bgr"}:
        raise ValueError(f"channels is {channels!r}; give rgb or bgr")
    if not isinstance(unit, bool):
        raise TypeError(f"unit_length is {unit!r}; give true or false")
    return ChipForm(
        ChipTemplate(said.get("template", default.template)),
        size,
        channels,
        _three(said.get("mean", default.mean[0]), "mean"),
        _three(said.get("scale", default.scale[0]), "scale"),
        unit,
    )


def _three(value: Any, key: str) -> tuple[float, float, float]:
    first, second, third = value if isinstance(value, list) and len(value) == 3 else [value] * 3
    numbers = first, second, third
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise TypeError(f"{key} is {value!r}; give a number, or three")
        if not math.isfinite(number) or abs(number) > 1e6:
            raise ValueError(f"{key} is {value!r}; give a number, or three")
    return float(first), float(second), float(third)


def _own_side(network: Network) -> int | None:
    """Width of the first input; None if it is free."""
    shape = next(iter(network.inputs.values()), ())
    return shape[3] if len(shape) == 4 and isinstance(shape[3], int) else None


def _input(network: Network, name: str, form: ChipForm) -> tuple[str, int | None]:
    """Name of the input, and its batch size; None if that is free."""
    if len(network.inputs) == 1 and len(network.outputs) == 1:
        ((key, shape),) = network.inputs.items()
        sides = [side for side in shape[1:] if isinstance(side, int)]
        free = len(shape) - 1 - len(sides)
        fits = sides == [3, form.size, form.size][: len(sides)] and free in {0, 2}
        if len(shape) == 4 and fits:
            return key, shape[0] if isinstance(shape[0], int) else None
    raise ModelError(
        f"{name} is no face embedding: it reads {network.inputs} and gives {network.outputs}; one "
        f"input (N, 3, {form.size}, {form.size}) and one output (N, D) are needed"
    )
