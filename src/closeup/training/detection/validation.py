"""How well a detector does on pictures that it has not learnt from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from closeup.detections import Detections
from closeup.frames import RGBImage
from closeup.geometry import Size, centres_of, sides_of
from closeup.labels import PictureLabels
from closeup.metrics.average_precision import AveragePrecision, average_precision
from closeup.metrics.recall import recall_at
from closeup.training.detection.batching import PlainBatches
from closeup.training.detection.decode import detections, grid_of
from closeup.training.detection.network import DetectionNetwork, as_input
from closeup.training.detection.pictures import USUAL_MEMORY
from closeup.training.detection.samples import DetectionSet

_BATCH = 8
_SCORE_THRESHOLD = 0.01
"""Boxes below do not count while training: they change no figure by what matters, and an
untrained network gives every cell a little score."""


@dataclass(frozen=True, slots=True, eq=False)
class ValidationOutcome:
    """What a detector found in held-out pictures, all in pixels of the canvas.

    Attributes:
        found: In each picture.
        truth: Labels of each picture.
        precision: What that makes.
        points: Mean distance of the key points that can be seen from where they are, over the
            square root of the box's area, of the boxes that were found; NaN without any.

    """

    found: list[Detections]
    truth: list[PictureLabels]
    precision: AveragePrecision
    points: float


class DetectionValidation:
    """Held-out pictures as prediction sees them.

    Args:
        samples: With labels; one box at least.
        canvas: What the network sees; whole strides.
        memory: Bytes of decoded pictures to keep.

    """

    def __init__(self, samples: DetectionSet, canvas: Size, memory: int = USUAL_MEMORY) -> None:
        self.samples = samples
        self._batches = PlainBatches(samples, canvas, memory=memory)

    def judge(self, network: DetectionNetwork) -> dict[str, float]:
        """Figures of a network.

        Returns:
            ``map50`` and ``map50_95``; ``map_lack``, what the mean of both lacks to 1;
            ``recall``, the share of boxes found at one false box a picture; with key points
            ``point_error``, their mean distance in sides of the box.

        """
        judged = self.answers(network)
        precision = judged.precision
        figures = {
            "map50": precision.map50,
            "map50_95": precision.map50_95,
            "map_lack": 1 - (precision.map50 + precision.map50_95) / 2,
            "recall": recall_at(judged.found, judged.truth, 1.0).recall,
        }
        if self.samples.points and np.isfinite(judged.points):
            figures["point_error"] = judged.points
        return figures

    def picture(self, index: int) -> RGBImage:
        """One of the pictures as the network sees it, (H, W, 3)."""
        return self._batches.picture(index)

    @torch.no_grad()
    def answers(self, network: DetectionNetwork) -> ValidationOutcome:
        """What a network, which is left in the mode for use, says of all pictures."""
        network.eval()
        device = next(network.parameters()).device
        found: list[Detections] = []
        truth: list[PictureLabels] = []
        away: list[NDArray[np.float64]] = []
        for batch in self._batches.batches(_BATCH):
            images = as_input(batch["images"].to(device))
            grid = grid_of(images, network.strides)
            told = detections(network(images), grid, score_threshold=_SCORE_THRESHOLD)
            for number, own in enumerate(told):
                rows = (batch["owner"] == number).numpy()
                labels = PictureLabels.of(
                    *(batch[part].numpy()[rows] for part in ("boxes", "classes", "points"))
                )
                found.append(own)
                truth.append(labels)
                away.append(_point_errors(own, labels))
        errors = np.concatenate([np.empty(0), *away])
        precision = average_precision(found, truth, self.samples.names)
        return ValidationOutcome(
            found, truth, precision, float(errors.mean()) if len(errors) else np.nan
        )


def _point_errors(found: Detections, labels: PictureLabels) -> NDArray[np.float64]:
    """Distances of visible key points, in sides of the box, of boxes that a detection hits."""
    if not len(labels) or not len(found) or found.points is None or not labels.points.shape[1]:
        return np.empty(0)
    middles, own = centres_of(found.boxes), centres_of(labels.boxes)
    sides = np.sqrt(np.prod(sides_of(labels.boxes), axis=1))
    apart = np.hypot(*np.moveaxis(middles[None] - own[:, None], 2, 0))
    nearest = apart.argmin(1)
    near = apart[np.arange(len(own)), nearest] < sides / 4
    away = found.points[nearest][..., :2] - labels.points[..., :2]
    errors = np.hypot(*np.moveaxis(away, 2, 0))
    shown = (labels.points[..., 2] > 1) & near[:, None]
    return np.asarray((errors / sides[:, None])[shown], np.float64)
