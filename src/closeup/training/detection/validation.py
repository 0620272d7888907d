"""Validation of a detector on held-out pictures."""

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
"""Boxes of a lower score are dropped during training: they hardly change a figure, and an untrained
network gives every cell a low score."""


@dataclass(frozen=True, slots=True, eq=False)
class ValidationOutcome:
    """Detections in held-out pictures, in pixels of the canvas, with their figures.

    Attributes:
        found: Detections in each picture.
        truth: Labels of each picture.
        precision: Average precision of the detections.
        points: Mean error of the visible key points of the found boxes, relative to the square
            root of the box's area; NaN without such points.

    """

    found: list[Detections]
    truth: list[PictureLabels]
    precision: AveragePrecision
    points: float


class DetectionValidation:
    """Evaluates networks on held-out pictures, letterboxed as for prediction.

    Args:
        samples: Held-out pictures with at least one labelled box.
        canvas: Size of the network's input; the sides are multiples of 32.
        memory: Bytes of decoded pictures to keep.

    """

    def __init__(self, samples: DetectionSet, canvas: Size, memory: int = USUAL_MEMORY) -> None:
        self.samples = samples
        self._batches = PlainBatches(samples, canvas, memory=memory)

    def judge(self, network: DetectionNetwork) -> dict[str, float]:
        """Figures of a network.

        Returns:
            ``map50`` and ``map50_95``; ``map_lack``, 1 minus the mean of both; ``recall``, the
            share of boxes found at one false box per picture; with key points also
            ``point_error``, their mean error in sides of the box.

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
        """One picture as the network's input, RGB uint8 (H, W, 3)."""
        return self._batches.picture(index)

    @torch.no_grad()
    def answers(self, network: DetectionNetwork) -> ValidationOutcome:
        """Detections of a network in all pictures; the network is left in evaluation mode."""
        network.eval()
        device = next(network.parameters()).device
        found: list[Detections] = []
        truth: list[PictureLabels] = []
        away: list[NDArray[np.float64]] = []
        for batch in self._batches.batches(_BATCH):
            images = as_input(batch["images"].to(device))
            grid = grid_of(images, network.strides)
            batch_found = detections(network(images), grid, score_threshold=_SCORE_THRESHOLD)
            for number, own in enumerate(batch_found):
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
    """Errors of visible key points, in sides of the box, for boxes with a detection near."""
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
