"""Judges proposed labels by a trained network, and shows where it looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.annotations import Annotation
from closeup.errors import ModelError
from closeup.frames import RGBImage
from closeup.labelling.label_crops import LabelCropper, LabelCrops, label_crop
from closeup.labelling.quality_file import INPUT, OUTPUTS, described
from closeup.models.sessions import UNSUITED, Network

_AT_ONCE = 64
"""Crops of one run."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelQuality:
    """What a network says of n labels.

    Attributes:
        bad: (n,) float64, the probability that a label is wrong.
        maps: (n, h, w) float64, what each part of a crop adds to the logit of that probability.

    """

    bad: NDArray[np.float64]
    maps: NDArray[np.float64]


class LabelQualityNetwork:
    """A network from an ONNX file in the format of :mod:`closeup.labelling.quality_file`.

    Safe for use from several threads.

    Attributes:
        cropper: Cuts out labels for the network.

    Args:
        model: The bytes of the ONNX file.
        file: Name of the file in error messages.
        picture_width: Width of the pictures in eye distances, if they are those of an eye data
            set; else None.
        threads: Threads inside one operator.

    Raises:
        ModelCorruptError: onnxruntime cannot run the file.
        ModelError: the file is not such a network, is of another version, or judges labels of other
            pictures.

    """

    def __init__(
        self, model: bytes, file: str, picture_width: float | None = None, *, threads: int = 1
    ) -> None:
        self._network, self._name = Network(model, file, threads), file
        said = described(self._network, file)
        try:
            self.cropper: LabelCropper = said.cropper(picture_width)
        except ModelError as error:
            raise ModelError(f"{file}: {error}") from None

    def assess(self, crops: LabelCrops) -> LabelQuality:
        """Judge crops (n, H, W, 4).

        Raises:
            ModelError: the network does not give what it promises.

        """
        runs = [self._run(crops[i : i + _AT_ONCE]) for i in range(0, max(len(crops), 1), _AT_ONCE)]
        bad, maps = map(np.concatenate, zip(*runs, strict=True))
        return LabelQuality(bad, maps)

    def assess_label(self, image: RGBImage, annotation: Annotation) -> LabelQuality | None:
        """Judge one label of a picture; None if it has no point and no box."""
        crop = label_crop(image, annotation, self.cropper)
        return None if crop is None else self.assess(crop[None])

    def _run(self, crops: LabelCrops) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        try:
            given = self._network.run(**{INPUT: np.ascontiguousarray(crops)})
            bad, maps = (given[name].astype(np.float64) for name in OUTPUTS)
        except (*UNSUITED, KeyError) as error:
            raise ModelError(f"{self._name} cannot judge crops {crops.shape}: {error}") from error
        if bad.shape != (len(crops),) or maps.ndim != 3 or not np.isfinite(bad).all():
            raise ModelError(
                f"{self._name}: its outputs {bad.shape} and {maps.shape} are not those of "
                f"{len(crops)} labels; train it again"
            )
        return bad, maps
