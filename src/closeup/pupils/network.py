"""Pupils by a trained network that looks at all eyes of a picture at once."""

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
from closeup.pupils.network_file import INPUT, OUTPUTS, described
from closeup.pupils.visibility import Demands

_MOST_EYES = 64
"""In one run; it bounds the memory that a picture of a crowd takes."""

_LEAST_VISIBLE = 0.5
"""Where it is likelier that there is no eye to be seen, no point is told."""

_DEMANDS = Demands(profile=1.2, apart=0.45)
"""Less than darkness demands: the crop shows the surroundings of the eye. Of 3,361 training photos,
asked of networks that had not learnt from the person, eyes in between were right within 0.05 in 9
of 12, and still within 0.12 in all; beyond them errors reach 0.2 and more. Halves of faces, cut
by an edge, say the same: where corners were 0.3 to 0.45 off, the better eye was right in 16 of 29,
up to 0.6 in 4 of 20, beyond in none of 95. Dark glasses have no contrast: they are left alone."""

_NEAR = 0.05
"""Eye distances: the error up to which a pupil counts as found in the literature."""


_LEAST_SPREAD = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class EyeReadings:
    """What a network says of n eye crops.

    Attributes:
        points: (n, k, 2) float64, x and y in the crop's pixels;
            :meth:`closeup.pupils.eye_crops.EyeCrop.to_source` leads back. One point is the
            pupil; three are left corner, pupil and right corner as seen in the crop.
        openness: (n,) float64 from 0 (closed) to 1 (wide open).
        visible: (n,) float64, the probability that an eye can be seen there.
        spread: (n,) float64, the error that the network expects of its pupil, in eye distances.

    """

    points: NDArray[np.float64]
    openness: NDArray[np.float64]
    visible: NDArray[np.float64]
    spread: NDArray[np.float64]

    @property
    def pupils(self) -> NDArray[np.float64]:
        """(n, 2): the one point, or that in the middle."""
        return self.points[:, self.points.shape[1] // 2]

    @property
    def corners(self) -> NDArray[np.float64] | None:
        """(n, 2, 2): the corner at the temple, then that at the nose; None without corners."""
        return self.points[:, [0, 2]] if self.points.shape[1] == 3 else None

    @property
    def confidence(self) -> NDArray[np.float64]:
        """(n,) in 0..1: how likely an eye is there and its pupil right within 0.05 distances.

        That is ``visible · (1 − exp(−π/4 · (0.05 / spread)²))``: errors whose x and y are
        normal have lengths of a Rayleigh distribution, and its mean is the spread.
        """
        ratio = _NEAR / np.maximum(self.spread, _LEAST_SPREAD)
        return self.visible * -np.expm1(-math.pi / 4 * ratio**2)


class EyeNetwork:
    """A network that was trained on eye crops, in the form of :mod:`closeup.pupils.network_file`.

    Any thread may call it.

    Attributes:
        name: As in ``--method``, or what tells one file from another.
        shape: Of the crops that it takes; left eyes are mirrored.

    Args:
        model: The bytes of the ONNX file.
        file: How error messages call it.
        name: By default ``file``.
        threads: Threads inside one operator, None for one a processor. The network is so small
            that more than one help no picture of few faces.

    Raises:
        ModelCorruptError: onnxruntime cannot run the file.
        ModelError: it is no network for pupils, of another version, or its outputs are of other
            shapes than they should be.

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
        self._try(file)

    def read(self, crops: Sequence[EyeCrop]) -> EyeReadings:
        """Points, openness and doubts for each crop.

        Args:
            crops: As :func:`closeup.pupils.eye_crops.eye_crops` cuts them with :attr:`shape`,
                left eyes mirrored.

        """
        eyes = np.empty((len(crops), self._file.size.height, self._file.size.width), np.uint8)
        for row, crop in zip(eyes, crops, strict=True):
            row[:] = _grey(crop)
        runs = [self._run(eyes[i : i + _MOST_EYES]) for i in range(0, len(eyes), _MOST_EYES)]
        if not runs:
            none = np.empty(0)
            return EyeReadings(np.empty((0, self._file.points, 2)), none, none, none)
        points, openness, visible, spread = map(np.concatenate, zip(*runs, strict=True))
        return EyeReadings(in_pixels(points, self._file.size), openness, visible, spread)

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
        """What :meth:`locate` says of each crop, by as few runs as there can be."""
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

    def _run(self, eyes: NDArray[np.uint8]) -> list[NDArray[np.float64]]:
        given = self._network.run(**{INPUT: eyes})
        return [given[output].astype(np.float64) for output in OUTPUTS]

    def _try(self, file: str) -> None:
        """Refuse what gives other shapes than it should, or no numbers."""
        size = self._file.size
        ramp = np.linspace(0, 255, size.width).astype(np.uint8)
        try:
            given = self._run(np.tile(ramp, (2, size.height, 1)))
        except UNSUITED as error:
            raise ModelError(
                f"{file} cannot look at two eyes of {size} pixels, uint8; export it again"
            ) from error
        expected = [(2, self._file.points, 2), (2,), (2,), (2,)]
        for output, values, shape in zip(OUTPUTS, given, expected, strict=True):
            if values.shape != shape:
                raise ModelError(
                    f"{file}: its output {output!r} is {values.shape} for two eyes, not {shape}; "
                    "export it again"
                )
            if not np.isfinite(values).all():
                raise ModelError(f"{file}: its output {output!r} is no number; train it again")


class NetworkPupilFinder(CropPupilFinder):
    """Cuts out both eyes of all faces and has a network look at them together.

    Args:
        network: Finds the pupil in a crop.
        landmarker: dlib's five or sixty-eight points.

    """

    def __init__(self, network: EyeNetwork, landmarker: Landmarker) -> None:
        super().__init__(network, landmarker, network.shape, mirror_left=True, demands=_DEMANDS)
        self._network = network

    def _locate(self, crops: Sequence[EyeCrop]) -> list[Located]:
        return self._network.locate_all(crops)


def _grey(crop: EyeCrop) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(crop.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
