"""Pupils by a trained network that processes all eyes of a picture together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.errors import ModelCorruptError, ModelError
from closeup.models.sessions import UNSUITED, Network
from closeup.protocols import Landmarker
from closeup.pupils.crop_finder import CropPupilFinder
from closeup.pupils.eye_crops import EyeCrop, in_pixels
from closeup.pupils.method import Located, Steps
from closeup.pupils.network_file import INPUT, OPTIONAL_OUTPUTS, OUTPUTS, described
from closeup.pupils.visibility import OF_NETWORKS

_MOST_EYES = 64
"""Largest number of eyes per run; limits the memory for a picture with many faces."""

_LEAST_VISIBLE = 0.5
"""Least probability of a visible eye for a result with a point."""

_NEAR = 0.05
"""Eye distances; the largest error of a found pupil in the literature."""


_LEAST_SPREAD = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class EyeReadings:
    """Outputs of a network for n eye crops.

    Attributes:
        points: (n, k, 2) float64, x and y in the crop's pixels;
            :meth:`closeup.pupils.eye_crops.EyeCrop.to_source` maps them to the source. One point
            is the pupil; three are left corner, pupil and right corner as seen in the crop.
        openness: (n,) float64 from 0 (closed) to 1 (wide open).
        visible: (n,) float64, the probability that the eye is visible.
        spread: (n,) float64, the expected error of the pupil, in eye distances.
        entropy: (n,) float64, the entropy of the pupil's heatmap in nats; None if it was not asked
            for, or the file does not give it.
        features: (n, d) float64, what the network saw; None as above.

    """

    points: NDArray[np.float64]
    openness: NDArray[np.float64]
    visible: NDArray[np.float64]
    spread: NDArray[np.float64]
    entropy: NDArray[np.float64] | None = None
    features: NDArray[np.float64] | None = None

    @property
    def pupils(self) -> NDArray[np.float64]:
        """The pupils (n, 2): the only point, or the middle one of three."""
        return self.points[:, self.points.shape[1] // 2]

    @property
    def corners(self) -> NDArray[np.float64] | None:
        """The corners (n, 2, 2) at the temple and at the nose; None without corners."""
        return self.points[:, [0, 2]] if self.points.shape[1] == 3 else None

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Probability (n,) that the eye is visible and its pupil within 0.05 eye distances.

        It is ``visible · (1 − exp(−π/4 · (0.05 / spread)²))``: if x and y of the error are
        normal, its length has a Rayleigh distribution, whose mean is the spread.
        """
        ratio = _NEAR / np.maximum(self.spread, _LEAST_SPREAD)
        return self.visible * -np.expm1(-math.pi / 4 * ratio**2)


