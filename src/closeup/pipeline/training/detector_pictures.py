"""Pictures of a detector's training samples, and of its predictions on held-out pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from closeup.detections import Detections
from closeup.evaluation.detection_sheet import Shown, detection_sheet
from closeup.evaluation.plots import draw_confusion
from closeup.files.atomic import replacing
from closeup.labels import PictureLabels
from closeup.media.images import write_image
from closeup.metrics.average_precision import confusion

if TYPE_CHECKING:
    from closeup.training.detection.samples import DetectionSet
    from closeup.training.detection.task import DetectionTrainingTask
    from closeup.training.detection.validation import DetectionValidation, ValidationOutcome

SAMPLES, PREDICTIONS, CONFUSION = "samples.png", "predictions.png", "confusion.png"

_SHOWN = 16
_SCORE_THRESHOLD = 0.25


def draw_samples(folder: Path, task: DetectionTrainingTask, samples: DetectionSet) -> None:
    """Write ``samples.png``: the first training samples with their labels.

    Raises:
        OutputError: the picture cannot be written.

    """
    batch = next(iter(task.batches(0, min(_SHOWN, len(samples)))))
    shown = []
    for number, image in enumerate(batch["images"].numpy()):
        rows = (batch["owner"] == number).numpy()
        boxes, classes = batch["boxes"].numpy()[rows], batch["classes"].numpy()[rows]
        truth = PictureLabels.of(boxes, classes)
        shown.append(
            Shown(f"{len(boxes)} boxes", image.transpose(1, 2, 0), Detections.none(), truth)
        )
    write_image(folder / SAMPLES, detection_sheet(shown, samples.names))


def draw_validation(
    folder: Path, validation: DetectionValidation, judged: ValidationOutcome
) -> None:
    """Write ``predictions.png``, evenly chosen held-out pictures, and ``confusion.png``.

    Raises:
        OutputError: a picture cannot be written.

    """
    samples = validation.samples
    chosen = np.unique(np.linspace(0, len(samples) - 1, _SHOWN).round().astype(int)).tolist()
    shown = [
        Shown(
            samples.paths[number].name,
            validation.picture(number),
            judged.found[number],
            judged.truth[number],
        )
        for number in chosen
    ]
    write_image(
        folder / PREDICTIONS,
        detection_sheet(shown, samples.names, score_threshold=_SCORE_THRESHOLD),
    )
    counts = confusion(judged.found, judged.truth, samples.names, _SCORE_THRESHOLD)
    with replacing(folder / CONFUSION) as temporary:
        draw_confusion(temporary, counts, samples.names)