class EyeNetwork:
    """A pupil network from an ONNX file in the format of :mod:`closeup.pupils.network_file`.

    Safe for use from several threads.

    Attributes:
        name: Name of the method, as in ``--method``, or of the file.
        shape: Shape of the crops that it takes; left eyes are mirrored.

    Args:
        model: The bytes of the ONNX file.
        file: Name of the file in error messages.
        name: Name of the method; by default ``file``.
        threads: Threads inside one operator; None: one per processor. The network is so small
            that more than one thread does not speed up a picture of few faces.

    Raises:
        ModelCorruptError: onnxruntime cannot run the file.
        ModelError: the file is not a network for pupils, has another version, or its outputs have
            wrong shapes.

    """

    def __init__(self, model: bytes, file: str, name: str = "", *, threads: int | None = 1) -> None:
        self.name = name or file
        try:
            self._network = Network(model, file, threads)
        except ModelCorruptError as error:
            raise ModelCorruptError(
                f"onnxruntime cannot run {file}: it is damaged or no ONNX file; copy it again, "
                "or train it again with: closeup train pupils"
            ) from error
        self._file = described(self._network, file)
        self.shape = self._file.shape
        self._more = tuple(name for name in OPTIONAL_OUTPUTS if name in self._network.outputs)
        self._try(file)

    def read(self, crops: Sequence[EyeCrop], *, describe: bool = False) -> EyeReadings:
        """Run the network on crops.

        Args:
            crops: Crops by :func:`closeup.pupils.eye_crops.eye_crops` with :attr:`shape`, left
                eyes mirrored.
            describe: Whether entropy and features are wanted, too.

        """
        more = self._more if describe else ()
        eyes = np.empty((len(crops), self._file.size.height, self._file.size.width), np.uint8)
        for row, crop in zip(eyes, crops, strict=True):
            row[:] = _grey(crop)
        if not len(eyes):
            none = np.empty(0)
            return EyeReadings(np.empty((0, self._file.points, 2)), none, none, none)
        parts = range(0, len(eyes), _MOST_EYES)
        runs = [self._run(eyes[i : i + _MOST_EYES], more) for i in parts]
        read = {name: np.concatenate([run[name] for run in runs]) for name in OUTPUTS + more}
        points = in_pixels(read.pop("points"), self._file.size)
        return EyeReadings(points, **read)

    def locate(self, crop: EyeCrop, steps: Steps | None = None) -> Located:
        """See :class:`closeup.pupils.method.EyeMethod`."""
        (located,) = self.locate_all([crop])
        if steps:
            eye = crop.unmirrored()
            steps.show("eye", eye.pixels)
            steps.show("grey, mirrored" if crop.mirrored else "grey", _grey(crop))
            if located.point is None:
                steps.show(located.reason, eye.pixels)
            else:
                x, y = eye.to_crop(crop.to_source(located.point)).tolist()
                steps.show("result", eye.pixels, (x, y))
        return located

    def locate_all(self, crops: Sequence[EyeCrop]) -> list[Located]:
        """The results of :meth:`locate` for several crops, in as few runs as possible."""
        readings = self.read(crops)
        return [
            Located(point, confidence, openness)
            if visible >= _LEAST_VISIBLE
            else Located(None, openness=openness, reason="no eye to be seen: closed or hidden")
            for point, confidence, openness, visible in zip(
                readings.pupils,
                readings.confidence.tolist(),
                readings.openness.tolist(),
                readings.visible.tolist(),
                strict=True,
            )
        ]

    def _run(
        self, eyes: NDArray[np.uint8], more: tuple[str, ...]
    ) -> dict[str, NDArray[np.float64]]:
        given = self._network.run(*OUTPUTS, *more, **{INPUT: eyes})
        return {name: values.astype(np.float64) for name, values in given.items()}

    def _try(self, file: str) -> None:
        """Raise ModelError if the outputs for two eyes have wrong shapes or are not finite."""
        size = self._file.size
        ramp = np.linspace(0, 255, size.width).astype(np.uint8)
        try:
            given = self._run(np.tile(ramp, (2, size.height, 1)), self._more)
        except UNSUITED as error:
            raise ModelError(
                f"{file} cannot process two eyes of {size} pixels, uint8; export it again"
            ) from error
        for output, values in given.items():
            shape = {"points": (2, self._file.points, 2), "features": (2, values.shape[-1])}
            expected = shape.get(output, (2,))
            if values.shape != expected:
                raise ModelError(
                    f"{file}: its output {output!r} is {values.shape} for two eyes, not "
                    f"{expected}; export it again"
                )
            if not np.isfinite(values).all():
                raise ModelError(f"{file}: its output {output!r} is no number; train it again")


class NetworkPupilFinder(CropPupilFinder):
    """Cuts out both eyes of all faces and finds their pupils in one run of a network.

    Args:
        network: Finds the pupil in a crop.
        landmarker: dlib's five or sixty-eight points.

    """

    def __init__(self, network: EyeNetwork, landmarker: Landmarker) -> None:
        super().__init__(network, landmarker, network.shape, mirror_left=True, demands=OF_NETWORKS)
        self._network = network

    def _locate(self, crops: Sequence[EyeCrop]) -> list[Located]:
        return self._network.locate_all(crops)


def _grey(crop: EyeCrop) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(crop.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
